import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { abortPlan, applyPlan } from '../../src/change/apply.ts';
import { examineMove } from '../../src/change/membership/examine-move.ts';
import { planMove } from '../../src/change/membership/move-member.ts';
import { formatServerLine, parseServerLine, type ServerLine } from '../../src/ensemble/server-line.ts';
import { claimPorts } from '../../src/local/ports.ts';
import { ensembleDirectory } from '../../src/local/spec.ts';
import { ephemeralEnsemble, type TestEnsemble } from '../support/ensembles.ts';
import { changing, hostOf } from './changing.ts';
import { CALM, changeOf, committed, LIMITS, writing } from './members-changing.ts';

type Change = Awaited<ReturnType<typeof changing>>;

/** A line with other ports in the place of those named, free ones. */
async function moved(ensemble: TestEnsemble, line: ServerLine, what: ('quorum' | 'election' | 'client')[]) {
  const [quorum = 0, election = 0, client = 0] = await claimPorts('127.0.0.1', 3, ensembleDirectory(ensemble));
  const addresses = line.addresses.map((address) => ({
    ...address,
    ...(what.includes('quorum') ? { quorumPort: quorum } : {}),
    ...(what.includes('election') ? { electionPort: election } : {}),
  }));
  return { ...line, addresses, client: what.includes('client') ? { ...line.client, port: client } : line.client };
}

async function lineOf(applying: Change, id: bigint) {
  const line = (await committed(applying)).servers.find((one) => one.id === id);
  if (line === undefined) throw new Error(`there is no member ${id}`);
  return line;
}

async function leaderOf({ context }: Change) {
  return (await context.observe()).leader?.id ?? 0n;
}

describe('moving members to other ports', () => {
  it('takes a follower, then the leader, to other ports under load, and back by abort', {
    timeout: 120_000,
  }, async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3 });
    const applying = await changing(ensemble);
    const load = await writing(ensemble);
    const leader = await leaderOf(applying);
    const follower = leader === 3n ? 2n : 3n;
    const was = await lineOf(applying, follower);
    const line = await moved(ensemble, was, ['quorum', 'election', 'client']);
    const plan = planMove(await changeOf(applying), line);
    expect(plan.steps.map(({ id }) => id)).toEqual([`move-${follower}`]);
    expect(plan.tolerance).toEqual({ now: 1, least: 1, after: 1 });
    const { canary, state } = await applyPlan(plan, applying);
    expect(canary).toMatchObject(CALM);
    expect(state.done).toHaveLength(1);
    expect(formatServerLine(await lineOf(applying, follower))).toBe(formatServerLine(line));
    const seen = await applying.context.observe();
    expect(seen.members.find(({ id }) => id === follower)).toMatchObject({
      role: 'follower',
      host: `127.0.0.1:${line.client?.port}`,
    });

    // Nothing of it is lost, so that it leads elsewhere as well.
    const leads = await moved(ensemble, await lineOf(applying, leader), ['quorum', 'election', 'client']);
    const second = planMove(await changeOf(applying), leads);
    expect(second.risks.join()).toContain(`Member ${leader} leads: leadership moves`);
    expect((await applyPlan(second, applying)).canary).toMatchObject(CALM);
    expect((await applying.context.observe()).quorum).toMatchObject({ live: [1n, 2n, 3n], tolerance: 1 });

    // What was stopped after the reconfiguration is taken back by the old line.
    const back = planMove(await changeOf(applying), was);
    const stopping = { tell: () => undefined, stopBecause: () => undefined };
    const stuck = await changing(ensemble, {
      canary: undefined,
      hooks: stopping,
      host: (id) => ({
        ...hostOf(ensemble, id),
        portOpen: async (host, port, limits) =>
          port === was.addresses[0]?.electionPort && (await committed(stuck)).version !== back.configVersion
            ? { state: 'silent', detail: 'no answer' }
            : hostOf(ensemble, id).portOpen(host, port, limits),
      }),
    });
    const short = { ...back, limits: { ...back.limits, recover: 4000 } };
    await expect(applyPlan(short, stuck)).rejects.toMatchObject({
      code: 'GATE_SHUT',
      message: expect.stringMatching(/reachable-by-others: .* is silent from member/),
    });
    expect(formatServerLine(await lineOf(applying, follower))).toBe(formatServerLine(was));
    await abortPlan(short, stuck);
    expect(formatServerLine(await lineOf(applying, follower))).toBe(formatServerLine(line));
    await expect
      .poll(async () => (await applying.context.observe()).quorum?.live, { timeout: 20_000 })
      .toEqual([1n, 2n, 3n]);
    await load.proven();
  });

  it('is refused while a new port is taken, and by examination where it cannot be meant', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3 });
    const applying = await changing(ensemble, { canary: undefined });
    const was = await lineOf(applying, 1n);
    const other = await lineOf(applying, 2n);
    const line = await moved(ensemble, was, ['election']);
    const port = line.addresses[0]?.electionPort;
    const server = createServer().listen(port, '127.0.0.1');
    onTestFinished(() => void server.close());
    const change = await changeOf(applying, { ...LIMITS, settle: 500 });
    await expect(applyPlan(planMove(change, line), applying)).rejects.toMatchObject({
      code: 'GATE_SHUT',
      message: expect.stringContaining(`new-ports-free: 127.0.0.1:${port} is open from member 1`),
    });
    expect(await committed(applying)).toMatchObject({ version: change.status.config?.version });

    const examine = async (text: string) =>
      examineMove(await committed(applying), was, parseServerLine(`server.1=${text}`), hostOf(ensemble, 1n), {});
    const [{ quorumPort, electionPort }, theirs] = [was.addresses[0]!, other.addresses[0]!];
    await expect(
      examine(`127.0.0.1:${quorumPort}:${theirs.electionPort}:observer;${electionPort}`),
    ).rejects.toMatchObject({
      code: 'MOVE_REFUSED',
      message: expect.stringMatching(
        /it is participant: .* member demote; .*:\d+ is member 2's; .*:\d+ is in use for something else of it/,
      ),
    });
    await expect(examine(`192.0.2.7:${quorumPort}:${electionPort};2181`)).rejects.toMatchObject({
      code: 'OTHER_MACHINE',
      hint: expect.stringContaining('member replace 1 --with ID'),
    });
    await examine(`localhost:${quorumPort}:${electionPort};2181`);
  });

  it('restarts a member whose client port stays while its address changes, since Netty cannot bind that', async () => {
    const config = { serverCnxnFactory: 'org.apache.zookeeper.server.NettyServerCnxnFactory' };
    const ensemble = await ephemeralEnsemble({ servers: 3, config });
    const applying = await changing(ensemble, { canary: undefined });
    const leader = await leaderOf(applying);
    const follower = leader === 3n ? 2n : 3n;
    const was = await lineOf(applying, follower);
    const everywhere = (line: ServerLine) => ({ ...line, client: { host: '0.0.0.0', port: line.client?.port ?? 0 } });
    const change = await changeOf(applying);
    const leads = everywhere(await lineOf(applying, leader));
    expect(() => planMove(change, leads)).toThrow(`member ${leader} leads`);
    const plan = planMove(change, everywhere(was));
    expect(plan.steps.map(({ id }) => id)).toEqual([`move-${follower}`, `restart-${follower}`]);
    expect(plan.tolerance).toEqual({ now: 1, least: 0, after: 1 });
    await applyPlan(plan, applying);
    const { members } = await applying.context.observe();
    expect(members.find(({ id }) => id === follower)).toMatchObject({ role: 'follower' });
  });
});
