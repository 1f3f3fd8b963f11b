import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The rooms of src/, lowest floor first, each with the rooms it builds on; it may use what those build on, too. */
const ROOMS: Record<string, readonly string[]> = {
  jute: [],
  protocol: ['jute'],
  auth: ['protocol'],
  client: ['auth'],
  znodes: ['client'],
  ensemble: ['client'],
  config: ['ensemble'],
  hosts: ['protocol'],
  inventory: ['config', 'hosts'],
  storage: ['protocol'],
  security: ['client', 'config'],
  change: ['inventory', 'storage', 'security'],
  backup: ['znodes', 'storage', 'change'],
  local: ['inventory'],
  drill: ['backup', 'local'],
  output: ['protocol'],
  cli: ['output', 'znodes', 'change'],
  shell: ['cli', 'output'],
  runbook: ['cli', 'output', 'change'],
};

/** Where a package may be named at all; the library rooms, which name none of these, run in any Node program. */
const PACKAGES: Record<string, readonly string[]> = {
  '@oclif/core': ['cli', 'shell', 'runbook', 'commands'],
  chalk: ['output'],
  inquirer: ['cli', 'shell', 'commands'],
};

/** Rooms that are the library: what they need of the process is handed in. */
const LIBRARY = ['jute', 'protocol', 'auth', 'client'];

/** Slow to load, seldom needed: only by `import()` where they are used, so that `zksh get` starts without them. */
const LAZY = ['inquirer', 'yaml', 'zx', 'node-forge', 'kerberos'];

interface Import {
  specifier: string;
  dynamic: boolean;
  typeOnly: boolean;
}

function importsOf(source: string): Import[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const statements = [...code.matchAll(/^\s*(?:import|export)\s(type\s)?[^;'"]*?from\s+['"]([^'"]+)['"]/gm)];
  const bare = [...code.matchAll(/^\s*import\s+['"]([^'"]+)['"]/gm)];
  // `import('x')` in a type position loads nothing, but couples all the same.
  const dynamic = [...code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)];
  return [
    ...statements.map((m) => ({ specifier: m[2]!, dynamic: false, typeOnly: m[1] !== undefined })),
    ...bare.map((m) => ({ specifier: m[1]!, dynamic: false, typeOnly: false })),
    ...dynamic.map((m) => ({ specifier: m[1]!, dynamic: true, typeOnly: false })),
  ];
}

function below(room: string): Set<string> {
  const found = new Set<string>([room]);
  for (const next of ROOMS[room] ?? []) for (const one of below(next)) found.add(one);
  return found;
}

/** `src/auth/tls.ts` is in `auth`, `commands/ls.ts` in `commands`, `src/index.ts` in `index`. */
function roomOf(file: string): string {
  const [top, room = ''] = file.split('/');
  return top === 'src' ? room.replace(/\.ts$/, '') : String(top);
}

function violations(file: string, source: string): string[] {
  const room = roomOf(file);
  const found: string[] = [];
  for (const { specifier, dynamic, typeOnly } of importsOf(source)) {
    const say = (why: string) => found.push(`${file} imports ${specifier}: ${why}`);
    if (specifier.startsWith('.')) {
      const target = roomOf(join(file, '..', specifier));
      if (target === 'commands' && room !== 'commands') say('src never imports commands');
      else if (room === 'index' && !below('client').has(target)) say('the library ends at client');
      else if (room !== 'commands' && room !== 'index' && target !== 'index' && !below(room).has(target))
        say(`${room} may not use ${target}`);
      if (target === 'index') say('nothing inside imports the package entry');
      continue;
    }
    const name = specifier
      .split('/')
      .slice(0, specifier.startsWith('@') ? 2 : 1)
      .join('/');
    if (name in PACKAGES && !PACKAGES[name]!.includes(room)) say(`${room} may not use ${name}`);
    if (/^(node:)?process$/.test(specifier) && LIBRARY.includes(room)) say('the library never reads the process');
    if (LAZY.includes(name) && !dynamic && !typeOnly) say('load it with import() where it is used');
  }
  return found;
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => `${folder}/${file}`);
}

describe('the layers of the house', () => {
  const files = [...sources('src'), ...sources('commands')];

  it('has every room of src/ in the table', () => {
    const rooms = new Set(files.filter((file) => file.startsWith('src/')).map(roomOf));
    rooms.delete('index');
    expect([...rooms].filter((room) => !(room in ROOMS))).toEqual([]);
  });

  it('imports downward only', () => {
    expect(files.flatMap((file) => violations(file, readFileSync(join(root, file), 'utf8')))).toEqual([]);
  });

  it('keeps every file within 400 lines', () => {
    const long = files.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 401);
    expect(long).toEqual([]);
  });

  it.each([
    ['src/jute/a.ts', `import { x } from '../protocol/b.ts';`, 'jute may not use protocol'],
    ['src/output/a.ts', `import type { x } from '../client/b.ts';`, 'output may not use client'],
    ['src/client/a.ts', `import {\n  x,\n} from '../cli/b.ts';`, 'client may not use cli'],
    ['src/client/a.ts', `const { x } = await import('../cli/b.ts');`, 'client may not use cli'],
    ['src/client/a.ts', `import chalk from 'chalk';`, 'client may not use chalk'],
    ['src/auth/a.ts', `import process from 'node:process';`, 'never reads the process'],
    ['src/cli/a.ts', `import ls from '../../commands/ls.ts';`, 'src never imports commands'],
    ['src/cli/a.ts', `import inquirer from 'inquirer';`, 'load it with import()'],
    ['src/index.ts', `export { x } from './cli/b.ts';`, 'the library ends at client'],
  ])('would refuse in %s: %s', (file, source, why) => {
    expect(violations(file, source).join()).toContain(why);
  });

  it.each([
    ['src/client/a.ts', `import { x } from '../jute/b.ts';\nimport { y } from './c.ts';`],
    ['src/local/a.ts', `import { connect } from '../client/client.ts';`],
    ['src/cli/a.ts', `const { default: inquirer } = await import('inquirer');`],
    ['commands/ls.ts', `import { walk } from '../src/znodes/walk.ts';`],
    ['src/index.ts', `export { connect } from './client/client.ts';`],
  ])('allows in %s: %s', (file, source) => {
    expect(violations(file, source)).toEqual([]);
  });
});
