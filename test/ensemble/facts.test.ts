import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAdminJson } from '../../src/ensemble/admin-server.ts';
import { type Answers, configOfConf, factsOf } from '../../src/ensemble/facts.ts';
import { metricNumber, metricsOfMonitor, parseMntr } from '../../src/ensemble/metrics.ts';
import { parseServerStatus } from '../../src/ensemble/server-status.ts';
import { adminFields, RELEASES, type RecordedRole, recordedAnswers } from '../support/recorded-answers.ts';

type Answered = ReturnType<typeof recordedAnswers>[RecordedRole];

function byWords({ words }: Answered): Answers {
  return { srvr: parseServerStatus(words.srvr ?? ''), mntr: parseMntr(words.mntr ?? '') };
}

function byAdmin(answered: Answered): Answers {
  return {
    monitor: metricsOfMonitor(adminFields(answered, 'monitor') ?? {}),
    serverStats: adminFields(answered, 'server_stats'),
    configuration: adminFields(answered, 'configuration'),
  };
}

function values(answers: Answers): Record<string, unknown> {
  const known = Object.entries(factsOf(answers)).flatMap(([name, fact]) => (fact ? [[name, fact.value]] : []));
  return Object.fromEntries(known);
}

const WITH_ADMIN = RELEASES.filter((release) => release !== '3.4.14');
const WITH_PERCENTILES = RELEASES.filter((release) => !/^3\.[45]\./.test(release));

describe.each(RELEASES)('what a server of %s says of itself', (release) => {
  const recorded = recordedAnswers(release);

  it.each(['leader', 'follower', 'observer', 'standalone'] as const)(
    'tells by four-letter words that it is %s',
    (role) => {
      expect(values(byWords(recorded[role]))).toMatchObject({
        role,
        version: release,
        zxid: expect.any(BigInt),
        connections: expect.any(Number),
        outstanding: 0,
        latencyAvg: expect.any(Number),
        znodes: expect.any(Number),
        dataSize: expect.any(Number),
        openFiles: expect.any(Number),
      });
    },
  );

  it('counts what the leader counts', () => {
    expect(values(byWords(recorded.leader))).toMatchObject({
      syncedFollowers: 2,
      pendingSyncs: 0,
      watches: 2,
      ephemerals: 1,
    });
  });

  it('says by no word which role it has while it has no quorum', () => {
    const { srvr, mntr } = byWords(recorded.notServing);
    expect({ mode: srvr?.mode, mntr }).toEqual({ mode: undefined, mntr: undefined });
    expect(factsOf({ notServing: '4lw:srvr' }).role).toEqual({ value: 'not serving', source: '4lw:srvr' });
  });

  it('tells the committed membership by conf, from 3.5 on', () => {
    const config = configOfConf(recorded.leader.words.conf ?? '');
    if (release === '3.4.14') expect(config).toBeUndefined();
    else expect(config?.servers.map(({ role }) => role)).toEqual([...Array(3).fill('participant'), 'observer']);
    expect(configOfConf(recorded.standalone.words.conf ?? '')).toBeUndefined();
  });
});

describe.each(WITH_ADMIN)('what the AdminServer of %s says', (release) => {
  const recorded = recordedAnswers(release);

  it.each(['leader', 'follower', 'observer', 'standalone'] as const)('is as much of a %s as the words say', (role) => {
    expect(values(byAdmin(recorded[role]))).toMatchObject({
      role,
      version: release,
      zxid: values(byWords(recorded[role])).zxid,
      connections: expect.any(Number),
      outstanding: 0,
      znodes: expect.any(Number),
      dataSize: expect.any(Number),
    });
  });

  it('names the server it belongs to', () => {
    expect(factsOf(byAdmin(recorded.leader)).serverId).toMatchObject({ source: 'admin:configuration' });
  });

  it('is nothing while the server has no quorum', () => {
    expect(values(byAdmin(recorded.notServing))).toEqual({});
  });
});

