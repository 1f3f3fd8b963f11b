import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { abortPlan, applyPlan, resumePlan } from '../../src/change/apply.ts';
import { planRole } from '../../src/change/membership/change-role.ts';
import { planRemoval } from '../../src/change/membership/remove-member.ts';
import { planReplacement } from '../../src/change/membership/replace-member.ts';
import { connect } from '../../src/client/connect.ts';
import type { HostDriver } from '../../src/hosts/host.ts';
import { kill } from '../../src/local/control.ts';
import { ephemeralEnsemble } from '../support/ensembles.ts';
import { changing, hostOf } from './changing.ts';
import { addition, CALM, changeOf, committed, LIMITS, stateIn, writing } from './members-changing.ts';

describe('removing members', () => {
  it('takes a follower, then the leader, out of four under load, and no client loses anything', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 4 });
    const applying = await changing(ensemble);
    const load = await writing(ensemble);
    const leader = (await applying.context.observe()).leader?.id ?? 0n;
    const follower = leader === 4n ? 3n : 4n;

    const first = planRemoval(await changeOf(applying), follower, false);
    expect(first.tolerance).toEqual({ now: 1, least: 1, after: 1 });
    expect(first.risks.join()).not.toContain('odd number');
    expect((await applyPlan(first, applying)).canary).toMatchObject(CALM);
    expect((await committed(applying)).servers.map(({ id }) => id)).not.toContain(follower);
    expect((await hostOf(ensemble, follower).service.status()).state).toBe('stopped');

    const second = planRemoval(await changeOf(applying), leader, false);
    expect(second.steps[0]?.why).toContain('it leads');
    expect(second.tolerance).toEqual({ now: 1, least: 0, after: 0 });
    expect(second.risks.join()).toContain('With 2 voters the ensemble bears no more failures than with 1');
    expect((await applyPlan(second, applying)).canary).toMatchObject(CALM);
    const { leader: now, quorum } = await applying.context.observe();
    expect(now?.id).not.toBe(leader);
    expect(quorum).toMatchObject({ quorum: true, voters: quorum?.live });
    expect(quorum?.voters).toHaveLength(2);
    await load.proven();
  });

  it('goes down to one voter, and not below', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 2 });
    const applying = await changing(ensemble, { canary: undefined });
    await applyPlan(planRemoval(await changeOf(applying), 2n, false), applying);
    expect((await applying.context.observe()).leader?.id).toBe(1n);
    const change = await changeOf(applying);
    expect(() => planRemoval(change, 1n, false)).toThrow('nobody would be left to vote');
    expect(() => planRemoval(change, 2n, false)).toThrow('there is no member 2');
  });

  it('is refused while another voter is down; the one that is down may go', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3 });
    const applying = await changing(ensemble, { canary: undefined });
    const leader = (await applying.context.observe()).leader?.id ?? 0n;
    const [dead, alive] = [1n, 2n, 3n].filter((id) => id !== leader);
    await kill(ensemble, Number(dead));
    const refused = planRemoval(await changeOf(applying, { ...LIMITS, settle: 500 }), alive!, false);
    await expect(applyPlan(refused, applying)).rejects.toMatchObject({
      code: 'GATE_SHUT',
      message: expect.stringMatching(/others-serve: member \d is unreachable.*rest-is-quorum: 1 of the 2 voters/),
    });
    expect((await committed(applying)).servers).toHaveLength(3);
    await abortPlan(refused, applying);
    expect((await committed(applying)).version).toBe(refused.configVersion);

    await applyPlan(planRemoval(await changeOf(applying), dead!, false), applying);
    expect((await committed(applying)).servers.map(({ id }) => id)).toEqual([leader, alive].sort());
  });

  it('does nothing when somebody else changes the membership in the middle', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3, observers: 1 });
    const applying = await changing(ensemble, { canary: undefined });
    const leader = (await applying.context.observe()).leader?.id ?? 0n;
    const victim = leader === 3n ? 2n : 3n;
    const plan = planRemoval(await changeOf(applying), victim, false);
    // Not to the one that leaves: it closes its connections.
    const { host, clientPort } = ensemble.members[0]!;
    const other = await connect(`${host}:${clientPort}`, {
      auth: [{ scheme: 'digest', auth: `super:${ensemble.superSecret}` }],
    });
    onTestFinished(() => other.close());
    await other.reconfig({ leaving: '4', fromVersion: plan.configVersion ?? 0n });
    await expect(applyPlan(plan, applying)).rejects.toMatchObject({
      code: 'BAD_VERSION',
      exitCode: 6,
      message: expect.stringContaining('config-settled: somebody else changed the membership'),
    });
    expect((await committed(applying)).servers.map(({ id }) => id)).toEqual([1n, 2n, 3n]);
    expect((await hostOf(ensemble, victim).service.status()).state).toBe('running');
    // There is nothing to take back, and the other's change stays.
    expect((await abortPlan(plan, applying)).state.state).toBe('aborted');
    expect((await committed(applying)).servers.map(({ id }) => id)).toEqual([1n, 2n, 3n]);
  });

  it('is taken back by abort while its service still runs', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3 });
    const applying = await changing(ensemble, { canary: undefined });
    const leader = (await applying.context.observe()).leader?.id ?? 0n;
    const victim = leader === 3n ? 2n : 3n;
    const plan = planRemoval(await changeOf(applying), victim, false);
    let done = 0;
    const hooks = {
      tell: ({ type }: { type: string }) => {
        if (type === 'done') done += 1;
      },
      stopBecause: () => (done === 1 ? 'it was interrupted' : undefined),
    };
    await expect(applyPlan(plan, { ...applying, hooks })).rejects.toThrow('stopped between two steps');
    expect((await committed(applying)).servers).toHaveLength(2);
    await abortPlan(plan, applying);
    expect((await committed(applying)).servers).toHaveLength(3);
    expect((await stateIn(applying, plan)).done).toEqual([]);
    await expect.poll(async () => (await applying.context.observe()).quorum?.live, { timeout: 30_000 }).toHaveLength(3);
  });
});

