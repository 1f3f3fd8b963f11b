import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EffectiveConfig, effectiveConfig } from '../../../src/config/live/effective.ts';
import { configRows, shownValue } from '../../../src/config/live/table.ts';
import { RELEASES } from '../../support/recorded-answers.ts';
import { observation, observed } from './recorded.ts';

const told = ({ parameters }: EffectiveConfig, key: string) => {
  const { value, origin, source, note } = parameters.get(key) ?? {};
  return [value, origin, ...(source === undefined ? [] : [source]), ...(note === undefined ? [] : [note])];
};
const minor = (release: string) => Number(release.split('.')[1]);
const since36 = RELEASES.filter((release) => minor(release) >= 6);

describe.each(RELEASES)('the configuration in force of a member of an ensemble of %s', (release) => {
  const leader = effectiveConfig(observed(release, 'leader'), undefined);
  const who = minor(release) >= 5 ? 'admin:configuration' : '4lw:conf';

  it('has what the server reports, and says when that is the default', () => {
    expect(told(leader, 'tickTime')).toEqual(['2000', 'reported', who]);
    expect(told(leader, 'maxSessionTimeout')).toEqual(['90000', 'reported', who]);
    expect(told(leader, 'minSessionTimeout')).toEqual(['4000', 'default', who, '2 × tickTime']);
    expect(told(leader, 'initLimit')).toEqual(['10', 'reported', '4lw:conf']);
    expect(told(leader, 'electionAlg')).toEqual(['3', 'default', '4lw:conf']);
  });

  it('has directories as zoo.cfg names them', () => {
    expect(leader.parameters.get('dataDir')?.value).toMatch(/\/member-\d\/data$/);
    expect(told(leader, 'dataLogDir')).toEqual([leader.parameters.get('dataDir')?.value, 'default', who, 'as dataDir']);
  });

  it('does not know what no member of an ensemble tells', () => {
    for (const key of ['autopurge.purgeInterval', 'syncEnabled']) {
      expect(leader.parameters.get(key)).toMatchObject({ value: undefined, origin: 'unknown' });
    }
    expect(leader.file).toBeUndefined();
  });

  it('has the membership and the ports in it from 3.5 on', () => {
    const line = leader.parameters.get('server.3');
    const dynamic = minor(release) >= 5;
    expect(line?.origin).toBe(dynamic ? 'dynamic' : undefined);
    expect(leader.parameters.get('peerType')).toMatchObject({ value: 'participant' });
    expect(leader.parameters.get('clientPort')?.origin).toBe(dynamic ? 'dynamic' : 'reported');
  });

  it('has system properties from 3.6 on, and does not guess before', () => {
    const seen = minor(release) >= 6;
    expect(told(leader, 'forceSync').slice(0, 2)).toEqual(seen ? ['no', 'property'] : [undefined, 'unknown']);
    expect(told(leader, 'snapCount').slice(0, 2)).toEqual(seen ? ['100000', 'default'] : [undefined, 'unknown']);
    expect(told(leader, 'jute.maxbuffer').slice(0, 2)).toEqual(seen ? ['1048575', 'default'] : [undefined, 'unknown']);
  });

  it('has the heap from 3.5 on', () => {
    expect(leader.answers.heap).toBe(minor(release) >= 5 ? 247 * 1024 * 1024 : undefined);
  });

  it('is known by the four-letter words alone, as far as they tell', () => {
    const words = effectiveConfig(observed(release, 'leader', { admin: false }), undefined);
    expect(told(words, 'tickTime')).toEqual(['2000', 'reported', '4lw:conf']);
    expect(words.parameters.get('forceSync')?.origin).toBe('unknown');
    const nothing = effectiveConfig(observed(release, 'leader', { admin: false, words: false }), undefined);
    expect([...nothing.parameters.values()].filter(({ origin }) => origin !== 'unknown')).toEqual([]);
  });

  it('lists the parameters of its release only', () => {
    expect(leader.parameters.has('admin.snapshot.enabled')).toBe(minor(release) >= 9);
    expect(leader.parameters.has('enforceQuota')).toBe(minor(release) >= 7);
  });
});

describe.each(since36)('the configuration in force of a standalone server of %s', (release) => {
  const alone = effectiveConfig(observed(release, 'standalone'), undefined);

  it('comes from its file, which it shows', () => {
    expect(told(alone, 'tickTime')).toEqual(['2000', 'file', 'admin:configuration']);
    expect(told(alone, 'reconfigEnabled')).toEqual(['true', 'file', 'admin:initial_configuration']);
    expect(told(alone, 'forceSync')).toEqual(['no', 'file', 'admin:initial_configuration']);
    expect(told(alone, 'maxClientCnxns')).toEqual(['0', 'file', 'admin:configuration']);
    expect(told(alone, 'autopurge.purgeInterval')).toEqual(['0', 'default']);
    expect(alone.configPath).toBe('/var/lib/alone/member-1/zoo.cfg');
  });

  it('leaves nothing unknown but what nobody can tell', () => {
    expect([...alone.parameters.values()].filter(({ origin }) => origin === 'unknown')).toEqual([]);
  });

  it('shows no secret', () => {
    const rows = configRows([alone], 'all', []);
    const digest = rows.find(({ key }) => key.endsWith('superDigest'))?.cells[0];
    expect(shownValue(digest!)).toBe('(a secret)');
  });
});

