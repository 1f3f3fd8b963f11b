import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { between, reference, serverErrors, table } from '../../bin/docs.js';
import { ExitCode } from '../../src/protocol/errors.ts';
import { serverErrorCodes } from '../../src/protocol/server-errors.ts';
import { allCommands } from './commands.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string) => readFileSync(join(root, file), 'utf8');

/** The cells of every row of the tables in a page. */
function rows(page: string): string[][] {
  const lines = page.split('\n').filter((line) => line.startsWith('| ') && !line.includes('---'));
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split(' | ')
      .map((cell) => cell.trim()),
  );
}

/** Every `code` that src/ and commands/ throw, as they are written there. */
function thrownCodes(): string[] {
  const files = ['src', 'commands'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => read(join(folder, file))),
  );
  const written = files.flatMap((source) =>
    [
      ...source.matchAll(
        /(?:\bcode: |(?:Protocol|Transport)Error\(\s*)'([A-Z][A-Z0-9_]+)'|'((?:HOST|SUDO|GATE)_[A-Z_]+)'/g,
      ),
    ].map((m) => (m[1] ?? m[2])!),
  );
  return [...new Set([...written, ...serverErrorCodes.map(({ code }) => code)])].sort();
}

describe('the generated pages', () => {
  it('commands/README.md is what `npm run docs` writes', async () => {
    expect(read('commands/README.md')).toBe(reference(await allCommands()));
  });

  it('README.md has the table that `npm run docs` writes', async () => {
    const page = read('README.md');
    expect(page).toBe(between(page, 'commands', table(await allCommands())));
  });

  it('commands/errors.md has the table that `npm run docs` writes', () => {
    const page = read('commands/errors.md');
    expect(page).toBe(between(page, 'server errors', serverErrors(serverErrorCodes, page)));
  });
});

describe('the example of the library in README.md', () => {
  it('is library-example.ts, which is checked against the types', () => {
    expect(read('README.md')).toContain(`\`\`\`ts\n${read('test/project/library-example.ts')}\`\`\``);
  });
});

describe('the exit codes in README.md', () => {
  it('are those of the code', () => {
    const documented = rows(read('README.md')).flatMap(([code = '']) => (/^\d+$/.test(code) ? [Number(code)] : []));
    expect(documented).toEqual(Object.values(ExitCode));
  });
});

describe('the error codes in commands/errors.md', () => {
  const documented = rows(read('commands/errors.md')).flatMap(([code = '', exit]) =>
    /^`[A-Z]/.test(code) ? [{ code: code.replaceAll('`', ''), exit: Number(exit) }] : [],
  );

  it('are all that can be thrown, and no others', () => {
    expect(documented.map(({ code }) => code).sort()).toEqual(thrownCodes());
  });

  it('each name an exit code', () => {
    const known: readonly number[] = Object.values(ExitCode);
    expect(documented.filter(({ exit }) => !known.includes(exit))).toEqual([]);
  });
});
