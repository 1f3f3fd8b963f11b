import { describe, expect, it } from 'vitest';
import { nearest } from '../../../src/cli/suggest.ts';
import { MEMBER_RULES } from '../../../src/config/lint.ts';
import { effectiveConfig } from '../../../src/config/live/effective.ts';
import { lintLive, RUNNING_RULES } from '../../../src/config/live/lint-live.ts';
import { NEWEST } from '../../../src/config/parameters/release.ts';
import type { MemberObservation } from '../../../src/ensemble/observe-member.ts';
import { RELEASES } from '../../support/recorded-answers.ts';
import { memberOf } from '../examples.ts';
import { observation, observed } from './recorded.ts';

const OPTIONS = { release: NEWEST, releaseKnown: false, nearest, severity: 'advice', ignore: [] } as const;
const lint = (members: readonly MemberObservation[], files: Parameters<typeof lintLive>[1] = []) =>
  lintLive(
    members.map((one) => effectiveConfig(one, undefined)),
    files,
    OPTIONS,
  );
const rules = ({ findings }: ReturnType<typeof lint>) => findings.map(({ rule }) => rule);
const unjudged = ({ notJudged }: ReturnType<typeof lint>) => notJudged.map(({ rule }) => rule);
const minor = (release: string) => Number(release.split('.')[1]);

/** A member with these metrics, and this in its `conf`. */
function loaded(
  metrics: Record<string, string>,
  conf = '',
  environment: Record<string, string> = {},
): MemberObservation {
  const base = observed('3.9.5', 'leader');
  return {
    ...base,
    metrics: new Map(Object.entries(metrics)),
    facts: {
      ...base.facts,
      znodes: { value: Number(metrics.znode_count ?? 10), source: '4lw:mntr' },
      dataSize: { value: Number(metrics.approximate_data_size ?? 1000), source: '4lw:mntr' },
      uptime: { value: Number(metrics.uptime ?? 1_000_000), source: '4lw:mntr' },
    },
    further: {
      ...base.further,
      words: new Map([['conf', `tickTime=2000\ninitLimit=10\nsyncLimit=5\n${conf}`]]),
      admin: new Map([...base.further.admin, ['environment', environment]]),
    },
  };
}

describe.each(RELEASES)('the lint of a member of %s', (release) => {
  const found = lint([observed(release, 'leader')]);

  it('finds what the server tells', () => {
    expect(rules(found)).toEqual(expect.arrayContaining(['connections-unlimited', 'log-on-data-disk']));
    expect(rules(found).includes('every-word-open')).toBe(minor(release) >= 6);
  });

  it('lists what it could not judge, with the reason', () => {
    const reasons = new Map(found.notJudged.map(({ rule, reason }) => [rule, reason]));
    expect(reasons.get('autopurge-off')).toBe('autopurge.purgeInterval is not told');
    expect(reasons.get('duplicate-key')).toBe('the text of zoo.cfg is not told');
    expect(reasons.has('force-sync-off')).toBe(minor(release) < 6);
    expect(reasons.get('heap-over-memory')).toMatch(/no server tells the memory/);
  });

  it('never both breaks a rule and does not judge it', () => {
    expect(rules(found).filter((rule) => unjudged(found).includes(rule))).toEqual([]);
  });
});

describe('the lint of a member that tells nothing', () => {
  it('finds nothing, and has judged no rule but those by which it would not have started', () => {
    const found = lint([observation({})]);
    expect(found.findings).toEqual([]);
    const judged = MEMBER_RULES.map(({ id }) => id).filter((id) => !unjudged(found).includes(id));
    const byRunning = MEMBER_RULES.filter(({ refuses }) => refuses === true).map(({ id }) => id);
    expect(judged.filter((id) => !byRunning.includes(id))).toEqual([]);
  });
});

describe('the lint of a standalone server that shows its file', () => {
  it('judges the text as well', () => {
    const base = observed('3.9.5', 'standalone');
    const file = 'tickTime=2000\ndataDir=/srv/zk\nmaxClientCnxn=5\ntickTime=3000\n';
    const admin = new Map([...base.further.admin, ['initial_configuration', { initial_configuration: file }]]);
    const found = lint([{ ...base, further: { ...base.further, admin } }]);
    expect(rules(found)).toEqual(expect.arrayContaining(['unknown-parameter', 'duplicate-key', 'autopurge-off']));
    expect(unjudged(found)).not.toContain('autopurge-off');
  });
});

