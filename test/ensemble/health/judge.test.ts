import { describe, expect, it } from 'vitest';
import type { CommitProof } from '../../../src/ensemble/commit-proof.ts';
import type { HealthView } from '../../../src/ensemble/health/check.ts';
import { CHECKS, findCheck } from '../../../src/ensemble/health/judge.ts';
import { DEFAULT_LIMITS, parseLimits } from '../../../src/ensemble/health/limits.ts';
import { OPEN_ACL } from '../../../src/protocol/acl.ts';
import { ZkshError } from '../../../src/protocol/errors.ts';
import { codesOf, healthOf, type Said, viewOf, voters } from '../../support/health-views.ts';
import { RELEASES } from '../../support/recorded-answers.ts';

const LEADER: Said = { role: 'leader' };
const FOLLOWER: Said = { role: 'follower' };
const DOWN: Said = { role: 'unreachable', missing: [{ source: '4lw', reason: 'connection refused' }] };
const THREE: readonly Said[] = [LEADER, FOLLOWER, FOLLOWER];

/** Three members, the second of which says this besides. */
function one(said: Said): readonly Said[] {
  return [LEADER, { ...FOLLOWER, ...said }, FOLLOWER];
}

/** Three members whose leader says this besides. */
function leading(said: Said): readonly Said[] {
  return [{ ...LEADER, ...said }, FOLLOWER, FOLLOWER];
}

describe('an ensemble in which all is well', () => {
  it.each(RELEASES)('is healthy by what servers of %s say', (release) => {
    const health = healthOf(THREE.map((said) => ({ ...said, release })));
    const { found, notJudged } = codesOf(health);
    expect(health.verdict).toBe('healthy');
    expect(found.filter((code) => !code.includes('release-'))).toEqual([]);
    // What a release does not tell is said, and never passed.
    if (release === '3.4.14')
      expect(notJudged).toEqual(expect.arrayContaining(['snapshot-old', 'digest-mismatch', 'elections-frequent']));
    expect(notJudged.filter((code) => codesOf(health).passed.includes(code))).toEqual([]);
  });

  it('is healthy by srvr alone, and says what it could not judge', () => {
    const missing = [{ source: '4lw:mntr', reason: 'not in 4lw.commands.whitelist' }];
    const health = healthOf(THREE.map((said) => ({ ...said, srvrOnly: true, missing })));
    expect(health.verdict).toBe('healthy');
    const fsync = health.notJudged.find(({ check }) => check.code === 'fsync-slow');
    expect(fsync).toMatchObject({ reason: 'no metrics (mntr: not in 4lw.commands.whitelist)', members: [{}, {}, {}] });
    expect(codesOf(health).notJudged).toEqual(
      expect.arrayContaining(['not-synced', 'heap-tight', 'files-scarce', 'watches-many']),
    );
  });
});

describe('an ensemble of which some voters were not asked', () => {
  it('is not known to bear a loss, and nobody is counted as lost', () => {
    const health = healthOf([FOLLOWER], { config: voters(3) });
    const { found, notJudged, passed } = codesOf(health);
    expect(health.verdict).toBe('unknown');
    expect(found.filter((code) => !code.startsWith('advice'))).toEqual([]);
    expect(notJudged).toEqual(expect.arrayContaining(['tolerance-zero', 'leader-unknown', 'even-voters']));
    // A follower follows by a quorum alone.
    expect(passed).toContain('quorum-lost');
    const tolerance = health.notJudged.find(({ check }) => check.code === 'tolerance-zero');
    expect(tolerance?.reason).toBe('the voters 2, 3 were not asked, so how many may fail is not known');
  });

  it('is not known to have a quorum by a server of another one', () => {
    const strange: Said = { ...FOLLOWER, stranger: true, serverId: 1n, config: voters(3, 9999) };
    const { found, passed, notJudged } = codesOf(healthOf([{ role: 'notServing' }, strange], { config: voters(3) }));
    expect(found).toContain('critical foreign-member');
    expect(passed).not.toContain('quorum-lost');
    expect(notJudged).toContain('quorum-lost');
  });
});

