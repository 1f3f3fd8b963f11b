import { readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { abortPlan, applyPlan } from '../../../../src/change/apply.ts';
import type { ChangeContext } from '../../../../src/change/context.ts';
import { readMemberLists } from '../../../../src/change/membership/static/member-lists.ts';
import { planStaticAddition } from '../../../../src/change/membership/static/static-addition.ts';
import { planStaticMove } from '../../../../src/change/membership/static/static-move.ts';
import { planStaticRemoval } from '../../../../src/change/membership/static/static-removal.ts';
import { planStaticReplacement } from '../../../../src/change/membership/static/static-replacement.ts';
import { planStaticRole } from '../../../../src/change/membership/static/static-role.ts';
import { inventoryOfLocal } from '../../../../src/local/inventory.ts';
import { claimPorts } from '../../../../src/local/ports.ts';
import { ephemeralEnsemble, type TestEnsemble } from '../../../support/ensembles.ts';
import { hostOf } from '../../changing.ts';
import { CALM, writing } from '../../members-changing.ts';
import { byLists, changingByLists, intoZooCfg, newcomer } from './static-local.ts';

const OFF = { config: { reconfigEnabled: 'false' } };
const RELEASES = [
  ['3.8, with reconfiguration off', OFF],
  ['3.4', { version: '3.4.14' }],
] as const;

/** Who the members are, by the files of all of them. */
async function listed(ensemble: TestEnsemble, { host }: ChangeContext, serving: bigint): Promise<string[]> {
  const inventory = (await inventoryOfLocal(ensemble))!;
  const { config } = await readMemberLists({ inventory, host, serving: [serving], limits: {} });
  return config.servers.map(({ id, role }) => `${id} ${role}`);
}

async function leaderOf({ observe }: ChangeContext): Promise<bigint> {
  return (await observe()).leader?.id ?? 0n;
}

/** Ends a change when so many steps are done. */
function stoppingAfter(steps: number) {
  let done = 0;
  return {
    tell: ({ type }: { type: string }) => {
      if (type === 'done') done += 1;
    },
    stopBecause: () => (done === steps ? 'it was interrupted' : undefined),
  };
}

describe.each(RELEASES)('a change of lists on %s', (_, spec) => {
  it('is taken back byte for byte after it was stopped halfway', { timeout: 240_000 }, async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3, ...spec });
    const applying = await changingByLists(ensemble, { canary: undefined });
    const { context } = applying;
    const change = await byLists(ensemble, applying);
    const texts = () => Promise.all([...change.lists.files.values()].map(({ path }) => readFile(path, 'latin1')));
    const before = await texts();
    const joiner = await newcomer(ensemble, change);
    const plan = planStaticAddition(change, joiner);
    // On 3.4 a voter is stopped by then.
    await expect(applyPlan(plan, { ...applying, hooks: stoppingAfter(4) })).rejects.toThrow('4 of');
    expect(await texts()).not.toEqual(before);
    const { state } = await abortPlan(plan, applying);
    expect(state).toMatchObject({ state: 'aborted', done: [{ id: 'prepare-4' }] });
    expect(await texts()).toEqual(before);
    expect((await hostOf(ensemble, 4n).service.status()).state).toBe('stopped');
    const roles = (await context.observe()).members.flatMap(({ id, role }) => (id === 4n ? [] : [role]));
    expect(roles.sort()).toEqual(['follower', 'follower', 'leader']);
  });
});

