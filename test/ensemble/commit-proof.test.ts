import { describe, expect, it, onTestFinished } from 'vitest';
import { loadTls, tlsConnectOptions } from '../../src/auth/tls.ts';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { type CommitProof, proveCommits } from '../../src/ensemble/commit-proof.ts';
import { observeMember } from '../../src/ensemble/observe-member.ts';
import { kill, pause, resume } from '../../src/local/control.ts';
import { setQuota } from '../../src/znodes/quota.ts';
import { ephemeralEnsemble, sharedEnsemble, sharedRelease, type TestEnsemble } from '../support/ensembles.ts';
import { askingOf, observed } from '../support/observed.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const random = Math.random;

async function session(servers: string): Promise<Client> {
  const client = await connect(servers);
  onTestFinished(() => client.close());
  return client;
}

/** Proofs that are there now, by a member that was brought up to the leader. */
async function leftovers(client: Client, parent = '/'): Promise<string[]> {
  await client.sync(parent);
  const { children } = await client.getChildren(parent);
  return children.filter((name) => name.startsWith('zksh-proof-'));
}

function idsOf({ writers, unproven }: CommitProof) {
  const id = ({ id: value }: { id: bigint | undefined }) => Number(value);
  return {
    proven: writers.filter(({ ok }) => ok).map(({ writer }) => id(writer)),
    failed: writers.filter(({ ok }) => !ok).map(({ writer }) => id(writer)),
    unproven: unproven.map(({ member, why }) => `${id(member)} ${why}`),
    readers: writers.map(({ readers }) => readers.filter(({ ok }) => ok).map(({ reader }) => id(reader))),
  };
}

async function leaderOf(ensemble: TestEnsemble): Promise<number> {
  const members = await observed(ensemble.connectString, askingOf());
  return Number(members.find(({ facts }) => facts.role?.value === 'leader')?.member.id);
}