it.each(WITH_PERCENTILES)('a server of %s tells p99 and uptime, in either way', (release) => {
  const { leader } = recordedAnswers(release);
  for (const answers of [byWords(leader), byAdmin(leader)]) {
    expect(values(answers)).toMatchObject({ latencyP99: expect.any(Number), uptime: expect.any(Number), sessions: 1 });
  }
});

describe('a fact', () => {
  it('of p99 is the greater of reads and updates, whichever that is', () => {
    for (const [read, update] of [
      [2, 47],
      [47, 2],
    ]) {
      const mntr = parseMntr(`zk_p99_readlatency\t${read}\nzk_p99_updatelatency\t${update}\n`);
      expect(factsOf({ mntr }).latencyP99).toEqual({ value: 47, source: '4lw:mntr' });
    }
  });

  it('has the source that told it, the richer one first', () => {
    const { leader } = recordedAnswers('3.9.5');
    const { connections, zxid, version } = factsOf({ ...byWords(leader), ...byAdmin(leader) });
    expect({ connections: connections?.source, zxid: zxid?.source, version: version?.source }).toEqual({
      connections: 'admin:monitor',
      zxid: '4lw:srvr',
      version: 'admin:monitor',
    });
    expect(factsOf(byWords(leader)).connections?.source).toBe('4lw:mntr');
    const client = { readOnly: true, lastZxid: 7n, serverId: 3n, config: undefined };
    expect(factsOf({ client })).toMatchObject({
      role: { value: 'read-only', source: 'client' },
      zxid: { value: 7n, source: 'client' },
    });
  });

  it('is exact where JavaScript numbers are not', () => {
    const text =
      '{"command":"dump","ids":[72058497810890752,-9223372036854775808],"name":"\\"12345678901234567890","x":1.5e300}';
    expect(parseAdminJson(text)).toEqual({
      command: 'dump',
      ids: [72058497810890752n, -9223372036854775808n],
      name: '"12345678901234567890',
      x: 1.5e300,
    });
  });

  it('is not made of what is no number', () => {
    const metrics = parseMntr('zk_avg_latency\tNaN\nzk_max_latency\t\nzk_min_latency\tmany\nzk_uptime\t12\n');
    expect(['avg_latency', 'max_latency', 'min_latency', 'uptime'].map((name) => metricNumber(metrics, name))).toEqual([
      ...Array(3).fill(undefined),
      12,
    ]);
  });

  it('has the same names where a server gives its metrics to Prometheus', () => {
    const lines = ['fsynctime{quantile="0.5"}\t1.0', 'fsynctime_count\t4.0', 'fsynctime_sum\t10.0'];
    const rest = ['readlatency{quantile="0.99"}\tNaN', 'updatelatency{quantile="0.9"}\t7.0', 'commit_count\t9.0'];
    const metrics = parseMntr([...lines, ...rest].map((line) => `zk_${line}\n`).join(''));
    const told = ['p50_fsynctime', 'cnt_fsynctime', 'sum_fsynctime', 'avg_fsynctime', 'p90_updatelatency'];
    expect(told.map((name) => metricNumber(metrics, name))).toEqual([1, 4, 10, 2.5, 7]);
    expect(metricNumber(metrics, 'p99_readlatency')).toBeUndefined();
    expect(metricNumber(metrics, 'cnt_commit')).toBeUndefined();
  });

  it('is never had from garbage, and garbage breaks nothing', () => {
    fc.assert(
      fc.property(fc.string(), fc.json(), (text, json) => {
        expect(values({ srvr: parseServerStatus(text), mntr: parseMntr(text) })).toEqual({});
        expect(configOfConf(text)).toBeUndefined();
        const fields = parseAdminJson(json) ?? {};
        factsOf({ monitor: metricsOfMonitor(fields), serverStats: fields, configuration: fields });
      }),
    );
    for (const text of ['', '[]', 'null', '"command"', '{"command":', '<html></html>', '{"$int":"x","command":1}'])
      expect(() => parseAdminJson(text)).not.toThrow();
  });
});