/** What is said, and what has to be found of it: `severity code`. */
const FOUND: readonly [what: string, members: readonly Said[], ...expected: string[]][] = [
  [
    'every member down',
    [DOWN, DOWN, DOWN],
    'critical nothing-serves',
    'critical quorum-lost',
    ...Array(3).fill('warning member-unreachable'),
  ],
  [
    'two of three down',
    [{ role: 'notServing' }, DOWN, DOWN],
    'critical nothing-serves',
    'critical quorum-lost',
    'warning member-not-serving',
  ],
  ['one of three down', [LEADER, FOLLOWER, DOWN], 'critical tolerance-zero', 'warning member-unreachable'],
  ['one of five down', [LEADER, FOLLOWER, FOLLOWER, FOLLOWER, DOWN], 'warning member-unreachable'],
  ['two voters by design', [LEADER, FOLLOWER], 'warning tolerance-zero', 'advice even-voters'],
  ['two leaders', [LEADER, LEADER, FOLLOWER], 'critical two-leaders'],
  ['the leader silent', [FOLLOWER, FOLLOWER, DOWN], 'warning leader-unknown'],
  [
    'a member that serves reads only',
    [LEADER, FOLLOWER, { role: 'read-only' }],
    'warning member-read-only',
    'critical tolerance-zero',
  ],
  [
    'a standalone server in the list',
    [...THREE, { role: 'standalone', stranger: true }],
    'critical standalone-in-list',
  ],
  [
    'a server of another ensemble',
    [...THREE, { ...FOLLOWER, stranger: true, serverId: 1n, config: voters(3, 9999) }],
    'critical foreign-member',
  ],
  ['a server that was removed', [...THREE, { ...FOLLOWER, stranger: true, serverId: 4n }], 'warning not-in-config'],
  ['two servers with one id', one({ serverId: 1n }), 'critical id-clash', 'critical id-clash'],
  ['a member that missed a reconfiguration', one({ config: voters(2) }), 'warning config-differs'],
  ['members of two releases', one({ release: '3.8.4' }), 'advice mixed-releases'],
  ['a follower that is not synced', leading({ mntr: { synced_followers: 1 } }), 'warning not-synced'],
  ['a pending sync', leading({ mntr: { pending_syncs: 1 } }), 'advice pending-syncs'],
  ['a member far behind', leading({ zxid: 0x1_0000_ffffn }), 'warning zxid-lag'],
  ['a member in the epoch before', leading({ zxid: 0x2_0000_0fffn }), 'critical zxid-lag'],
  ['digests that differ', one({ mntr: { digest_mismatches_count: 1 } }), 'critical digest-mismatch'],
  [
    'a counter nearly full',
    [
      leading({ zxid: 0x1_ffff_0000n, mntr: { leader_uptime: 86_400_000 } })[0]!,
      { zxid: 0x1_ffff_0000n },
      { zxid: 0x1_ffff_0000n },
    ],
    'critical zxid-rollover',
  ],
  ['requests that wait', one({ mntr: { outstanding_requests: 101 } }), 'warning requests-waiting'],
  ['requests over the limit of a server', one({ mntr: { outstanding_requests: 1000 } }), 'critical requests-waiting'],
  ['a high latency', one({ mntr: { avg_latency: 100.5, packets_received: 1000 } }), 'warning latency-high'],
  ['slow fsyncs', one({ mntr: { avg_fsynctime: 101, cnt_fsynctime: 900 } }), 'warning fsync-slow'],
  [
    'fsyncs over the threshold, as 3.4 and 3.5 count them',
    THREE.map((said) => ({ ...said, release: '3.5.10', mntr: { fsync_threshold_exceed_count: 2 } })),
    'advice fsync-slow',
  ],
  ['many requests held back', one({ mntr: { throttled_ops: 100 } }), 'warning requests-throttled'],
  [
    'a few requests held back among many',
    one({ mntr: { throttled_ops: 3, cnt_readlatency: 1_000_000 } }),
    'advice requests-throttled',
  ],
  ['many elections', one({ mntr: { looking_count: 30, uptime: 3_600_000 } }), 'advice elections-frequent'],
  ['long pauses', one({ mntr: { max_jvm_pause_time_ms: 6000, cnt_jvm_pause_time_ms: 100 } }), 'advice jvm-pauses'],
  ['few file descriptors left', one({ mntr: { open_file_descriptor_count: 16_001 } }), 'warning files-scarce'],
  ['hardly any file descriptor left', one({ mntr: { open_file_descriptor_count: 19_900 } }), 'critical files-scarce'],
  ['many rejected connections', one({ mntr: { connection_rejected: 300 } }), 'warning connections-refused'],
  [
    'a few rejected connections among many',
    one({ mntr: { connection_rejected: 3, connection_request_count: 5000 } }),
    'advice connections-refused',
  ],
  ['many watches', one({ mntr: { watch_count: 1_000_001 } }), 'advice watches-many'],
  ['many ephemerals', one({ mntr: { ephemerals_count: 100_001 } }), 'advice ephemerals-many'],
  [
    'data that fills the heap',
    one({ mntr: { approximate_data_size: 150 * 2 ** 20 }, words: { envi: 'os.memory.max=256MB\n' } }),
    'warning heap-tight',
  ],
  [
    'znodes that fill the heap',
    one({ mntr: { znode_count: 600_000 }, words: { envi: 'jvm.memory.max=256MB\n' } }),
    'critical heap-tight',
  ],
  ['an answer near jute.maxbuffer', one({ mntr: { max_client_response_size: 900_000 } }), 'warning answer-near-limit'],
  [
    'a proposal near a jute.maxbuffer that is set',
    leading({ mntr: { max_proposal_size: 90_000 }, admin: { system_properties: { 'jute.maxbuffer': '100000' } } }),
    'warning answer-near-limit',
  ],
  ['large requests refused', one({ mntr: { large_requests_rejected: 1 } }), 'advice large-requests'],
  [
    'a snapshot of long ago',
    one({ zxid: 0x1_0005_0000n, admin: { last_snapshot: { zxid: '100000000', timestamp: 1_767_000_000 } } }),
    'warning snapshot-old',
  ],
  ['snapshots that failed', one({ mntr: { snapshot_error_count: 1 } }), 'warning snapshot-errors'],
  ['clocks that are apart', THREE.map((said, i) => ({ ...said, clock: 2500 * i })), 'warning clock-skew'],
  ['every four-letter word open', one({ words: { gtmk: '306' } }), 'advice words-open'],
  ['an AdminServer open to others', one({ adminUrl: 'http://zk2:8080/commands' }), 'advice admin-open'],
  [
    'a release with known vulnerabilities',
    THREE.map((said) => ({ ...said, release: '3.8.4' })),
    'advice release-vulnerable',
  ],
  ['a release nobody maintains', THREE.map((said) => ({ ...said, release: '3.5.10' })), 'advice release-unsupported'],
];

