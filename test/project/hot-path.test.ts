import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import { sharedEnsemble } from '../support/ensembles.ts';

const exec = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const bundle = join(root, 'dist', 'bundle');
const recorder = join(root, 'test/support/record-loaded.cjs');

/** What the network needs, and what keeps compiled code: nothing else of Node may be loaded to read a znode. */
const BUILTINS = ['diagnostics_channel', 'net', 'stream', 'stream/promises', 'string_decoder', 'vm', 'zlib'];

/** The rooms of src/ in the one file that every command loads. A new one costs every command: think twice. */
const ROOMS = ['auth', 'cli', 'client', 'jute', 'output', 'protocol', 'znodes'];

let folder: string;
let server: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zksh-hot-'));
  const { connectString } = await sharedEnsemble('standalone');
  const client = await connect(connectString);
  const { path } = await client.create('/hot-', 'data', { mode: 'persistent_sequential' });
  await client.close();
  server = `${connectString}${path}`;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function loadedBy(...argv: string[]): Promise<{ builtins: string[]; files: string[] }> {
  const report = join(folder, 'loaded.json');
  const env = { ...process.env, XDG_CACHE_HOME: join(folder, 'cache'), LOADED: report };
  await exec(process.execPath, ['--require', recorder, join(root, 'bin/run.cjs'), ...argv], { env });
  return JSON.parse(readFileSync(report, 'utf8'));
}

/** The sources that a file of the bundle was made of. */
function sourcesOf(file: string): string[] {
  const { sources } = JSON.parse(readFileSync(join(bundle, `${file}.map`), 'utf8'));
  return sources.map((source: string) => join(bundle, source).slice(root.length));
}

describe('zksh get from a cold process', () => {
  // The first run compiles, and those after it find what it kept.
  it.each(['the first time', 'and again'])(
    'loads one file of the bundle, and of Node what the network needs (%s)',
    async () => {
      const { builtins, files } = await loadedBy('get', '/', '-S', server);
      expect(builtins.filter((name) => !BUILTINS.includes(name))).toEqual([]);
      const ours = files.filter((file) => file.startsWith(root) && !file.includes(`${sep}.cache${sep}`));
      expect(
        ours.map((file) => basename(file)).filter((name) => !['run.cjs', 'code-cache.cjs'].includes(name)),
      ).toEqual(['zksh.cjs']);
      expect(
        files.filter((file) => file.endsWith('package.json') && dirname(file) !== root.replace(/\/$/, '')),
      ).toEqual([]);
    },
  );

  it('loads one small file more for another command', async () => {
    const { builtins, files } = await loadedBy('ls', '/', '-S', server);
    expect(builtins.filter((name) => !BUILTINS.includes(name))).toEqual([]);
    const loaded = files.filter((file) => file.startsWith(bundle)).map((file) => basename(file));
    expect(loaded.filter((name) => name !== 'shared.cjs')).toEqual(['zksh.cjs', 'command-ls.cjs']);
  });

  it('has nothing in that file but the client, what a command is made of, and of packages oclif', () => {
    const sources = sourcesOf('zksh.cjs');
    const packages = sources.flatMap((source) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? []);
    expect([...new Set(packages)]).toEqual(['@oclif/core']);
    const rooms = sources.flatMap((source) => /^src\/([^/]+)\//.exec(source)?.[1] ?? []);
    expect([...new Set(rooms)].filter((room) => !ROOMS.includes(room))).toEqual([]);
  });
});
