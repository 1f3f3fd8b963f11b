import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { parseProperties, printProperties } from '../../../src/config/properties-file.ts';
import { editedFile, unifiedDiff } from '../../../src/config/tune/patch.ts';

const directory = mkdtempSync(join(tmpdir(), 'zksh-patch-'));
const hasPatch = spawnSync('patch', ['--version']).status === 0;
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** What GNU patch makes of a file. */
function applied(text: string, patch: string): string {
  const path = join(directory, 'zoo.cfg');
  writeFileSync(path, text, 'latin1');
  if (patch === '') return text;
  const ran = spawnSync('patch', ['-p0', '--no-backup-if-mismatch'], {
    cwd: directory,
    input: Buffer.from(patch, 'latin1'),
  });
  if (ran.status !== 0) throw new Error(`${ran.stdout}${ran.stderr}\n${JSON.stringify(patch)}`);
  return readFileSync(path, 'latin1');
}

function change(text: string, edits: Record<string, string>): { patch: string; after: string } {
  const before = parseProperties(text);
  const after = editedFile(
    before,
    Object.entries(edits).map(([key, value]) => ({ key, value })),
  );
  return { patch: unifiedDiff('zoo.cfg', before, after), after: printProperties(after) };
}

const line = fc.constantFrom(
  '# comment \xe9\n',
  'tickTime=2000\n',
  ' initLimit : 10\r\n',
  'syncLimit=5\r',
  '\n',
  '\r\n',
  'dataDir=/srv/\\\n   zk\n',
  '! other\n',
  'snapCount 100000\n',
  'autopurge.purgeInterval=0',
  'x=1\n',
  'y=2\n',
  'z=3\n',
);
const file = fc.array(line, { maxLength: 14 }).map((lines) => lines.join(''));
const edits = fc.dictionary(
  fc.constantFrom('tickTime', 'initLimit', 'syncLimit', 'snapCount', 'autopurge.purgeInterval', 'dataDir'),
  fc.constantFrom('1', '24', '/srv/other', 'C:\\zk'),
);

describe('an edited configuration file', () => {
  it('differs in the lines that were edited alone, byte for byte', () => {
    fc.assert(
      fc.property(file, edits, (text, wanted) => {
        const before = parseProperties(text);
        const after = editedFile(
          before,
          Object.entries(wanted).map(([key, value]) => ({ key, value })),
        );
        for (const [i, piece] of before.entries()) {
          const edited = piece.kind === 'entry' && piece.key in wanted;
          const now = after[i]?.raw ?? '';
          // The last line may get the line end it lacked.
          if (i === before.length - 1 && !edited) expect(now.startsWith(piece.raw)).toBe(true);
          else if (!edited) expect(now).toBe(piece.raw);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the patch of a configuration file', () => {
  it('has the lines that change and three around them', () => {
    const text = `# head\n${Array.from({ length: 9 }, (_, i) => `k${i}=${i}\n`).join('')}`;
    expect(change(text, { k5: '50', k9: '9' }).patch).toBe(
      [
        '--- zoo.cfg',
        '+++ zoo.cfg',
        '@@ -4,7 +4,8 @@',
        ' k2=2',
        ' k3=3',
        ' k4=4',
        '-k5=5',
        '+k5=50',
        ' k6=6',
        ' k7=7',
        ' k8=8',
        '+k9=9',
        '',
      ].join('\n'),
    );
  });

  it('is empty where nothing changes', () => {
    expect(change('a=1\n', { a: '1' }).patch).toBe('');
    expect(change('', {}).patch).toBe('');
  });

  it('says where a file ends without a line feed', () => {
    expect(change('a=1', { b: '2' }).patch).toBe(
      '--- zoo.cfg\n+++ zoo.cfg\n@@ -1,1 +1,2 @@\n-a=1\n\\ No newline at end of file\n+a=1\n+b=2\n\\ No newline at end of file\n',
    );
  });

  it.skipIf(!hasPatch)('is applied by patch, whatever the line ends and the encoding', () => {
    fc.assert(
      fc.property(file, edits, (text, wanted) => {
        const { patch, after } = change(text, wanted);
        expect(applied(text, patch)).toBe(after);
      }),
      { numRuns: 150 },
    );
  });
});