describe('a change of lists', () => {
  it('takes a fourth in on 3.4 under load, and the leader out', { timeout: 240_000 }, async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3, version: '3.4.14' });
    const applying = await changingByLists(ensemble);
    const { context } = applying;
    const load = await writing(ensemble);
    const change = await byLists(ensemble, applying);
    const joiner = await newcomer(ensemble, change);
    const addition = planStaticAddition(change, joiner);
    expect((await applyPlan(addition, applying)).canary).toMatchObject(CALM);
    expect(await listed(ensemble, context, 1n)).toEqual([1, 2, 3, 4].map((id) => `${id} participant`));

    const leader = await leaderOf(context);
    const removal = planStaticRemoval(await byLists(ensemble, applying, leader), leader, false);
    expect((await applyPlan(removal, applying)).canary).toMatchObject(CALM);
    const others = [1n, 2n, 3n, 4n].filter((id) => id !== leader);
    expect(await listed(ensemble, context, others[0]!)).toEqual(others.map((id) => `${id} participant`));
    expect((await hostOf(ensemble, leader).service.status()).state).toBe('stopped');
    await load.proven();
  });

  it('gives an observer a vote on 3.4 under load, and takes that of the leader', { timeout: 240_000 }, async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3, observers: 1, version: '3.4.14' });
    const applying = await changingByLists(ensemble);
    const { context } = applying;
    const load = await writing(ensemble);
    const promotion = planStaticRole(await byLists(ensemble, applying), 4n, 'participant');
    expect((await applyPlan(promotion, applying)).canary).toMatchObject(CALM);
    const leader = await leaderOf(context);
    const demotion = planStaticRole(await byLists(ensemble, applying), leader, 'observer');
    expect((await applyPlan(demotion, applying)).canary).toMatchObject(CALM);
    const roles = [1n, 2n, 3n, 4n].map((id) => `${id} ${id === leader ? 'observer' : 'participant'}`);
    expect(await listed(ensemble, context, 1n)).toEqual(roles);
    const { members } = await context.observe();
    expect(members.find(({ id }) => id === leader)?.role).toBe('observer');
    await load.proven();
  });

  it('puts a new server in the place of the leader under load', { timeout: 240_000 }, async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3, ...OFF });
    await intoZooCfg(ensemble);
    const applying = await changingByLists(ensemble);
    const { context } = applying;
    const load = await writing(ensemble);
    const leader = await leaderOf(context);
    const change = await byLists(ensemble, applying, leader);
    const plan = planStaticReplacement(change, leader, await newcomer(ensemble, change), false);
    expect((await applyPlan(plan, applying)).canary).toMatchObject(CALM);
    const after = [1n, 2n, 3n, 4n].filter((id) => id !== leader);
    expect(await listed(ensemble, context, after[0]!)).toEqual(after.map((id) => `${id} participant`));
    expect((await context.observe()).quorum).toMatchObject({ live: after, tolerance: 1 });
    await load.proven();
  });

  it('is refused where the members have different lists, else moves the leader', { timeout: 240_000 }, async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3, ...OFF });
    const applying = await changingByLists(ensemble, { canary: undefined });
    const { lists } = await byLists(ensemble, applying);
    // The leader is taken at its word: what others have is told against it.
    const follower = (await leaderOf(applying.context)) === 2n ? 1n : 2n;
    const { path, text } = lists.files.get(follower)!;
    await writeFile(path, text.replace('server.3=', 'server.7='));
    await expect(byLists(ensemble, applying)).rejects.toMatchObject({
      code: 'LISTS_DIFFER',
      message: expect.stringMatching(/member [12] \(.*zoo.cfg.dynamic\) has server.7=.*; .* lacks server.3/),
    });
    await writeFile(path, text);
    const zooCfg = path.replace('.dynamic', '');
    const settings = await readFile(zooCfg, 'latin1');
    await writeFile(zooCfg, settings.replace('reconfigEnabled=false', 'reconfigEnabled=true'));
    await expect(byLists(ensemble, applying)).rejects.toThrow(/line \d+ of .*zoo.cfg turns reconfiguration on/);
    await writeFile(zooCfg, settings);

    const leader = await leaderOf(applying.context);
    const change = await byLists(ensemble, applying);
    const now = change.lists.config.servers.find(({ id }) => id === leader)!;
    const [quorumPort = 0, electionPort = 0] = await claimPorts('127.0.0.1', 2, dirname(path));
    const line = { ...now, addresses: [{ host: '127.0.0.1', quorumPort, electionPort }] };
    await applyPlan(planStaticMove(change, line), applying);
    const { config } = (await byLists(ensemble, applying)).lists;
    expect(config.servers.find(({ id }) => id === leader)?.addresses).toEqual(line.addresses);
    expect((await applying.context.observe()).quorum?.live).toEqual([1n, 2n, 3n]);
  });
});