describe('the rules about running members', () => {
  it.each<[string, MemberObservation]>([
    ['init-limit-for-data', loaded({ approximate_data_size: '400000000', znode_count: '1000' })],
    ['sync-limit-for-delays', loaded({ cnt_fsynctime: '9', max_fsynctime: '4000', avg_fsynctime: '3' })],
    ['heap-for-data', loaded({ approximate_data_size: '100000000' }, '', { 'os.memory.max': '247MB' })],
    ['buffer-nearly-full', loaded({ max_client_response_size: '900000' })],
    ['snapshots-all-the-time', loaded({ cnt_snapshottime: '100', avg_snapshottime: '2000', uptime: '1000000' })],
  ])('%s finds its example, and not a member without it', (rule, example) => {
    expect(rules(lint([example]))).toContain(rule);
    expect(rules(lint([loaded({})]))).not.toContain(rule);
  });

  it('finds a limit on all connections that is nearly reached', () => {
    const base = loaded({});
    const system = { ...base.further.admin.get('system_properties'), 'zookeeper.maxCnxns': '10' };
    const admin = new Map([...base.further.admin, ['system_properties', system]]);
    const facts = { ...base.facts, connections: { value: 9, source: '4lw:mntr' as const } };
    expect(rules(lint([{ ...base, facts, further: { ...base.further, admin } }]))).toContain('connections-nearly-full');
  });

  it('say which measure is missing', () => {
    const bare = lint([observed('3.4.14', 'leader')]).notJudged;
    expect(bare).toContainEqual(
      expect.objectContaining({ rule: 'sync-limit-for-delays', reason: 'no delay of the disk or of a quorum is told' }),
    );
    expect(bare).toContainEqual(
      expect.objectContaining({ rule: 'heap-for-data', reason: 'the heap of the JVM is not told' }),
    );
  });

  it('find members of different releases', () => {
    const found = lint([observed('3.8.4', 'leader'), observed('3.9.5', 'leader')]);
    expect(found.findings).toContainEqual(expect.objectContaining({ rule: 'mixed-releases' }));
    expect(rules(lint([observed('3.9.5', 'leader'), observed('3.9.5', 'follower')]))).not.toContain('mixed-releases');
  });

  it('find what differs between members, and say what was not compared', () => {
    const [a, b] = [loaded({}, 'maxSessionTimeout=40000\n'), loaded({}, 'maxSessionTimeout=90000\n')];
    const strip = (one: MemberObservation) => ({
      ...one,
      further: { ...one.further, admin: new Map() },
    });
    const found = lint([strip(a), strip(b)]);
    expect(rules(found)).toContain('must-agree');
    expect(found.notJudged).toContainEqual(
      expect.objectContaining({ rule: 'must-agree', reason: expect.stringContaining('judged for what is told; ') }),
    );
  });

  it('take what a member does not tell for no difference', () => {
    const silent = observation({ facts: observed('3.9.5', 'follower').facts });
    const found = lint([loaded({}, 'maxClientCnxns=5\n'), silent]);
    expect(rules(found).filter((rule) => rule.endsWith('-agree'))).toEqual([]);
    expect(unjudged(found)).toEqual(expect.arrayContaining(['must-agree', 'should-agree']));
  });

  it('find lines of a file that are not in force', () => {
    const file = memberOf({ set: { maxSessionTimeout: '50000', 'autopurge.purgeInterval': '3' }, myid: 'missing' });
    const found = lint([loaded({}, 'maxSessionTimeout=40000\n')], [file]).findings.filter(
      ({ rule }) => rule === 'not-in-force',
    );
    expect(found.map(({ key }) => key)).toContain('maxSessionTimeout');
    // What no member tells is no difference.
    expect(found.map(({ key }) => key)).not.toContain('autopurge.purgeInterval');
  });

  it('have names of their own, and say why', () => {
    const ids = [...MEMBER_RULES, ...RUNNING_RULES].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { why, summary } of RUNNING_RULES) {
      expect(why).toMatch(/^[A-Z].*\.$/s);
      expect(summary).toMatch(/^[^A-Z].*[^.]$/);
    }
  });
});
