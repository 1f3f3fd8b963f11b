import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Applying, abortPlan, applyPlan, resumePlan } from '../../src/change/apply.ts';
import { stateOf } from '../../src/change/change-state.ts';
import type { ChangeContext } from '../../src/change/context.ts';
import { type Entry, readJournal } from '../../src/change/journal.ts';
import { ChangeLock } from '../../src/change/lock.ts';
import { DEFAULT_CHANGE_LIMITS, type Plan } from '../../src/change/plan.ts';
import { planRollingRestart } from '../../src/change/rolling-restart.ts';
import { connect } from '../../src/client/connect.ts';
import { kill, pause, restart, resume, start } from '../../src/local/control.ts';
import { ephemeralEnsemble, type TestEnsemble, useEnsemble } from '../support/ensembles.ts';
import { changing, hostOf } from './changing.ts';

const LIMITS = { ...DEFAULT_CHANGE_LIMITS, stability: 500 };

async function planOf(applying: Applying, limits = LIMITS): Promise<Plan> {
  const status = await applying.context.observe();
  return planRollingRestart({ ensemble: 'x', status, only: [], limits, made: Date.now(), random: Math.random });
}

async function entriesOf({ directory }: { directory: string }, { id }: Plan): Promise<readonly Entry[]> {
  return (await readJournal(join(directory, `${id}.jsonl`))).entries;
}

/** Steps in the order in which they were begun. */
function begun(entries: readonly Entry[]): string[] {
  return entries.flatMap((entry) => (entry.type === 'begin' ? [entry.step] : []));
}

/** Steps in the order in which they were done to members. */
function acts(entries: readonly Entry[]): string[] {
  return entries.flatMap((entry) => (entry.type === 'act' ? [entry.step] : []));
}

/** The same change, while something befalls the ensemble when one step is done and before the next is chosen. */
function afterTheFirstStep(applying: Applying, plan: Plan, deed: () => Promise<unknown>): Applying {
  let over = false;
  const observe: ChangeContext['observe'] = async (also) => {
    if (!over && stateOf(await entriesOf(applying, plan)).done.length === 1) {
      over = true;
      await deed();
    }
    return applying.context.observe(also);
  };
  return { ...applying, context: { ...applying.context, observe } };
}

function pids(ensemble: TestEnsemble): Promise<(number | undefined)[]> {
  return Promise.all(ensemble.members.map(async ({ id }) => (await hostOf(ensemble, BigInt(id)).service.status()).pid));
}

describe('a rolling restart of three', () => {
  it('goes through followers and then the leader, and no client loses anything', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3 });
    const applying = await changing(ensemble);
    const leader = (await applying.context.observe()).leader?.id;
    const before = await pids(ensemble);
    const plan = await planOf(applying);
    expect(plan.steps.at(-1)?.member).toBe(leader);
    const report = await applyPlan(plan, applying);
    expect(report.state).toMatchObject({ state: 'done', remaining: [], current: undefined });
    expect(report.canary).toMatchObject({ sessions: 3, lost: 0, wrong: [], problem: undefined });
    const after = await pids(ensemble);
    for (const [i, pid] of after.entries()) expect(pid).not.toBe(before[i]);
    const entries = await entriesOf(applying, plan);
    expect(begun(entries).at(-1)).toBe(`restart-${leader}`);
    // Every gate that a step names left its evidence.
    for (const step of plan.steps) {
      for (const when of ['before', 'after'] as const) {
        const held = entries.flatMap((one) =>
          one.type === 'gate' && one.step === step.id && one.when === when && one.pass ? [one.gate] : [],
        );
        expect(held.sort()).toEqual([...step[when]].sort());
      }
    }
    // The lock and the canary's znodes are gone.
    const client = await connect(ensemble.connectString);
    expect((await client.getChildren('/')).children).toEqual(['zookeeper']);
    await client.close();
  });
});

