import { describe, expect, it } from 'vitest';
import { GATES, type GateName } from '../../../src/change/gates/gates.ts';
import { DEFAULT_CHANGE_LIMITS } from '../../../src/change/plan.ts';
import { parseDynamicConfig } from '../../../src/ensemble/dynamic-config.ts';
import { type Said, viewOf } from '../../support/health-views.ts';

const ZXID = 0x500000100n;
const LEADER: Said = { role: 'leader', zxid: ZXID, mntr: { synced_followers: 2, pending_syncs: 0 } };
const FOLLOWER: Said = { role: 'follower', zxid: ZXID };
const THREE = [LEADER, FOLLOWER, FOLLOWER];

/** What a gate says to an ensemble of these members, `open: …` or `shut: …`, when member 2 is meant. */
function judged(
  name: GateName,
  members: readonly Said[],
  {
    config,
    target = 2n,
    ...rest
  }: { config?: Parameters<typeof viewOf>[1]; target?: bigint; configVersion?: bigint | undefined } = {},
): string {
  const gate = GATES[name];
  if (!('judge' in gate)) throw new Error(`${name} does not judge by looking`);
  const { status } = viewOf(members, config);
  const configVersion = 'configVersion' in rest ? rest.configVersion : 0x100000000n;
  const { pass, evidence } = gate.judge({
    status,
    limits: DEFAULT_CHANGE_LIMITS,
    target,
    configVersion,
    outsiders: [],
  });
  return `${pass ? 'open' : 'shut'}: ${evidence}`;
}

const WITHOUT_CONFIG = { config: { config: undefined }, configVersion: undefined };

describe('every gate', () => {
  it('has its name, and a reason that is a sentence', () => {
    for (const [name, gate] of Object.entries(GATES)) {
      expect(gate.name).toBe(name);
      expect(gate.reason).toMatch(/^[A-Z].{20,}\.$/);
    }
  });
});

describe('one-leader', () => {
  it('is open with exactly one', () => {
    expect(judged('one-leader', THREE)).toBe('open: member 1 leads (4lw:srvr)');
  });

  it('is shut with none, and with two', () => {
    expect(judged('one-leader', [FOLLOWER, FOLLOWER, FOLLOWER])).toBe('shut: no member says that it leads');
    expect(judged('one-leader', [LEADER, LEADER, FOLLOWER])).toBe('shut: member 1 and member 2 say that they lead');
  });
});

describe('others-serve', () => {
  it('is open when the member that is meant is the only one that is down', () => {
    expect(judged('others-serve', [LEADER, { role: 'unreachable' }, FOLLOWER])).toBe('open: all 2 other voters serve');
  });

  it.each(['unreachable', 'notServing', 'read-only'] as const)('is shut when another is %s', (role) => {
    expect(judged('others-serve', [LEADER, FOLLOWER, { role }])).toMatch(/^shut: member 3 is /);
  });

  it('counts every member listed where no configuration is told, as on 3.4', () => {
    expect(judged('others-serve', [LEADER, FOLLOWER, { role: 'unreachable' }], WITHOUT_CONFIG)).toMatch(/^shut: /);
    expect(judged('others-serve', THREE, WITHOUT_CONFIG)).toBe('open: all 2 other voters serve');
  });
});

describe('all-synced', () => {
  it('goes by what the leader counts', () => {
    expect(judged('all-synced', THREE)).toMatch(/^open: synced_followers 2 of 2, pending_syncs 0/);
    expect(judged('all-synced', [{ ...LEADER, mntr: { synced_followers: 1 } }, FOLLOWER, FOLLOWER])).toMatch(
      /^shut: synced_followers 1 of 2/,
    );
    expect(
      judged('all-synced', [{ ...LEADER, mntr: { synced_followers: 2, pending_syncs: 1 } }, FOLLOWER, FOLLOWER]),
    ).toMatch(/^shut: .*pending_syncs 1/);
  });

  it('goes by the zxids where the leader tells nothing but srvr', () => {
    const quiet = THREE.map((said) => ({ ...said, srvrOnly: true }));
    expect(judged('all-synced', quiet)).toMatch(/^open: 2 followers within 100 transactions; the leader does not tell/);
    const behind = [...quiet.slice(0, 2), { ...FOLLOWER, srvrOnly: true, zxid: ZXID - 101n }];
    expect(judged('all-synced', behind)).toMatch(/^shut: member 3 is 101 transactions behind/);
  });

  it('is shut without a leader to ask', () => {
    expect(judged('all-synced', [FOLLOWER, FOLLOWER, FOLLOWER])).toBe('shut: there is no one leader to ask');
  });
});

