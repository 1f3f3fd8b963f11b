import { describe, expect, it } from 'vitest';
import { effectiveConfig } from '../../../src/config/live/effective.ts';
import { loadOf, type MemberLoad } from '../../../src/config/live/load.ts';
import { heapIn } from '../../../src/config/load-machine.ts';
import { censusOf } from '../../../src/config/tune/census.ts';
import type { Measured, MemberMeasure } from '../../../src/config/tune/measure.ts';
import type { Proposal } from '../../../src/config/tune/proposal.ts';
import { propose } from '../../../src/config/tune/tune.ts';
import { factsOf } from '../../../src/ensemble/facts.ts';
import { RELEASES } from '../../support/recorded-answers.ts';
import { type Example, memberOf } from '../examples.ts';
import { observation, observed } from '../live/recorded.ts';

interface Seen extends Partial<Omit<MemberMeasure, 'load'>> {
  load?: Partial<MemberLoad>;
  writes?: number;
  file?: Example;
  heap?: number;
  release?: string;
}

const QUIET: Partial<MemberLoad> = {
  znodes: 1000,
  dataSize: 1_000_000,
  outstanding: 0,
  fsyncMax: 20,
  quorumAck: 5,
  jvmPauseMax: 50,
  snapshotTime: 30,
  largestResponse: 5000,
  largestProposal: 2000,
};

/** What is proposed for one member of an ensemble that was seen so. */
function proposed(seen: Seen = {}): Map<string, Proposal> {
  const { load, writes = 10, file, heap, release = '3.9.5', ...more } = seen;
  const effective = effectiveConfig(observed(release, 'leader'), undefined);
  const member: MemberMeasure = {
    effective,
    requests: 100,
    bytesIn: 10_000,
    roundTrip: { median: 2, max: 5, count: 7 },
    clients: { sessions: 12, busiest: 6, longest: 10_000, withLongest: 12 },
    ...more,
    load: { ...loadOf(effective.observation), ...QUIET, ...load },
  };
  const measured: Measured = { members: [member], silent: [], window: 10_000, writes };
  const all = propose(measured, { file: file && memberOf(file), heap });
  return new Map(all.map((one) => [one.parameter, one]));
}

const change = (key: string, seen: Seen) => {
  const { verdict, now, proposed: value } = proposed(seen).get(key)!;
  return [verdict, now, value];
};