describe('a rolling restart that cannot go on', () => {
  const ensemble = useEnsemble({ servers: 3 });

  it('is not begun while a voter is down, and begins with that one', async () => {
    const applying = await changing(ensemble(), { canary: undefined });
    const leader = Number((await applying.context.observe()).leader?.id);
    const victim = leader === 3 ? 2 : 3;
    await kill(ensemble(), victim);
    const plan = await planOf(applying, { ...LIMITS, settle: 500 });
    // The member that is down comes first, and may be brought back: all others serve.
    expect(plan.steps[0]).toMatchObject({
      member: BigInt(victim),
      why: expect.stringContaining('first to bring back'),
    });
    expect(plan.tolerance.now).toBe(0);
    const report = await applyPlan(plan, applying);
    expect(report.state.state).toBe('done');
    expect(begun(await entriesOf(applying, plan))[0]).toBe(`restart-${victim}`);
  });

  it('stops when a member does not come back, says where, and is resumed from there', async () => {
    let broken = true;
    const host = (id: bigint) =>
      hostOf(ensemble(), id, {
        restart: async () => {
          await kill(ensemble(), Number(id));
          if (!broken) await start(ensemble(), Number(id));
        },
      });
    const applying = await changing(ensemble(), { canary: undefined, host });
    const plan = await planOf(applying, { ...LIMITS, recover: 1500 });
    const stopped = await applyPlan(plan, applying).catch((error: unknown) => error as Error);
    expect(stopped).toMatchObject({
      code: 'GATE_SHUT',
      exitCode: 8,
      message: expect.stringMatching(
        /stopped at restart member \d: .*member-serves: member \d is unreachable.*0 of 3 steps are done/,
      ),
    });
    const entries = await entriesOf(applying, plan);
    expect(stateOf(entries)).toMatchObject({
      state: 'stopped',
      current: { id: plan.steps[0]?.id },
      acted: true,
      done: [],
    });
    // Nothing else was touched: one member down at most.
    expect(begun(entries)).toEqual([plan.steps[0]?.id]);

    broken = false;
    await start(ensemble(), Number(plan.steps[0]?.member));
    const report = await resumePlan(plan, applying);
    expect(report.state.state).toBe('done');
    expect(begun(await entriesOf(applying, plan))).toHaveLength(3);
  });

  it('is aborted: the member that it left down is brought up, and the rest stays', async () => {
    const host = (id: bigint) =>
      hostOf(ensemble(), id, { restart: async () => void (await kill(ensemble(), Number(id))) });
    const applying = await changing(ensemble(), { canary: undefined, host });
    const plan = await planOf(applying, { ...LIMITS, recover: 1000 });
    await expect(applyPlan(plan, applying)).rejects.toMatchObject({ code: 'GATE_SHUT' });
    const { state } = await abortPlan(plan, applying);
    expect(state.state).toBe('aborted');
    await expect
      .poll(async () => (await applying.context.observe()).quorum?.live, { timeout: 30_000 })
      .toEqual([1n, 2n, 3n]);
  });

  it('stops when its budget is spent, between two steps', async () => {
    let leader = 0;
    const host = (id: bigint) =>
      hostOf(ensemble(), id, {
        // While the leader hangs nobody can write, and nobody elects another yet.
        restart: async () => {
          await pause(ensemble(), leader);
          await sleep(1500);
          await resume(ensemble(), leader);
          await restart(ensemble(), Number(id));
        },
      });
    const applying = await changing(ensemble(), { host });
    leader = Number((await applying.context.observe()).leader?.id);
    const plan = await planOf(applying, { ...LIMITS, maxUnavailable: 500 });
    const stopped = await applyPlan(plan, applying).catch((error: unknown) => error as Error);
    expect(stopped).toMatchObject({
      code: 'CHANGE_STOPPED',
      exitCode: 8,
      message: expect.stringMatching(
        /stopped between two steps: writes were impossible for \d+ ms in all, which is over the budget of 500 ms; 1 of 3/,
      ),
    });
    expect(stateOf(await entriesOf(applying, plan)).done).toHaveLength(1);
    // With a larger one it is gone on with.
    const limits = { ...LIMITS, maxUnavailable: 60_000 };
    expect((await resumePlan({ ...plan, limits }, { ...applying, canary: undefined })).state.state).toBe('done');
  });

  it('stops while the leader cannot be known, and goes on when it can', async () => {
    const applying = await changing(ensemble(), { canary: undefined });
    const leader = Number((await applying.context.observe()).leader?.id);
    const plan = await planOf(applying, { ...LIMITS, settle: 500 });
    const hung = afterTheFirstStep(applying, plan, () => pause(ensemble(), leader));
    await expect(applyPlan(plan, hung)).rejects.toMatchObject({
      code: 'GATE_SHUT',
      exitCode: 8,
      message: expect.stringMatching(/one-leader: no member says that it leads.*1 of 3 steps are done/),
    });
    expect(acts(await entriesOf(applying, plan))).toHaveLength(1);
    await resume(ensemble(), leader);
    // The others may have elected another meanwhile.
    expect((await resumePlan({ ...plan, limits: LIMITS }, applying)).state.state).toBe('done');
  });

  it('asks again who leads before each step: one that was elected meanwhile comes last', async () => {
    const applying = await changing(ensemble(), { canary: undefined });
    const plan = await planOf(applying);
    const [first, other, leader] = plan.steps.map(({ member }) => Number(member));
    // The votes are equal but for the ids, of which the later one is the higher.
    const moved = afterTheFirstStep(applying, plan, async () => {
      await kill(ensemble(), leader!);
      await start(ensemble(), leader!);
    });
    await applyPlan(plan, moved);
    const order = acts(await entriesOf(applying, plan));
    expect(order).toEqual([first, leader, other].map((id) => `restart-${id}`));
  });

  it('stops when a voter fails between two steps: taking another would leave no quorum', async () => {
    const applying = await changing(ensemble(), { canary: undefined });
    const plan = await planOf(applying, { ...LIMITS, settle: 500 });
    const first = Number(plan.steps[0]?.member);
    const failing = afterTheFirstStep(applying, plan, () => kill(ensemble(), first));
    await expect(applyPlan(plan, failing)).rejects.toMatchObject({
      code: 'GATE_SHUT',
      message: expect.stringMatching(
        /others-serve: member \d is unreachable; .*quorum-without-target: 1 of 3 voters would be left, which is no quorum/,
      ),
    });
    expect(acts(await entriesOf(applying, plan))).toHaveLength(1);
    await start(ensemble(), first);
    expect((await resumePlan({ ...plan, limits: LIMITS }, applying)).state.state).toBe('done');
  });

  it('is not begun while somebody else changes the ensemble, who is named', async () => {
    const applying = await changing(ensemble(), { canary: undefined });
    const other = await connect(ensemble().connectString);
    const owner = {
      who: 'ann@bastion',
      pid: 4711,
      plan: '20260101-000000-rolling-restart-abcd',
      kind: 'rolling restart',
      since: Date.UTC(2026, 0, 1),
    };
    const lock = await ChangeLock.acquire(async () => other, applying.lockPath, owner);
    const plan = await planOf(applying);
    await expect(applyPlan(plan, applying)).rejects.toMatchObject({
      code: 'LOCKED',
      exitCode: 6,
      message:
        'another change is under way by ann@bastion (process 4711), since 2026-01-01T00:00:00.000Z: rolling restart, 20260101-000000-rolling-restart-abcd',
    });
    await expect(readFile(join(applying.directory, `${plan.id}.jsonl`))).rejects.toThrow('ENOENT');
    // A dead operator leaves no lock behind.
    await lock.release();
    await other.close();
  });
});