describe('a finding', () => {
  it.each(FOUND)('of %s', (_, members, ...expected) => {
    const health = healthOf(members);
    const { found } = codesOf(health);
    for (const code of expected) expect(found).toContain(code);
    const serious = expected.some((code) => !code.startsWith('advice'));
    expect(health.verdict).toBe(serious ? 'unhealthy' : 'healthy');
    const codes = expected.map((code) => code.split(' ')[1]);
    for (const { check, message, evidence, todo } of health.findings) {
      if (!codes.includes(check.code)) continue;
      expect(message).toMatch(/^\S.*[^.]$/);
      expect(evidence).not.toBe('');
      expect(todo).toMatch(/\.$/);
    }
    expect(codesOf(health).passed.filter((code) => codes.includes(code))).toEqual([]);
  });

  it('is made by every check that is not about what only a real look brings', () => {
    const provoked = new Set(FOUND.flatMap(([, , ...expected]) => expected.map((code) => code.split(' ')[1])));
    const elsewhere = [
      'single-server',
      'root-open',
      'disk-tight',
      'connections-many',
      'commit-unproven',
      'certificate-dates',
      'certificate-name',
      'unusual-value',
    ];
    expect(CHECKS.map(({ code }) => code).filter((code) => !provoked.has(code) && !elsewhere.includes(code))).toEqual(
      [],
    );
  });

  it('of an open root names its ACL', () => {
    const health = healthOf(THREE, { rootAcl: OPEN_ACL });
    expect(health.findings.find(({ check }) => check.code === 'root-open')?.message).toBe(
      'the ACL of / is world:anyone:cdrwa',
    );
    expect(codesOf(healthOf(THREE, { rootAcl: [{ ...OPEN_ACL[0]!, perms: 1 }] })).passed).toContain('root-open');
    expect(codesOf(healthOf(THREE, { rootAcl: { reason: 'no session' } })).notJudged).toContain('root-open');
  });

  it('of one server alone is advice', () => {
    const health = healthOf([{ role: 'standalone' }], { config: undefined });
    expect(codesOf(health).found).toEqual(['advice single-server']);
    expect(health.verdict).toBe('healthy');
  });

  it('of a disk tells what is left', () => {
    const view = viewOf(THREE);
    const disks = new Map([[view.status.members[1]!, [{ directory: '/data', free: 2 ** 30, size: 100 * 2 ** 30 }]]]);
    const tight = healthOf(THREE, { ...view, disks }).findings.find(({ check }) => check.code === 'disk-tight');
    expect(tight).toMatchObject({
      severity: 'critical',
      message: expect.stringContaining('1.0 GiB of 100 GiB left for /data'),
    });
  });

  it('of connections from one address names it', () => {
    const view = viewOf(one({ mntr: { num_alive_connections: 200 } }));
    const at = (count: number) => new Map([[view.status.members[1]!, { address: '10.0.0.7', count }]]);
    const many = (count: number) =>
      healthOf([], { ...view, busiest: at(count) }).findings.find(({ check }) => check.code === 'connections-many');
    expect(many(59)?.message).toMatch(/^10\.0\.0\.7 holds 59 connections to 2 /);
    expect(many(20)).toBeUndefined();
    // Of many clients, each with a few, nobody is near the limit: without their addresses that is not known.
    expect(healthOf([], view).notJudged).toContainEqual(
      expect.objectContaining({
        reason: 'it has 200 connections, and whose they are is not told (cons or its AdminServer would)',
      }),
    );
  });

  it('of a follower that is not synced needs no configuration, and counts no follower that has no vote', () => {
    const old = [{ ...LEADER, mntr: { synced_followers: 1 } }, FOLLOWER, FOLLOWER].map((said) => ({
      ...said,
      release: '3.4.14',
    }));
    expect(codesOf(healthOf(old, { config: undefined })).found).toContain('warning not-synced');
    const joining = leading({ mntr: { synced_followers: 2, synced_non_voting_followers: 1 } });
    expect(codesOf(healthOf(joining)).found).toContain('warning not-synced');
  });

  it('of a lost quorum does not deny that a member serves', () => {
    const lost = healthOf([FOLLOWER, DOWN, DOWN]).findings.find(({ check }) => check.code === 'quorum-lost');
    expect(lost).toMatchObject({
      severity: 'critical',
      message: 'fewer voters answer than a quorum takes, and yet 1 (zk1:2181) serves',
      todo: expect.stringContaining('Look again after syncLimit'),
    });
  });
});

