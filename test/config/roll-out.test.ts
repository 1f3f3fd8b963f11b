import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ConfigFile, readConfigFile } from '../../src/config/member.ts';
import { parseProperties } from '../../src/config/properties-file.ts';
import {
  changedConfig,
  differences,
  keptKeys,
  readConfigChange,
  sameConfig,
} from '../../src/config/roll-out/config-change.ts';
import { isPatch } from '../../src/config/roll-out/patch-edits.ts';
import { editedFile, unifiedDiff } from '../../src/config/tune/patch.ts';

const MEMBER = `# member 1
tickTime=2000
initLimit=10
dataDir=/data/1
clientPort=2181
admin.serverPort=8081
dynamicConfigFile=/conf/zoo.cfg.dynamic.100000000
ssl.keyStore.password=s3cret
`;

const file = (text: string, path = 'zk1: /conf/zoo.cfg'): ConfigFile => readConfigFile(path, text);

function patchOf(before: string, edits: readonly { key: string; value: string }[]): string {
  const pieces = parseProperties(before);
  return unifiedDiff('zoo.cfg', pieces, editedFile(pieces, edits));
}

describe('a whole zoo.cfg for all members', () => {
  const wanted = `# ours
tickTime=3000
dataDir=/somewhere/else
server.1=x:1:2
maxClientCnxns=100
`;

  it('is taken as it is, but for what each member has of its own', () => {
    const change = readConfigChange('new.cfg', wanted);
    expect(changedConfig(file(MEMBER), change)).toBe(`# ours
tickTime=3000
dataDir=/data/1
maxClientCnxns=100
clientPort=2181
admin.serverPort=8081
dynamicConfigFile=/conf/zoo.cfg.dynamic.100000000
ssl.keyStore.password=s3cret
`);
    expect(keptKeys(change)).toEqual(['dataDir', 'server.1']);
  });

  it('is told by what differs, without secrets', () => {
    const after = file(changedConfig(file(MEMBER), readConfigChange('new.cfg', wanted)));
    expect(differences(file(MEMBER), after).map(({ text }) => text)).toEqual([
      'tickTime 2000 → 3000',
      'initLimit 10 → not set',
      'maxClientCnxns not set → 100',
    ]);
    const told = differences(file('ssl.keyStore.password=a\n'), file('ssl.keyStore.password=b\n'));
    expect(told.map(({ text }) => text).join()).not.toMatch(/[ab]$/);
  });

  it('that sets nothing is refused: a wrong file would empty every member', () => {
    expect(() => readConfigChange('new.cfg', '# nothing\n')).toThrow('sets nothing');
  });
});

describe('a patch of a zoo.cfg', () => {
  const patch = patchOf(MEMBER, [
    { key: 'tickTime', value: '3000' },
    { key: 'maxClientCnxns', value: '100' },
  ]);

  it('is told from a zoo.cfg', () => {
    expect(isPatch(patch)).toBe(true);
    expect(isPatch(MEMBER)).toBe(false);
  });

  it('changes just the keys that it names, whatever else is in the file of a member', () => {
    const other = 'initLimit=5\r\ntickTime = 2000\r\ndataDir=/data/2\r\n';
    expect(changedConfig(file(other), readConfigChange('p', patch))).toBe(
      'initLimit=5\r\ntickTime = 3000\r\ndataDir=/data/2\r\nmaxClientCnxns=100\r\n',
    );
  });

  it('leaves a file alone that has all of it already', () => {
    const change = readConfigChange('p', patch);
    const once = changedConfig(file(MEMBER), change);
    expect(changedConfig(file(once), change)).toBe(once);
  });

  it('is refused where a value is not the one that it takes away', () => {
    expect(() => changedConfig(file(MEMBER.replace('2000', '1000')), readConfigChange('p', patch))).toThrow(
      'tickTime is 1000 in zk1: /conf/zoo.cfg; p was made where it is 2000',
    );
  });

  it('may take a key out', () => {
    const change = readConfigChange('p', '--- a\n+++ a\n@@ -3 +2,0 @@\n-initLimit=10\n');
    expect(changedConfig(file(MEMBER), change)).toBe(MEMBER.replace('initLimit=10\n', ''));
  });

  it.each([
    ['of two files', `${patch}${patch}`, 'several files'],
    ['that is cut off', patch.split('\n').slice(0, 5).join('\n'), 'not of its hunk'],
    ['whose hunk is not as long as it says', '--- a\n+++ a\n@@ -1 +1 @@\n-a=1\n-b=1\n+a=2\n', 'not'],
    [
      'of a part of a value over several lines',
      '--- a\n+++ a\n@@ -1,2 +1,2 @@\n a=1,\\\n-  2\n+  3\n',
      'over several lines',
    ],
    [
      'that changes who is a member',
      '--- a\n+++ a\n@@ -1 +1 @@\n-server.1=a:1:2\n+server.1=b:1:2\n',
      'who is a member',
    ],
  ])('%s is refused', (_what, text, why) => {
    expect(() => readConfigChange('p', text)).toThrow(why);
  });

  it('as config tune prints it, makes of the file it was made of what was wanted', () => {
    const value = fc.string({ minLength: 1, maxLength: 8, unit: fc.constantFrom(...'abc019./:=#') });
    const settings = fc.dictionary(
      fc.constantFrom('tickTime', 'initLimit', 'snapCount', 'x.y', 'jute.maxbuffer'),
      value,
    );
    fc.assert(
      fc.property(settings, settings, (before, edits) => {
        const text = Object.entries(before)
          .map(([key, one]) => `${key}=${one}\n`)
          .join('');
        const wanted = Object.entries(edits).map(([key, one]) => ({ key, value: one }));
        const made = patchOf(text, wanted);
        fc.pre(made !== '');
        const after = file(changedConfig(file(text), readConfigChange('p', made)));
        const values = Object.fromEntries(after.settings.map(({ key, value: one }) => [key, one]));
        expect(values).toEqual({ ...before, ...edits });
      }),
    );
  });
});

describe('two configurations', () => {
  it('are the same where only the server rewrote one at its start', () => {
    const statically = `# a comment\nserver.1=zk1:2888:3888\nclientPort=2181\n${'tickTime=2000\ndataDir=/d\n'}`;
    const rewritten = 'dataDir=/d\ntickTime=2000\ndynamicConfigFile=/conf/zoo.cfg.dynamic.100000000\n';
    expect(sameConfig(statically, rewritten)).toBe(true);
  });

  it.each(['tickTime=3000\ndataDir=/d\n', 'tickTime=2000\n', 'tickTime=2000\ndataDir=/d\nsnapCount=1\n'])(
    'are not where a value differs: %j',
    (other) => {
      expect(sameConfig('tickTime=2000\ndataDir=/d\n', other)).toBe(false);
    },
  );

  it('are not where both name another port', () => {
    expect(sameConfig('clientPort=1\n', 'clientPort=2\n')).toBe(false);
  });
});
