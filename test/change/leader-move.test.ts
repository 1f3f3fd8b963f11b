import { describe, expect, it, onTestFinished } from 'vitest';
import { abortPlan, applyPlan, resumePlan } from '../../src/change/apply.ts';
import { routeTo } from '../../src/change/leader/heir.ts';
import { planLeaderMove } from '../../src/change/leader/move-leader.ts';
import { DEFAULT_CHANGE_LIMITS } from '../../src/change/plan.ts';
import { connect } from '../../src/client/connect.ts';
import { readCommittedConfig } from '../../src/ensemble/committed-config.ts';
import { sameMembership } from '../../src/ensemble/reconfiguration.ts';
import { ephemeralEnsemble, useEnsemble } from '../support/ensembles.ts';
import { WriteLoad } from '../support/write-load.ts';
import { changing } from './changing.ts';

type Change = Awaited<ReturnType<typeof changing>>;

const LIMITS = { ...DEFAULT_CHANGE_LIMITS, stability: 300 };

async function planOf({ context }: Change, to?: bigint, limits = LIMITS) {
  const status = await context.observe();
  return planLeaderMove({ ensemble: 'x', status, limits, made: Date.now(), random: Math.random }, to);
}

const committed = async ({ context }: Change) => (await readCommittedConfig(await context.client())).config;
const leaderOf = async ({ context }: Change) => (await context.observe()).leader?.id;

/** A vote that was given back by abort: its member serves a moment later. */
const allVote = (applying: Change) =>
  expect.poll(async () => (await applying.context.observe()).quorum?.live, { timeout: 30_000 }).toEqual([1n, 2n, 3n]);

/** Stops when so many steps are done. */
function stoppingAfter(steps: number): Change['hooks'] {
  let done = 0;
  return {
    tell: ({ type }) => {
      if (type === 'done') done += 1;
    },
    stopBecause: () => (done === steps ? 'somebody asked' : undefined),
  };
}

describe('moving the leader of three', () => {
  const ensemble = useEnsemble({ servers: 3 });

  it('brings another to lead under load, and leaves the membership as it was', async () => {
    const applying = await changing(ensemble());
    const client = await connect(ensemble().connectString);
    onTestFinished(() => client.close());
    await client.create('/load', '');
    const load = new WriteLoad(client, '/load', 2);
    const [from, before] = [await leaderOf(applying), await committed(applying)];
    const { canary, state } = await applyPlan(await planOf(applying), applying);
    expect(state).toMatchObject({ state: 'done', remaining: [] });
    expect(canary).toMatchObject({ sessions: 3, lost: 0, wrong: [], problem: undefined });
    expect(canary?.during.writes).toBeGreaterThan(0);
    const after = await committed(applying);
    expect(await leaderOf(applying)).not.toBe(from);
    expect(sameMembership(after, before)).toBe(true);
    expect(after.version).toBeGreaterThan(before.version ?? 0n);
    expect((await applying.context.observe()).quorum).toMatchObject({ quorum: true, tolerance: 1 });
    await load.stop();
    expect(load.acknowledged.length).toBeGreaterThan(50);
    expect(await load.contradictions(client)).toEqual([]);
  });

  it('brings the one that was asked for to lead, where the servers choose as they commonly do', async () => {
    const applying = await changing(ensemble(), { canary: undefined });
    const leader = (await leaderOf(applying)) ?? 0n;
    const to = [1n, 2n].find((id) => id !== leader) ?? 0n;
    const before = await committed(applying);
    const plan = await planOf(applying, to);
    expect(plan.steps).toHaveLength(2 * (routeTo([1n, 2n, 3n], leader, to)?.length ?? 0));
    await applyPlan(plan, applying);
    expect(await leaderOf(applying)).toBe(to);
    expect(sameMembership(await committed(applying), before)).toBe(true);
    // Back and forth: from the lowest it goes to the second, and from that to the lowest.
    const other = to === 1n ? 2n : 1n;
    await applyPlan(await planOf(applying, other), applying);
    expect(await leaderOf(applying)).toBe(other);
  });

  it('stops with every vote in its place when another leads than was asked for', async () => {
    const applying = await changing(ensemble(), { canary: undefined });
    const before = await committed(applying);
    const plan = await planOf(applying);
    const never = 3n;
    const steps = plan.steps.map((step) =>
      step.id.startsWith('promote')
        ? { ...step, after: [...step.after, 'heir-leads' as const], wanted: { leader: never } }
        : step,
    );
    const asked = { ...plan, steps };
    const began = Date.now();
    await expect(applyPlan(asked, applying)).rejects.toMatchObject({
      code: 'GATE_SHUT',
      exitCode: 8,
      message: expect.stringMatching(/heir-leads: member [12] leads, not member 3: the servers chose it/),
    });
    // No waiting opens that gate.
    expect(Date.now() - began).toBeLessThan(LIMITS.recover / 2);
    expect(sameMembership(await committed(applying), before)).toBe(true);
    expect((await abortPlan(asked, applying)).state.state).toBe('aborted');
    await allVote(applying);
    expect(sameMembership(await committed(applying), before)).toBe(true);
  });

  it.each([
    ['resume', resumePlan],
    ['abort', abortPlan],
  ] as const)('gives the vote back by %s when it was stopped between its two steps', async (_, end) => {
    const applying = await changing(ensemble(), { canary: undefined });
    const before = await committed(applying);
    const from = await leaderOf(applying);
    const plan = await planOf(applying);
    await expect(applyPlan(plan, { ...applying, hooks: stoppingAfter(1) })).rejects.toMatchObject({
      message: expect.stringContaining('1 of 2 steps are done'),
    });
    const between = await committed(applying);
    expect(between.servers.find(({ id }) => id === from)?.role).toBe('observer');
    await end(plan, applying);
    expect(sameMembership(await committed(applying), before)).toBe(true);
    await allVote(applying);
    expect(await leaderOf(applying)).not.toBe(from);
  });
});

describe('moving the leader where it takes no reconfigurations', () => {
  it('is not begun', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3, config: { reconfigEnabled: 'false' } });
    const applying = await changing(ensemble, { canary: undefined });
    const from = await leaderOf(applying);
    await expect(
      applyPlan(await planOf(applying, undefined, { ...LIMITS, settle: 300 }), applying),
    ).rejects.toMatchObject({ code: 'GATE_SHUT', message: expect.stringContaining('reconfig-enabled') });
    expect(await leaderOf(applying)).toBe(from);
  });
});