describe('certificates', () => {
  const now = Date.UTC(2026, 5, 1);
  const day = 86_400_000;
  const facts = (from: number, to: number) => ({
    subject: 'CN=zk2',
    issuer: 'CN=ca',
    names: ['zk2'],
    validFrom: now + from * day,
    validTo: now + to * day,
    selfSigned: false,
  });
  const shown = (from: number, to: number, over = {}) => ({
    member: { id: 2n, host: 'zk2:2281' },
    place: 'client' as const,
    host: 'zk2',
    port: 2281,
    ...facts(from, to),
    authorities: [],
    matchesHost: true,
    trusted: true,
    reason: undefined,
    protocol: 'TLSv1.3',
    ...over,
  });
  const judged = (over: Partial<HealthView['certificates']>) =>
    healthOf(THREE, { now, certificates: { shown: [], silent: [], own: undefined, ...over } });
  const dates = (from: number, to: number, over = {}) =>
    judged({ shown: [shown(from, to, over)] }).findings.find(({ check }) => check.code === 'certificate-dates');

  it.each([
    [-400, -3, 'critical', 'the certificate of 2: the secure client port zk2:2281 expired 3d ago'],
    [2, 300, 'critical', 'the certificate of 2: the secure client port zk2:2281 is valid in 2d only'],
    [-300, 0.5, 'critical', 'the certificate of 2: the secure client port zk2:2281 expires in 12h'],
    [-300, 20, 'warning', 'the certificate of 2: the secure client port zk2:2281 expires in 20d'],
  ])('valid from day %d to day %d are %s', (from, to, severity, message) => {
    expect(dates(from, to)).toMatchObject({ severity, message, members: [{ id: 2n }] });
  });

  it('pass while they are valid for long, and end with the authority that ends first', () => {
    expect(codesOf(judged({ shown: [shown(-1, 300)] })).passed).toEqual(
      expect.arrayContaining(['certificate-dates', 'certificate-name']),
    );
    expect(dates(-1, 300, { authorities: [facts(-900, 5)] })?.message).toMatch(/expires in 5d$/);
  });

  it('of another name are told of, and our own is looked at too', () => {
    expect(codesOf(judged({ shown: [shown(-1, 300, { matchesHost: false })] })).found).toContain(
      'advice certificate-name',
    );
    expect(judged({ own: { file: 'me.pem', ...facts(-9, -1) } }).findings[0]?.message).toBe(
      'the certificate of zksh itself, me.pem, expired 1d ago',
    );
  });

  it('that nobody shows are not judged, and without TLS there is nothing to judge', () => {
    const silent = [
      {
        member: { id: 2n, host: 'zk2:2281' },
        place: 'client' as const,
        host: 'zk2',
        port: 2281,
        reason: 'connection refused',
      },
    ];
    expect(codesOf(judged({ silent })).notJudged).toContain('certificate-dates');
    expect(healthOf(THREE).skipped.map(({ check }) => check.code)).toEqual(
      expect.arrayContaining(['certificate-dates', 'certificate-name']),
    );
  });
});

