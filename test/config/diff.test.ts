import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffConfigs, diffInForce } from '../../src/config/diff.ts';
import { readConfigFile } from '../../src/config/member.ts';
import { NEWEST } from '../../src/config/parameters/release.ts';
import { type Example, memberOf } from './examples.ts';

const diff = (...examples: Example[]) =>
  diffConfigs(
    examples.map((example, i) => memberOf(example, `/${i}`)),
    NEWEST,
  );
const kinds = (...examples: Example[]) => diff(...examples).map(({ key, kind }) => `${key}: ${kind}`);

describe('the difference of configuration files', () => {
  it('is nothing where they set the same, whatever their comments and order', () => {
    const lines = 'clientPort : 2181\n# comment\n  tickTime=2000\n';
    expect(kinds({}, { set: { clientPort: undefined, tickTime: undefined }, raw: lines })).toEqual([]);
  });

  it.each<[string, Example, string]>([
    ['a time that members share', { set: { tickTime: '2500' } }, 'tickTime: harmful'],
    ['a limit of one server', { set: { maxClientCnxns: '100' } }, 'maxClientCnxns: restart'],
    ['a default that is written out', { set: { maxClientCnxns: '60' } }, 'maxClientCnxns: harmless'],
    ['another spelling', { set: { 'db.autocreate': 'FALSE' } }, 'db.autocreate: harmless'],
    ['a directory', { set: { dataDir: '/srv/zk' } }, 'dataDir: own'],
    ['a value that keeps the server from starting', { set: { syncLimit: 'five' } }, 'syncLimit: no-boot'],
    ['a member', { set: { 'server.3': '10.0.0.9:2888:3888' } }, 'server.3: harmful'],
    ['a name that no server knows', { set: { maxClientCnxn: '1' } }, 'maxClientCnxn: harmless'],
    ['a system property', { set: { 'jute.maxbuffer': '2097152' } }, 'jute.maxbuffer: harmless'],
  ])('says what it means: %s', (_, example, kind) => {
    expect(kinds({}, example)).toEqual([kind]);
  });

  it('has a value a file and the default where there is none, and the worst first', () => {
    expect(diff({}, {}, { set: { snapCount: '50000', tickTime: 'x' } })).toMatchObject([
      { key: 'tickTime', values: ['2000', '2000', 'x'] },
      { key: 'snapCount', values: [undefined, undefined, '50000'], inForce: ['100000', '100000', '50000'] },
    ]);
  });

  it('leaves secrets out', () => {
    const found = diff(
      { set: { 'ssl.keyStore.password': 'hunter2' } },
      { set: { 'ssl.keyStore.password': 'hunter3' } },
    );
    expect(found).toHaveLength(1);
    expect(JSON.stringify(found)).not.toContain('hunter');
  });

  it('takes any bytes, and finds none between a file and itself', () => {
    const text = fc.oneof(
      fc.string(),
      fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1')),
    );
    fc.assert(
      fc.property(text, text, (a, b) => {
        const [one, two] = [{ file: readConfigFile('/a', a) }, { file: readConfigFile('/b', b) }];
        expect(diffConfigs([one, one], NEWEST)).toEqual([]);
        diffConfigs([one, two], NEWEST);
      }),
    );
  });
});

describe('the difference of what is in force', () => {
  const inForce = (...examples: Example[]) =>
    diffInForce(
      examples.map((example, i) => memberOf(example, `/${i}`)),
      { release: NEWEST },
    ).map(({ key, kind }) => `${key}: ${kind}`);

  it('is none where a default is written out, or a timeout comes to the same', () => {
    expect(inForce({}, { set: { maxClientCnxns: '60', maxSessionTimeout: '40000', snapCount: '100000' } })).toEqual([]);
  });

  it('takes no server line for another because of its client port', () => {
    expect(inForce({}, { set: { 'server.2': '10.0.0.2:2888:3888:participant;10.0.0.2:2181' } })).toEqual([]);
  });

  it('leaves out a membership that cannot be seen', () => {
    const unseen = { 'server.1': undefined, 'server.2': undefined, 'server.3': undefined, clientPort: undefined };
    const set = { ...unseen, dynamicConfigFile: '/etc/zk/zoo.cfg.dynamic' };
    expect(inForce({}, { set, dynamic: 'unseen' })).toEqual(['dynamicConfigFile: own']);
  });

  it('knows a -D flag of java.env, and none where there is no java.env', () => {
    const flag = { properties: { 'jute.maxbuffer': '2097152' } };
    expect(inForce(flag, { properties: { 'jute.maxbuffer': '4194304' } })).toEqual(['jute.maxbuffer: harmful']);
    expect(inForce(flag, {})).toEqual([]);
  });
});