describe('a reconfiguration of which nobody knows whether it happened', () => {
  it('is looked for before it is asked for again', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3 });
    const applying = await changing(ensemble, { canary: undefined });
    const leader = (await applying.context.observe()).leader?.id ?? 0n;
    const victim = leader === 3n ? 2n : 3n;
    const plan = planRemoval(await changeOf(applying), victim, false);
    // As a kill between two lines of the journal leaves it.
    const session = await applying.context.client();
    const { reconfig } = session;
    const endsAt = (what: string, deed?: () => Promise<unknown>): void => {
      session.reconfig = async (change) => {
        // The gate asks with a version that is none.
        if (change.fromVersion !== plan.configVersion) return reconfig.call(session, change);
        await deed?.();
        throw new Error(what);
      };
    };
    endsAt('killed before');
    await expect(applyPlan(plan, applying)).rejects.toThrow('killed before');
    expect(await stateIn(applying, plan)).toMatchObject({ acting: true, acted: false });
    expect((await committed(applying)).servers).toHaveLength(3);

    const wanted = { leaving: `${victim}`, fromVersion: plan.configVersion ?? 0n };
    endsAt('killed after', () => reconfig.call(session, wanted));
    await expect(resumePlan(plan, applying)).rejects.toThrow('killed after');
    const { version } = await committed(applying);
    expect(version).not.toBe(plan.configVersion);

    const { state } = await resumePlan(plan, applying);
    expect(state).toMatchObject({ state: 'done', remaining: [], configVersion: version });
    expect(await committed(applying)).toMatchObject({ version, servers: { length: 2 } });
  });
});

describe('changing the role of members', () => {
  it('gives an observer a vote, then takes that of the leader, under load', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3, observers: 1 });
    const applying = await changing(ensemble);
    const load = await writing(ensemble);
    const promotion = planRole(await changeOf(applying), 4n, 'participant');
    expect(promotion.risks.join()).toContain('With 4 voters');
    expect((await applyPlan(promotion, applying)).canary).toMatchObject(CALM);
    expect((await applying.context.observe()).quorum).toMatchObject({ voters: [1n, 2n, 3n, 4n], tolerance: 1 });

    const change = await changeOf(applying);
    const leader = change.status.leader?.id ?? 0n;
    expect(() => planRole(change, leader, 'participant')).toThrow(`member ${leader} is a participant already`);
    expect((await applyPlan(planRole(change, leader, 'observer'), applying)).canary).toMatchObject(CALM);
    const after = await applying.context.observe();
    expect(after.members.find(({ id }) => id === leader)).toMatchObject({ role: 'observer', configured: 'observer' });
    expect(after.leader?.id).not.toBe(leader);
    await load.proven();
  });

  it('says what is missing without the right to reconfigure', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 2, observers: 1 });
    const applying = await changing({ ...ensemble, superSecret: 'wrong' }, { canary: undefined });
    const plan = planRole(await changeOf(applying), 3n, 'participant');
    await expect(applyPlan(plan, applying)).rejects.toMatchObject({
      message: expect.stringContaining('the ACL of /zookeeper/config does not permit it'),
    });
    expect((await committed(applying)).version).toBe(plan.configVersion);
  });
});

