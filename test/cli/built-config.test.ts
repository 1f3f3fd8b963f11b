import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Interfaces } from '@oclif/core';
import { Config } from '@oclif/core/config';
import { beforeAll, describe, expect, it } from 'vitest';
import { BuiltConfig } from '../../src/cli/built-config.ts';
import { findCommand } from '../../src/cli/find-command.ts';
import { commandHelp, rootHelp, topicHelp } from '../../src/cli/help-text.ts';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const read = (file: string) => JSON.parse(readFileSync(`${root}/${file}`, 'utf8'));

class Get {
  static id = '';
  readonly id = Get.id;
}

let manifestRead = 0;
let built: BuiltConfig;
let real: Config;

beforeAll(async () => {
  const manifest: Interfaces.Manifest = read('oclif.manifest.json');
  const modules = Object.fromEntries(
    Object.keys(manifest.commands).map((id) => [id, async () => ({ default: Get as never })]),
  );
  const aliases = Object.fromEntries(
    Object.entries(manifest.commands).flatMap(([id, { aliases: others }]) =>
      (others ?? []).map((alias) => [alias.replaceAll(' ', ':'), id]),
    ),
  );
  const readManifest = () => {
    manifestRead += 1;
    return structuredClone(manifest);
  };
  built = new BuiltConfig({ pjson: read('package.json'), modules, aliases, manifest: readManifest }, root);
  real = await Config.load({ root });
});

/** Everything about a command but its loader. */
function plain(command: object): unknown {
  return JSON.parse(JSON.stringify(command));
}

describe('the Config of a build', () => {
  it('starts a command, by its id or an alias, without the manifest', async () => {
    const before = manifestRead;
    const { id, rest } = findCommand({ findCommand: (name) => built.startable(name) }, ['context', 'list', '-q']);
    expect({ id, rest }).toEqual({ id: 'context:list', rest: ['-q'] });
    expect((await built.startable('rmr')?.load())?.id).toBe('deleteall');
    expect((await built.startable('context:list')?.load())?.id).toBe('context:list');
    expect(built.startable('nope')).toBeUndefined();
    expect(built.startable('toString')).toBeUndefined();
    expect(manifestRead).toBe(before);
  });

  it('finds the same commands as oclif does', () => {
    for (const id of [...real.commandIDs, 'nope', 'toString', 'context', 'context:nope']) {
      expect(built.startable(id)?.id, id).toBe(real.findCommand(id)?.id);
    }
  });

  it('has the same commands and topics as what oclif loads, and the manifest read once', () => {
    expect(built.commands.map(plain)).toEqual(real.commands.map(plain));
    expect(built.commandIDs).toEqual(real.commandIDs);
    expect(built.topics).toEqual(real.topics);
    expect(built.getAllCommandIDs()).toEqual(real.getAllCommandIDs());
    expect(built.findMatches('list', [])).toEqual(real.findMatches('list', []));
    expect(manifestRead).toBe(1);
  });

  it.each([
    'name',
    'version',
    'channel',
    'valid',
    'bin',
    'dirname',
    'topicSeparator',
    'flexibleTaxonomy',
    'root',
  ] as const)('knows the same %s', (field) => {
    expect(built[field]).toEqual(real[field]);
  });

  it('runs no hooks, as there are none', async () => {
    expect(read('package.json').oclif.hooks).toBeUndefined();
    const options = { argv: [], options: {} } as never;
    expect(await built.runHook('preparse', options)).toEqual(await real.runHook('preparse', options));
  });

  it('gives the same help', async () => {
    expect(await rootHelp(built)).toBe(await rootHelp(real));
    for (const topic of real.topics) {
      expect(await topicHelp(built, topic)).toBe(await topicHelp(real, topic));
    }
    for (const id of ['get', 'rmr', 'context:add', 'local:up']) {
      const [one, other] = [built, real].map((config) => config.findCommand(id, { must: true }));
      expect(await commandHelp(built, one!)).toBe(await commandHelp(real, other!));
    }
  });
});