describe('what is proposed', () => {
  it('is nothing where the values are fine', () => {
    const all = [...proposed({ file: { set: { 'autopurge.purgeInterval': '24' } }, load: {} }).values()];
    expect(all.filter(({ verdict }) => verdict === 'change').map(({ parameter }) => parameter)).toEqual([]);
  });

  it('has an initLimit in which the data can be taken, with its arithmetic', () => {
    // 4 × (1,000,100,000 B / 20,000,000 B/s + 2 s + 2 ms) = 208.0 s.
    const seen = { load: { dataSize: 1_000_000_000, snapshotTime: 2000 } };
    expect(change('initLimit', seen)).toEqual(['change', '10', '105']);
    expect(proposed(seen).get('initLimit')).toMatchObject({
      formula:
        '4 × (954 MiB / 20 MB/s + 2000 ms loading + 2 ms round trip) = 208028 ms, 10000 ms at least: 105 ticks of 2000 ms',
      confidence: 'measured',
      place: 'zoo.cfg',
    });
  });

  it('has a syncLimit over the delays', () => {
    expect(change('syncLimit', { load: { fsyncMax: 3000 } })).toEqual(['change', '5', '7']);
    expect(change('syncLimit', { file: { set: { syncLimit: '1' } } })).toEqual(['change', '1', '2']);
  });

  it('has a tick for slow networks, and counts limits in it', () => {
    const seen: Seen = { roundTrip: { median: 330, max: 400, count: 7 } };
    expect(change('tickTime', seen)).toEqual(['change', '2000', '3500']);
    expect(proposed(seen).get('syncLimit')?.formula).toMatch(/ticks of 3500 ms$/);
  });

  it.each<[string, string, Seen, (string | undefined)[]]>([
    ['a limit where there is none', 'maxClientCnxns', {}, ['change', '0', '60']],
    [
      'room for the busiest address',
      'maxClientCnxns',
      { file: { set: { maxClientCnxns: '60' } }, clients: { sessions: 90, busiest: 55, longest: 1, withLongest: 1 } },
      ['change', '60', '170'],
    ],
    [
      'longer sessions where clients are cut',
      'maxSessionTimeout',
      {
        file: { set: { maxSessionTimeout: '30000' } },
        clients: { sessions: 9, busiest: 1, longest: 30_000, withLongest: 9 },
      },
      ['change', '30000', '40000'],
    ],
    ['a larger buffer', 'jute.maxbuffer', { load: { largestResponse: 900_000 } }, ['change', '1048575', '2097152']],
    ['fewer snapshots', 'snapCount', { writes: 5000 }, ['change', '100000', '1500000']],
    ['larger steps of the log', 'preAllocSize', { bytesIn: 50_000_000 }, ['change', '4096', '262144']],
    [
      'a purge',
      'autopurge.purgeInterval',
      { file: { set: { 'autopurge.purgeInterval': '0' } } },
      ['change', '0', '24'],
    ],
    [
      'a purge that comes before the disk is full',
      'autopurge.purgeInterval',
      { file: {}, bytesIn: 2_000_000 },
      ['change', '24', '2'],
    ],
    [
      'three snapshots',
      'autopurge.snapRetainCount',
      { file: { set: { 'autopurge.snapRetainCount': '1' } } },
      ['change', '1', '3'],
    ],
    ['room for waiting requests', 'globalOutstandingLimit', { load: { outstanding: 800 } }, ['change', '1000', '2000']],
    ['a heap for the data', '-Xmx', { load: { dataSize: 1_000_000_000 } }, ['change', '247m', '3328m']],
  ])('has %s', (_, key, seen, expected) => {
    const file = key === 'maxClientCnxns' || key === 'preAllocSize' ? {} : { file: {} };
    expect(change(key, { ...file, ...seen })).toEqual(expected);
  });

  it('says what was not told, and proposes nothing on it', () => {
    const all = proposed({ release: '3.4.14', load: { dataSize: undefined }, clients: undefined, bytesIn: undefined });
    for (const key of ['initLimit', 'autopurge.purgeInterval', 'maxClientCnxns', 'preAllocSize', '-Xmx']) {
      expect(all.get(key)).toMatchObject({ verdict: 'unknown', proposed: undefined });
    }
    const partly = proposed({ load: { jvmPauseMax: undefined } }).get('syncLimit');
    expect(partly).toMatchObject({ confidence: 'partly', missing: ['JVM'] });
  });

  it('does not take members that look for a leader for a standalone server', () => {
    const effective = effectiveConfig(observation({ facts: factsOf({ notServing: '4lw:srvr' }) }), undefined);
    for (const key of ['initLimit', 'syncLimit']) {
      const one = proposed({ effective }).get(key);
      expect(one).toMatchObject({ verdict: 'unknown', missing: ['no member tells whether it is one of an ensemble'] });
    }
  });

  it('does not call a syncLimit fine when no delay is told', () => {
    const load = { fsyncMax: undefined, quorumAck: undefined, jvmPauseMax: undefined };
    expect(change('syncLimit', { load })).toEqual(['unknown', '5', undefined]);
  });

  it('does not put 0 into its arithmetic for what is not told', () => {
    const file = { set: { 'autopurge.purgeInterval': '0' } };
    const all = proposed({ file, load: { dataSize: undefined, znodes: undefined }, bytesIn: undefined });
    for (const { formula } of all.values()) expect(formula).not.toMatch(/\b0 B\b/);
    expect(all.get('autopurge.purgeInterval')).toMatchObject({
      proposed: '24',
      confidence: 'partly',
      missing: ['the size of the data', 'bytes of requests a second'],
    });
  });

  it('changes nothing whose present value is not told', () => {
    const nothing = { ...observation({}) };
    const effective = effectiveConfig(nothing, undefined);
    const all = propose(
      {
        members: [
          {
            effective,
            load: { ...loadOf(nothing), ...QUIET },
            requests: 1,
            bytesIn: 1,
            roundTrip: { median: 1, max: 1, count: 7 },
            clients: { sessions: 1, busiest: 90, longest: 1, withLongest: 1 },
          },
        ],
        silent: [],
        window: 1,
        writes: 1,
      },
      { file: undefined, heap: undefined },
    );
    expect(new Set(all.map(({ verdict }) => verdict))).toEqual(new Set(['unknown']));
  });

  it('sets what a file lacks and servers do not start without', () => {
    expect(change('initLimit', { file: { set: { initLimit: undefined } } })).toEqual(['change', undefined, '5']);
  });

  it('takes a heap that was given where none is told', () => {
    expect(change('-Xmx', { release: '3.4.14', heap: 4 * 2 ** 30 })).toEqual(['keep', '4096m', undefined]);
    expect(proposed({ release: '3.4.14' }).get('-Xmx')).toMatchObject({
      verdict: 'unknown',
      why: 'the present value is not told; 1024m would do',
    });
  });
});

describe('the clients of a member', () => {
  it.each(RELEASES)('are counted from what %s tells, without the questions', (release) => {
    const one = { sessions: 1, busiest: 1, longest: 60_000, withLongest: 1 };
    expect(censusOf(observed(release, 'leader'))).toEqual(one);
    expect(censusOf(observed(release, 'leader', { admin: false }))).toEqual(one);
  });

  it('are those with a session', () => {
    const connections = [
      { remote_socket_address: '10.0.0.7:4001', session_id: 7n, session_timeout: 4000 },
      { remote_socket_address: '10.0.0.7:4002', session_id: 0, session_timeout: 0 },
      { remote_socket_address: '[::1]:4003', session_id: 8, session_timeout: 6000 },
      'nonsense',
    ];
    const admin = new Map([['connections', { connections, secure_connections: null }]]);
    const further = { words: new Map(), admin, missing: [] };
    expect(censusOf(observation({ further }))).toEqual({ sessions: 2, busiest: 1, longest: 6000, withLongest: 1 });
  });

  it('are not known where nobody tells them', () => {
    expect(censusOf(observation({}))).toBeUndefined();
  });
});

describe('the heap beside a zoo.cfg', () => {
  it.each([
    ['export SERVER_JVMFLAGS="-Xmx2g -Xms1g"', 2 * 2 ** 30],
    ['SERVER_JVMFLAGS="-Xmx512m"\nJVMFLAGS="-Xmx1024M"', 2 ** 30],
    ['ZK_SERVER_HEAP=4096', 4 * 2 ** 30],
    ['CLIENT_JVMFLAGS="-Xmx256m"', undefined],
    ['', undefined],
  ])('is read from %j', (text, bytes) => {
    expect(heapIn(text)).toBe(bytes);
  });
});