describe('what departs from the usual', () => {
  const departure = {
    member: '2',
    metric: 'connections' as const,
    value: 940,
    median: 310,
    mad: 12.3456,
    deviations: 20.4,
    hour: 3,
    samples: 56,
  };
  const judged = (usual: HealthView['usual']) => healthOf(THREE, { usual });

  it('is a warning that has the numbers in it', () => {
    expect(judged({ departures: [departure], learning: [] }).findings[0]).toMatchObject({
      severity: 'warning',
      members: [{ id: 2n }],
      message: 'connections of 2 (zk2:2181) is 940, 20 deviations from its median 310',
      evidence: 'median absolute deviation 12.35 count, of 56 looks between 3:00 and 4:00 UTC',
    });
  });

  it('is not judged while too little was seen, and passes when nothing departs', () => {
    const learning = [{ member: '2', metric: 'commits' as const, samples: 3, needed: 24 }];
    expect(judged({ departures: [], learning }).notJudged).toContainEqual(
      expect.objectContaining({ reason: 'still learning 1 metrics (commits: 3 of 24 looks)' }),
    );
    expect(codesOf(judged({ departures: [], learning: [] })).passed).toContain('unusual-value');
    expect(healthOf(THREE).skipped.map(({ check }) => check.code)).toContain('unusual-value');
  });
});

describe('clocks', () => {
  const clocks = (...offsets: number[]) =>
    healthOf(THREE.map((said, i) => ({ ...said, ...(offsets[i] === undefined ? {} : { clock: offsets[i] }) })));

  it('are not called apart for what the doubt about them allows', () => {
    expect(codesOf(clocks(0, 1900, 900)).passed).toContain('clock-skew');
    expect(clocks(0, 2500, 900).findings).toContainEqual(
      expect.objectContaining({
        message: 'the clock of 2 (zk2:2181) is ahead of that of 1 (zk1:2181) by at least 1s',
      }),
    );
  });

  it('that are not told are not judged', () => {
    expect(codesOf(clocks()).notJudged).toContain('clock-skew');
    expect(codesOf(clocks(0, 10)).notJudged).toContain('clock-skew');
  });
});