describe('a proof by writes', () => {
  it('writes through every member, observers too, reads back through every other, and leaves nothing', async () => {
    const { connectString } = await ephemeralEnsemble({ servers: 3, observers: 1 });
    const asking = askingOf({ limit: 20_000 });
    const proof = await proveCommits(await observed(connectString, asking), asking, { random });
    expect(proof).toMatchObject({ proven: true, parent: '/', unproven: [], left: [] });
    expect(idsOf(proof)).toMatchObject({
      proven: [1, 2, 3, 4],
      readers: [
        [2, 3, 4],
        [1, 3, 4],
        [1, 2, 4],
        [1, 2, 3],
      ],
    });
    for (const { took, readers } of proof.writers) {
      expect(took).toBeGreaterThan(0);
      for (const read of readers) expect(read.took).toBeGreaterThan(0);
    }
    expect(await leftovers(await session(connectString))).toEqual([]);
  });

  it('of a member that hangs costs the limit once, and the others are proven', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3 });
    const asking = askingOf({ limit: 3000 });
    const members = await observed(ensemble.connectString, askingOf());
    const leader = await leaderOf(ensemble);
    const hung = [1, 2, 3].find((id) => id !== leader) ?? 0;
    await pause(ensemble, hung);
    const proof = await proveCommits(members, asking, { random });
    expect(proof.took).toBeLessThan(2 * 3000);
    expect(proof.proven).toBe(false);
    const others = [1, 2, 3].filter((id) => id !== hung);
    expect(idsOf(proof)).toMatchObject({ proven: others, unproven: [`${hung} unreachable`] });
    await resume(ensemble, hung);
    expect(await leftovers(await session(ensemble.connectString))).toEqual([]);
  });

  it('without a quorum proves nothing, and ends within the limit', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3 });
    const asking = askingOf({ limit: 3000 });
    const before = await observed(ensemble.connectString, askingOf());
    for (const id of [1, 2]) await kill(ensemble, id);
    for (const members of [before, await observed(ensemble.connectString, asking)]) {
      const proof = await proveCommits(members, asking, { random });
      expect(proof.took).toBeLessThan(2 * 3000);
      expect(idsOf(proof)).toMatchObject({ proven: [], failed: [] });
      expect(proof.unproven).toHaveLength(3);
      expect(proof.unproven.slice(0, 2).map(({ reason }) => reason)).toEqual(Array(2).fill('connection refused'));
    }
  });

  it('says of a parent where nothing may be created what is in the way', async () => {
    const { connectString } = await ephemeralEnsemble({
      servers: 1,
      systemProperties: { 'zookeeper.enforceQuota': 'true' },
    });
    const client = await session(connectString);
    await client.create('/shut', '', { acl: [{ perms: 1, scheme: 'world', id: 'anyone' }] });
    await client.create('/full');
    await setQuota(client, '/full', { countHardLimit: 1n });
    await client.create('/mine', '', { mode: 'ephemeral' });
    const asking = askingOf();
    const members = await observed(connectString, asking);
    const whyAt = async (parent: string) => {
      const { proven, unproven, writers } = await proveCommits(members, asking, { parent, random });
      expect({ proven, writers }).toEqual({ proven: false, writers: [] });
      return unproven.map(({ why, reason, hint }) => ({ why, reason, hint }));
    };
    const hint = expect.stringContaining('--proof-path');
    expect(await whyAt('/shut')).toEqual([{ why: 'not permitted', reason: expect.stringContaining('/shut'), hint }]);
    expect(await whyAt('/full')).toEqual([{ why: 'quota', reason: expect.stringContaining('/full'), hint }]);
    expect(await whyAt('/no/such')).toEqual([{ why: 'no parent', reason: 'there is no znode /no/such', hint }]);
    expect(await whyAt('/mine')).toEqual([{ why: 'no parent', reason: expect.stringContaining('ephemeral'), hint }]);
    await expect(proveCommits(members, asking, { parent: 'nowhere', random })).rejects.toMatchObject({ exitCode: 2 });
  });

  it('goes through secure ports', async () => {
    const { secureConnectString = '', tls = {} } = await sharedEnsemble('tls');
    const context = await loadTls(tls);
    const asking = askingOf({
      options: { tls },
      secure: ({ host, port }) => tlsConnectOptions(host, port, context, tls),
    });
    const proof = await proveCommits(await observed(secureConnectString, asking), asking, { random });
    expect(proof).toMatchObject({ proven: true, left: [], writers: [{ ok: true, readers: [{ ok: true }] }] });
  });

  it('of a server of 3.4 that stands alone reads back through itself', async () => {
    const { connectString } = await sharedRelease('3.4.14');
    const asking = askingOf();
    const proof = await proveCommits(await observed(connectString, asking), asking, { random });
    expect(proof).toMatchObject({ proven: true, unproven: [], writers: [{ ok: true, readers: [{ ok: true }] }] });
    expect(await leftovers(await session(connectString))).toEqual([]);
  });

  it('tells that credentials are refused', async () => {
    const { connectString } = await sharedEnsemble('standalone');
    const asking = askingOf({ options: { auth: [{ scheme: 'nosuch', auth: 'x' }] } });
    const proof = await proveCommits(await observed(connectString, askingOf()), asking, { random });
    expect(proof).toMatchObject({ proven: false, writers: [], unproven: [{ why: 'credentials refused' }] });
  });

  it('of a member cut off from its quorum says that it cannot write', async () => {
    const ensemble = await ephemeralEnsemble({
      servers: 3,
      systemProperties: { 'readonlymode.enabled': 'true' },
      config: { localSessionsEnabled: 'true', localSessionsUpgradingEnabled: 'true' },
    });
    const asking = askingOf({ limit: 2000 });
    const before = await observed(ensemble.connectString, askingOf());
    for (const id of [1, 2]) await kill(ensemble, id);
    const third = async (members: typeof before) => {
      const { unproven } = await proveCommits(members, asking, { random });
      return unproven.find(({ member }) => member.id === 3n)?.why;
    };
    // Known to be read-only, and found to be.
    await expect
      .poll(async () => third(await observed(ensemble.connectString, asking)), { timeout: 40_000 })
      .toBe('read-only');
    expect(await third(before)).toBe('read-only');
  });

  it('whose answer never comes has an unknown outcome, and takes away what it may have written through another', async () => {
    const ensemble = await sharedEnsemble('three');
    const proxy = await TcpProxy.start({ port: ensemble.members[0]!.clientPort });
    onTestFinished(() => proxy.stop());
    const asking = askingOf({
      limit: 3000,
      connect: async (servers, options) => {
        const client = await connect(servers, options);
        // The create arrives, its answer does not.
        if (servers.endsWith(`:${proxy.port}`)) proxy.pause('down');
        return client;
      },
    });
    const target = (port: number) => ({ host: '127.0.0.1', port, tls: false });
    const members = await Promise.all(
      [proxy.port, ensemble.members[1]!.clientPort].map((port, i) => {
        const member = { id: BigInt(i + 1), name: `127.0.0.1:${port}`, admin: [], configured: undefined };
        return observeMember({ ...member, targets: [target(port)] }, askingOf());
      }),
    );
    await (await session(ensemble.connectString)).create('/proof-unknown');
    const proof = await proveCommits(members, asking, { parent: '/proof-unknown', random });
    expect(idsOf(proof)).toMatchObject({ proven: [2], failed: [1], unproven: [] });
    expect(proof.writers).toMatchObject([
      { outcome: 'unknown', error: { code: 'TIMEOUT' }, readers: [] },
      { ok: true, readers: [{ ok: false }] },
    ]);
    expect(proof).toMatchObject({ proven: false, left: [] });
    expect(await leftovers(await session(ensemble.connectString), '/proof-unknown')).toEqual([]);
  });

  it('leaves nothing when it is interrupted', async () => {
    const { connectString } = await sharedEnsemble('three');
    const client = await session(connectString);
    await client.create('/proof-stopped');
    const stop = new AbortController();
    const asking = askingOf({ signal: stop.signal });
    const members = await observed(connectString, askingOf());
    await client.getChildren('/proof-stopped', { watch: true });
    const written = (async () => {
      for await (const event of client.events()) if (event.type === 'NodeChildrenChanged') return stop.abort();
    })();
    await expect(proveCommits(members, asking, { parent: '/proof-stopped', random })).rejects.toMatchObject({
      exitCode: 130,
    });
    await written;
    expect(await leftovers(client, '/proof-stopped')).toEqual([]);
  });
});
