import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import { ZKSH } from '../support/built.ts';
import { sharedEnsemble } from '../support/ensembles.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The commands of README.md's console blocks, each with the lines that it is shown to print. */
function steps(page: string): { command: string; shown: string[] }[] {
  const blocks = [...page.matchAll(/^```console\n([\s\S]*?)^```/gm)].map((match) => match[1]!);
  const found: { command: string; shown: string[] }[] = [];
  for (const line of blocks.join('').trimEnd().split('\n')) {
    if (line.startsWith('$ ')) found.push({ command: line.slice(2), shown: [] });
    else found.at(-1)?.shown.push(line);
  }
  return found;
}

/** A line `…` stands for any lines; all else is meant as it is. */
function pattern(shown: readonly string[]): RegExp {
  const lines = shown.map((line) => (line === '…' ? '(?:.*\n)*?' : `${line.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}\n`));
  return new RegExp(`^${lines.join('')}$`);
}

let folder: string;
let server: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'zksh-tour-'));
  const zksh = join(folder, 'zksh');
  writeFileSync(zksh, `#!/bin/sh\nexec ${ZKSH.join(' ')} "$@"\n`);
  chmodSync(zksh, 0o755);
  const { connectString } = await sharedEnsemble('three');
  const client = await connect(connectString);
  const { path } = await client.create('/tour-', '', { mode: 'persistent_sequential' });
  await client.close();
  server = `${connectString}${path}`;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a shell prints, both streams together as on a terminal. */
function shell(command: string): Promise<string> {
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, ZKSH_SERVER: server };
  return new Promise((resolve) => {
    execFile('/bin/sh', ['-c', `exec 2>&1; ${command}`], { env, cwd: folder }, (_, stdout) => resolve(stdout));
  });
}

describe('the tour in README.md', () => {
  it('prints what it says', async () => {
    const tour = steps(readFileSync(join(root, 'README.md'), 'utf8'));
    expect(tour.length).toBeGreaterThan(5);
    for (const { command, shown } of tour) {
      expect(await shell(command), `$ ${command}`).toMatch(pattern(shown));
    }
  });
});