describe('a proof by writes', () => {
  const who = (id: number) => ({ id: BigInt(id), host: `zk${id}:2181` });
  const read = (id: number, over = {}) => ({ reader: who(id), ok: true, took: 1, ...over });
  const proof = (over: Partial<CommitProof>): CommitProof => ({
    proven: false,
    parent: '/',
    writers: [],
    unproven: [],
    left: [],
    took: 9,
    leaderClock: undefined,
    ...over,
  });
  const judged = (made: CommitProof) => healthOf(THREE, { proof: made });

  it('that every member has passes', () => {
    const writers = [1, 2, 3].map((id) => ({ writer: who(id), ok: true, took: 2, readers: [read(1), read(2)] }));
    expect(codesOf(judged(proof({ proven: true, writers }))).passed).toContain('commit-unproven');
    expect(healthOf(THREE).skipped.map(({ check }) => check.code)).toContain('commit-unproven');
  });

  it('that was not acknowledged, or is lacking somewhere, is critical', () => {
    const error = new ZkshError('create /a failed: the connection was lost', { code: 'CONNECTION_LOSS', exitCode: 5 });
    const lost = judged(
      proof({ writers: [{ writer: who(2), ok: false, took: 900, error, outcome: 'unknown', readers: [] }] }),
    );
    expect(lost.findings[0]).toMatchObject({
      severity: 'critical',
      message: 'a write through 2 (zk2:2181) was not acknowledged, and may have happened',
      members: [{ id: 2n }],
    });
    const unread = judged(proof({ writers: [{ writer: who(2), ok: false, took: 9, error, readers: [] }] }));
    expect(unread.findings[0]?.message).toBe(
      'a write through 2 (zk2:2181) was acknowledged, and could not be read back there',
    );
    const stale = judged(
      proof({
        writers: [{ writer: who(1), ok: false, took: 2, readers: [read(2), read(3, { ok: false, stale: true })] }],
      }),
    );
    expect(stale.findings[0]).toMatchObject({
      message: expect.stringContaining('could not be read through 3 (zk3:2181)'),
      members: [{ id: 3n }],
    });
    expect(stale.verdict).toBe('unhealthy');
  });

  it('that nobody was allowed to make is not judged, and the ensemble not called healthy', () => {
    const refused = {
      member: who(1),
      why: 'not permitted' as const,
      reason: 'the ACL of / forbids to create below it',
    };
    const health = judged(proof({ unproven: [refused] }));
    expect(health.verdict).toBe('unknown');
    expect(health.notJudged).toContainEqual(
      expect.objectContaining({ reason: refused.reason, members: [expect.objectContaining({ id: 1n })] }),
    );
  });
});

