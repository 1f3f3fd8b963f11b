import { describe, expect, it } from 'vitest';
import { applyPlan } from '../../src/change/apply.ts';
import { planRole } from '../../src/change/membership/change-role.ts';
import { planMove } from '../../src/change/membership/move-member.ts';
import { planRemoval } from '../../src/change/membership/remove-member.ts';
import { planReplacement } from '../../src/change/membership/replace-member.ts';
import { formatDynamicConfig } from '../../src/ensemble/dynamic-config.ts';
import { placeOf } from '../../src/ensemble/next-membership.ts';
import { claimPorts } from '../../src/local/ports.ts';
import { ensembleDirectory } from '../../src/local/spec.ts';
import { ephemeralEnsemble, type TestEnsemble } from '../support/ensembles.ts';
import { changing } from './changing.ts';
import { addition, changeOf, committed, LIMITS, writing } from './members-changing.ts';

type Change = Awaited<ReturnType<typeof changing>>;

/** Gives a running ensemble quorum groups: the leader takes the change from majorities to groups. */
async function group(applying: Change, lines: string) {
  const { version, ...config } = await committed(applying);
  const members = `${formatDynamicConfig(config).trim()}\n${lines}`.replaceAll('\n', ',');
  const client = await applying.context.client();
  await client.reconfig({ members, fromVersion: version ?? 0n });
}

async function groupsOf(applying: Change) {
  const { groups } = await committed(applying);
  return Object.fromEntries([...groups].map(([id, members]) => [`${id}`, [...members].map(Number).sort()]));
}

async function portsOf(ensemble: TestEnsemble) {
  const [quorumPort = 0, electionPort = 0, port = 0] = await claimPorts('127.0.0.1', 3, ensembleDirectory(ensemble));
  return { quorumPort, electionPort, port };
}

describe('an ensemble with quorum groups and weights', () => {
  it('is grown, moved, replaced in and shrunk under load', { timeout: 300_000 }, async () => {
    const ensemble = await ephemeralEnsemble({ servers: 5 });
    const applying = await changing(ensemble, { canary: undefined });
    await group(applying, 'group.1=1:2\ngroup.2=3:4\ngroup.3=5\nweight.2=0\nweight.3=2');
    const load = await writing(ensemble);

    const sixth = await addition(ensemble, applying);
    await expect(sixth.prepare()).rejects.toMatchObject({ code: 'GROUP_NEEDED', exitCode: 2 });
    await applyPlan(await sixth.prepare(LIMITS, { group: 3n, weight: 1n }), applying);
    expect(await groupsOf(applying)).toEqual({ 1: [1, 2], 2: [3, 4], 3: [5, 6] });
    // Each of two groups of weight: member 1 alone is group 1, and 3 alone group 2.
    expect((await applying.context.observe()).quorum).toMatchObject({ kind: 'hierarchical', tolerance: 1 });

    const change = await changeOf(applying);
    expect(() => planRemoval(change, 1n, false)).toThrow('nobody whose vote has a weight would be left in group 1');
    expect(() => planRole(change, 1n, 'observer')).toThrow('left in group 1');

    await applyPlan(planRole(await changeOf(applying), 4n, 'observer'), applying);
    expect(await groupsOf(applying)).toEqual({ 1: [1, 2], 2: [3], 3: [5, 6] });
    const observing = await changeOf(applying);
    expect(() => planRole(observing, 4n, 'participant')).toThrow('in which of them member 4 votes is not said');
    await applyPlan(planRole(observing, 4n, 'participant', { group: 1n, weight: 1n }), applying);
    expect(await groupsOf(applying)).toEqual({ 1: [1, 2, 4], 2: [3], 3: [5, 6] });

    const config = await committed(applying);
    const line = config.servers.find(({ id }) => id === 2n)!;
    const { quorumPort, electionPort, port } = await portsOf(ensemble);
    const addresses = [{ host: '127.0.0.1', quorumPort, electionPort }];
    await applyPlan(
      planMove(await changeOf(applying), { ...line, addresses, client: { ...line.client, port } }),
      applying,
    );
    expect(placeOf(await committed(applying), 2n)).toEqual({ group: 1n, weight: 0n });

    // The only one of its group: the new one joins that before it goes.
    const seventh = await addition(ensemble, applying, { place: placeOf(config, 3n)! });
    const now = await changeOf(applying);
    const replacement = planReplacement(now, 3n, await seventh.joiner(now), false);
    expect(replacement.tolerance).toMatchObject({ now: 1, after: 1 });
    await applyPlan(replacement, applying);
    const after = await committed(applying);
    expect(placeOf(after, 7n)).toEqual({ group: 2n, weight: 2n });
    expect(await groupsOf(applying)).toEqual({ 1: [1, 2, 4], 2: [7], 3: [5, 6] });

    await applyPlan(planRemoval(await changeOf(applying), 6n, false), applying);
    expect(await groupsOf(applying)).toEqual({ 1: [1, 2, 4], 2: [7], 3: [5] });
    await load.proven();
  });

  it('takes one whose own acknowledgement is needed in as a follower without a vote', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 2 });
    const applying = await changing(ensemble, { canary: undefined });
    await group(applying, 'group.1=1\ngroup.2=2');
    const { prepare, id } = await addition(ensemble, applying);
    const place = { group: 2n, weight: 1n };
    await applyPlan(await prepare(LIMITS, place), applying);
    expect(placeOf(await committed(applying), id)).toEqual(place);
    expect((await applying.context.observe()).quorum).toMatchObject({ live: [1n, 2n, id], tolerance: 0 });
  });
});