describe('config-settled', () => {
  it('is open when all have the version that the change was worked out against', () => {
    expect(judged('config-settled', THREE)).toBe('open: version 100000000, told by 3 members');
  });

  it('is shut while members have different versions', () => {
    const newer = parseDynamicConfig(
      [1, 2, 3]
        .map((id) => `server.${id}=zk${id}:2888:3888:participant;2181`)
        .join('\n')
        .concat('\nversion=200000007'),
    );
    expect(
      judged('config-settled', [LEADER, FOLLOWER, { ...FOLLOWER, config: newer }], { configVersion: 0x200000007n }),
    ).toBe('shut: member 1 has version 100000000, member 2 has version 100000000, member 3 has version 200000007');
  });

  it('is shut when somebody changed it since', () => {
    expect(judged('config-settled', THREE, { configVersion: 0x2n })).toBe(
      'shut: somebody else changed the membership: version 100000000, this change was worked out against 2',
    );
  });

  it('has nothing to say where there is none and was none, and is shut where there was one', () => {
    expect(judged('config-settled', THREE, WITHOUT_CONFIG)).toBe('open: no member tells a committed version');
    expect(judged('config-settled', THREE, { ...WITHOUT_CONFIG, configVersion: 1n })).toMatch(/^shut: /);
  });
});

describe('quorum-without-target', () => {
  it('is open when a majority is left, and says what that bears', () => {
    expect(judged('quorum-without-target', THREE)).toBe(
      'open: 2 of 3 voters are left, none more may fail meanwhile: not 1, not 3',
    );
    const five = [{ ...LEADER, mntr: { synced_followers: 4 } }, FOLLOWER, FOLLOWER, FOLLOWER, FOLLOWER];
    expect(judged('quorum-without-target', five)).toBe('open: 4 of 5 voters are left, 1 more may fail meanwhile');
  });

  it('is shut when no quorum would be left', () => {
    expect(judged('quorum-without-target', [LEADER, FOLLOWER, { role: 'unreachable' }])).toBe(
      'shut: 1 of 3 voters would be left, which is no quorum',
    );
    expect(judged('quorum-without-target', [LEADER, FOLLOWER])).toMatch(/^shut: 1 of 2/);
  });

  it('counts weights: two of three are no quorum without the one that weighs most', () => {
    const lines = [1, 2, 3].map((id) => `server.${id}=zk${id}:2888:3888:participant;2181`);
    const config = parseDynamicConfig(
      [...lines, 'group.1=1:2:3', 'weight.1=1', 'weight.2=5', 'weight.3=1', 'version=100000000'].join('\n'),
    );
    expect(judged('quorum-without-target', THREE, { config: { config } })).toMatch(
      /^shut: 2 of 3 voters would be left/,
    );
    expect(judged('quorum-without-target', THREE, { config: { config }, target: 3n })).toMatch(/^open: /);
  });

  it('counts those listed where no configuration is told', () => {
    expect(judged('quorum-without-target', THREE, WITHOUT_CONFIG)).toBe('open: 2 of 3 voters listed would be left');
    expect(judged('quorum-without-target', [LEADER, FOLLOWER, { role: 'unreachable' }], WITHOUT_CONFIG)).toBe(
      'shut: 1 of 3 voters listed would be left',
    );
  });
});

describe('member-serves', () => {
  it('is open when the member says its mode', () => {
    expect(judged('member-serves', THREE)).toBe('open: member 2 is follower (4lw:srvr)');
  });

  it.each(['unreachable', 'notServing', 'read-only'] as const)('is shut while it is %s', (role) => {
    expect(judged('member-serves', [LEADER, { role }, FOLLOWER])).toMatch(/^shut: member 2 is /);
  });

  it('is shut for a member that nobody sees', () => {
    expect(judged('member-serves', THREE, { target: 9n })).toBe('shut: member 9 is not seen');
  });
});

describe('broadcasting', () => {
  it('goes by peer_state, and where that is not told by the mode', () => {
    const inState = (peer_state: string | undefined): Said[] => [
      LEADER,
      { ...FOLLOWER, mntr: { peer_state } },
      FOLLOWER,
    ];
    expect(judged('broadcasting', inState('following - broadcast'))).toBe('open: peer_state following - broadcast');
    expect(judged('broadcasting', inState('following - synchronization'))).toBe(
      'shut: peer_state following - synchronization',
    );
    expect(judged('broadcasting', inState(undefined))).toMatch(/^open: its peer_state is not told/);
    expect(judged('broadcasting', [LEADER, { role: 'unreachable' }, FOLLOWER])).toMatch(/^shut: /);
  });
});

describe('lag-stable', () => {
  it('is open within the bound, and for the leader', () => {
    expect(judged('lag-stable', [LEADER, { ...FOLLOWER, zxid: ZXID - 100n }, FOLLOWER])).toBe(
      'open: member 2 is 100 transactions behind',
    );
    expect(judged('lag-stable', THREE, { target: 1n })).toBe('open: member 1 leads');
  });

  it('is shut over it, and when it cannot be told', () => {
    expect(judged('lag-stable', [LEADER, { ...FOLLOWER, zxid: ZXID - 101n }, FOLLOWER])).toBe(
      'shut: member 2 is 101 transactions behind',
    );
    expect(judged('lag-stable', [LEADER, { role: 'unreachable' }, FOLLOWER])).toBe(
      'shut: the lag of member 2 is not known',
    );
    expect(judged('lag-stable', [FOLLOWER, FOLLOWER, FOLLOWER])).toBe('shut: the lag of member 2 is not known');
  });
});