describe('the judgement', () => {
  it('on members of which nobody tells the configuration is "unknown", not healthy', () => {
    const health = healthOf(THREE, { config: undefined });
    expect(health.verdict).toBe('unknown');
    expect(codesOf(health).notJudged).toContain('tolerance-zero');
  });

  it('with no member that answers passes nothing', () => {
    const { passed, notJudged } = codesOf(healthOf([DOWN, DOWN, DOWN]));
    expect(passed).toEqual([]);
    expect(notJudged).toEqual(expect.arrayContaining(['two-leaders', 'latency-high', 'zxid-lag']));
  });

  it('takes no average of a few requests for one', () => {
    const health = healthOf(one({ mntr: { avg_latency: 500, packets_received: 12 } }));
    expect(health.verdict).toBe('healthy');
    expect(health.notJudged).toContainEqual(
      expect.objectContaining({ reason: '500 ms on average, of 12 requests since its start: too few to tell' }),
    );
  });

  it.each([
    ['fsync-slow', { cnt_fsynctime: 0 }, /timed no fsync yet/],
    ['jvm-pauses', { cnt_jvm_pause_time_ms: 0 }, /jvm\.pause\.monitor/],
    ['answer-near-limit', { max_client_response_size: -1, max_proposal_size: -1 }, /sent no answer yet/],
  ])('takes no measure of nothing for passed: %s', (code, mntr, reason) => {
    const health = healthOf(THREE.map((said) => ({ ...said, mntr })));
    expect(codesOf(health).passed).not.toContain(code);
    expect(health.notJudged.find(({ check }) => check.code === code)?.reason).toMatch(reason);
  });

  it.each([
    ['digest-mismatch', { system_properties: { 'zookeeper.digest.enabled': 'false' } }],
    ['snapshot-old', { last_snapshot: { zxid: 'ffffffffffffffff', timestamp: -1 } }],
  ])('takes nothing for passed that a server does not do: %s', (code, admin) => {
    expect(codesOf(healthOf(one({ admin }))).notJudged).toContain(code);
    expect(codesOf(healthOf(one({ admin }))).passed).not.toContain(code);
  });

  it('knows how often a server takes snapshots', () => {
    const admin = { last_snapshot: { zxid: '100000000', timestamp: 1_767_000_000 } };
    const rare = { ...admin, system_properties: { 'zookeeper.snapCount': '500000' } };
    const codes = (said: Said) => codesOf(healthOf(one({ zxid: 0x1_0005_0000n, ...said }))).found;
    expect(codes({ admin })).toContain('warning snapshot-old');
    expect(codes({ admin: rare })).not.toContain('warning snapshot-old');
  });

  it('judges requests that 3.6 dropped, before it counted those it held back', () => {
    const health = healthOf(THREE.map((said) => ({ ...said, release: '3.6.4' })));
    expect(codesOf(health).passed).toContain('requests-throttled');
  });

  it('sees no lag in members that were asked while an election began another epoch', () => {
    expect(codesOf(healthOf(leading({ zxid: 0x2_0000_0001n }))).passed).toContain('zxid-lag');
    expect(codesOf(healthOf(one({ zxid: 0x2_0000_0001n }))).notJudged).toContain('zxid-lag');
  });

  it('fears no full counter of a standalone server, which counts on', () => {
    const health = healthOf([{ role: 'standalone', zxid: 0xffff_0000n, mntr: { uptime: 86_400_000 } }], {
      config: undefined,
    });
    expect(health.skipped.map(({ check }) => check.code)).toContain('zxid-rollover');
  });

  it('passes nothing about members that do not tell who they are', () => {
    const judged = codesOf(healthOf(one({ srvrOnly: true })));
    const codes = ['id-clash', 'foreign-member', 'config-differs'];
    expect(judged.notJudged).toEqual(expect.arrayContaining(codes));
    expect(judged.passed.filter((code) => codes.includes(code))).toEqual([]);
  });

  it('calls nobody a stranger who may be one of the others behind another name', () => {
    const judged = codesOf(healthOf([...THREE, { ...FOLLOWER, stranger: true, srvrOnly: true }]));
    expect(judged.notJudged).toContain('not-in-config');
    expect(judged.found).not.toContain('warning not-in-config');
  });

  it('takes other limits', () => {
    const members = one({ mntr: { avg_latency: 20, packets_received: 5000 } });
    expect(codesOf(healthOf(members)).found).not.toContain('warning latency-high');
    expect(codesOf(healthOf(members, { limits: parseLimits(['latency=10']) })).found).toContain('warning latency-high');
    expect(parseLimits(['lag=0'])).toEqual({ ...DEFAULT_LIMITS, lag: 0 });
  });

  it.each(['lag', 'lag=', 'lag=-1', 'speed=3', 'lag=1e9', '__proto__=1'])('refuses the limit "%s"', (text) => {
    expect(() => parseLimits([text])).toThrow(expect.objectContaining({ code: 'BAD_LIMIT' }));
  });

  it('knows its checks by their codes', () => {
    expect(findCheck('quorum-lost', () => []).title).toBe('fewer voters serve than a quorum takes');
    expect(() => findCheck('quorum-last', () => ['quorum-lost'])).toThrow(/quorum-last/);
    const codes = CHECKS.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });

  it.each(CHECKS.map((check) => [check.code, check] as const))(
    '%s is explained in sentences',
    (code, { title, why, todo }) => {
      expect(code).toMatch(/^[a-z]+(-[a-z]+)+$/);
      expect(title).toMatch(/^[a-z](?!.*\.$)/i);
      for (const text of [why, todo]) expect(text).toMatch(/^[A-Z].{20,}\.$/);
    },
  );
});