describe('the origin of a value', () => {
  const of = (file: string | null, properties: Record<string, string>, conf = '') =>
    effectiveConfig(
      observation({
        further: {
          words: new Map([['conf', conf]]),
          admin: new Map<string, Record<string, unknown>>([
            ['initial_configuration', { initial_configuration: file }],
            ['system_properties', properties],
          ]),
          missing: [],
        },
      }),
      undefined,
    );

  it('is a system property where the file, which is shown, has no line', () => {
    expect(told(of('tickTime=2000\n', { 'zookeeper.snapCount': '5000' }), 'snapCount')).toEqual([
      '5000',
      'property',
      'admin:system_properties',
    ]);
  });

  it('is the file where it has a line: that beats the -D flag', () => {
    expect(told(of('snapCount=7000\n', { 'zookeeper.snapCount': '7000' }), 'snapCount').slice(0, 2)).toEqual([
      '7000',
      'file',
    ]);
  });

  it('is what the server reports where that is not what the file said', () => {
    expect(told(of('maxClientCnxns=60\n', { a: 'b' }, 'maxClientCnxns=5\n'), 'maxClientCnxns')).toEqual([
      '5',
      'reported',
      '4lw:conf',
      'zoo.cfg said 60 at the start',
    ]);
  });

  it('is the file for a timeout of -1, with what it comes to', () => {
    expect(
      told(of('maxSessionTimeout=-1\n', { a: 'b' }, 'tickTime=1000\nmaxSessionTimeout=20000\n'), 'maxSessionTimeout'),
    ).toEqual(['20000', 'file', '4lw:conf', '20 × tickTime']);
  });

  it('is no line of zoo.cfg for what only a system property sets, and says so', () => {
    expect(told(of(null, { 'zookeeper.jute.maxbuffer': '4194304' }), 'jute.maxbuffer')).toEqual([
      '1048575',
      'default',
      '4194304 in zoo.cfg does nothing',
    ]);
  });

  it('has names that no release knows, but not those of the launcher', () => {
    const { parameters } = of(null, {
      'zookeeper.maxClientCnxn': '7',
      'zookeeper.log.dir': '/var/log',
      'zookeeper.root.logger': 'INFO',
      'zookeeper.authProvider.1': 'com.example.Auth',
    });
    expect(parameters.get('maxClientCnxn')).toMatchObject({ value: '7', note: 'no server knows it' });
    expect(parameters.get('authProvider.1')).toMatchObject({ origin: 'property', note: undefined });
    expect([parameters.has('log.dir'), parameters.has('root.logger')]).toEqual([false, false]);
  });

  it('survives whatever a server answers', () => {
    const fields = fc.dictionary(
      fc.constantFrom(
        'tick_time',
        'data_dir',
        'client_port',
        'initial_configuration',
        'zookeeper.snapCount',
        'os.memory.max',
      ),
      fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.constant({ a: [1] }), fc.bigInt()),
    );
    fc.assert(
      fc.property(fields, fields, fields, fields, fc.string(), (a, b, c, d, conf) => {
        const found = effectiveConfig(
          observation({
            further: {
              words: new Map([['conf', conf]]),
              admin: new Map([
                ['configuration', a],
                ['initial_configuration', b],
                ['system_properties', c],
                ['environment', d],
              ]),
              missing: [],
            },
          }),
          undefined,
        );
        configRows([found, found], 'all', []);
      }),
    );
  });
});

describe('the rows of several members', () => {
  it('differ where other values are in force, and say when each is to have its own', () => {
    const of = (maxClientCnxns: string, clientPort: string) =>
      effectiveConfig(
        observation({
          further: {
            words: new Map([['conf', `maxClientCnxns=${maxClientCnxns}\nclientPort=${clientPort}\ntickTime=2000\n`]]),
            admin: new Map(),
            missing: [],
          },
        }),
        undefined,
      );
    const rows = configRows([of('60', '2181'), of('7', '2182')], 'told', []);
    expect(rows.map(({ key, differs }) => `${key} ${differs}`)).toEqual([
      'clientPort own',
      'maxClientCnxns yes',
      'tickTime no',
    ]);
  });
});