describe('adding members', () => {
  it('takes a new observer in beside a single voter, which can give no vote to one', { timeout: 120_000 }, async () => {
    const ensemble = await ephemeralEnsemble({ servers: 1, config: { standaloneEnabled: 'false' }, observers: 1 });
    const applying = await changing(ensemble);
    const change = await changeOf(applying);
    expect(() => planRole(change, 2n, 'participant')).toThrow('would need the vote of an observer');
    const { prepare, id } = await addition(ensemble, applying, { observer: true });
    expect((await applyPlan(await prepare(), applying)).canary).toMatchObject(CALM);
    const { members } = await applying.context.observe();
    expect(members.find((member) => member.id === id)).toMatchObject({ role: 'observer', configured: 'observer' });
  });

  it('is refused with every reason at once, and nothing is touched', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3 });
    const applying = await changing(ensemble, { canary: undefined });
    const { prepare, dataDir, member, id } = await addition(ensemble, applying);
    await mkdir(join(dataDir, 'version-2'), { recursive: true });
    await writeFile(join(dataDir, 'myid'), '9\n');
    const server = createServer().listen(member.electionPort, '127.0.0.1');
    onTestFinished(() => void server.close());
    await expect(prepare()).rejects.toMatchObject({
      code: 'JOINER_REFUSED',
      exitCode: 8,
      message: expect.stringMatching(
        /cannot join.*myid says "9", not 4; .*data is not empty: it has version-2; .*is taken by another process/,
      ),
    });
    expect((await committed(applying)).servers).toHaveLength(3);
    expect((await hostOf(ensemble, id).service.status()).state).toBe('stopped');
  });

  it('is aborted when the joiner cannot be reached by all: its server is stopped, the members stay', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3 });
    const host = (id: bigint): HostDriver => ({
      ...hostOf(ensemble, id),
      ...(id === 2n ? { portOpen: async () => ({ state: 'silent' as const, detail: 'no answer' }) } : {}),
    });
    const applying = await changing(ensemble, { canary: undefined, host });
    const { prepare, id } = await addition(ensemble, applying);
    const plan = await prepare({ ...LIMITS, recover: 6000 });
    await expect(applyPlan(plan, applying)).rejects.toMatchObject({
      code: 'GATE_SHUT',
      message: expect.stringMatching(/reachable-by-others: 127.0.0.1:\d+ is silent from member 2/),
    });
    expect((await hostOf(ensemble, id).service.status()).state).toBe('running');
    await abortPlan(plan, applying);
    expect((await hostOf(ensemble, id).service.status()).state).toBe('stopped');
    expect(await committed(applying)).toMatchObject({ version: plan.configVersion });
  });
});

describe('replacing a member', () => {
  it('puts a new server in the place of the leader under load, the new one first', { timeout: 120_000 }, async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3 });
    const applying = await changing(ensemble);
    const load = await writing(ensemble);
    const { id, joiner } = await addition(ensemble, applying);
    const change = await changeOf(applying);
    const leader = change.status.leader?.id ?? 0n;
    const plan = planReplacement(change, leader, await joiner(change), false);
    expect(plan.steps.map((step) => step.id)).toEqual([
      'prepare-4',
      'start-4',
      'add-4',
      `remove-${leader}`,
      `stop-${leader}`,
    ]);
    expect(plan.tolerance).toEqual({ now: 1, least: 1, after: 1 });
    expect((await applyPlan(plan, applying)).canary).toMatchObject(CALM);
    const others = [1n, 2n, 3n].filter((one) => one !== leader);
    expect((await applying.context.observe()).quorum).toMatchObject({ live: [...others, id], tolerance: 1 });
    await load.proven();
  });

  it('takes one that is down out before the new one joins', { timeout: 120_000 }, async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3 });
    const applying = await changing(ensemble, { canary: undefined });
    const { id, joiner } = await addition(ensemble, applying);
    const leader = (await applying.context.observe()).leader?.id ?? 0n;
    const dead = leader === 3n ? 2n : 3n;
    await kill(ensemble, Number(dead));
    const change = await changeOf(applying);
    const plan = planReplacement(change, dead, await joiner(change), true);
    expect(plan.steps.map((step) => step.id)).toEqual([`remove-${dead}`, 'prepare-4', 'start-4', 'add-4']);
    await applyPlan(plan, applying);
    const { quorum } = await applying.context.observe();
    expect(quorum).toMatchObject({ tolerance: 1, live: [1n, 2n, 3n, id].filter((one) => one !== dead) });
  });
});
