import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { committed, readCommittedConfig } from '../../src/ensemble/committed-config.ts';
import { formatServerLine } from '../../src/ensemble/server-line.ts';
import { ephemeralEnsemble, sharedEnsemble, useEnsemble } from '../support/ensembles.ts';

const ensemble = useEnsemble({ servers: 3, observers: 1 });

/** Those that stay: a server that is taken out ends the sessions it has. */
function participants(): string {
  return ensemble()
    .members.slice(0, 3)
    .map(({ host, clientPort }) => `${host}:${clientPort}`)
    .join(',');
}

async function session(servers = participants()): Promise<Client> {
  const client = await connect(servers, { requestTimeout: 40_000 });
  onTestFinished(() => client.close());
  return client;
}

async function asSuper(): Promise<Client> {
  const client = await session();
  await client.addAuth('digest', `super:${ensemble().superSecret}`);
  return client;
}

describe('a change of membership', () => {
  let observer: string;
  beforeAll(() => {
    const { quorumPort, electionPort, clientPort } = ensemble().members[3]!;
    observer = `server.4=127.0.0.1:${quorumPort}:${electionPort}:observer;127.0.0.1:${clientPort}`;
  });

  it('takes a member out and in again, each against the version it is meant for, and tells watchers', async () => {
    const client = await asSuper();
    const before = (await readCommittedConfig(client)).config;
    expect(before.servers.map(formatServerLine)).toContain(observer);
    const events = client.events();
    await client.getConfig({ watch: true });
    const without = committed(await client.reconfig({ leaving: '4', fromVersion: before.version! })).config;
    expect(without.servers.map(({ id }) => id)).toEqual([1n, 2n, 3n]);
    expect(without.version).toBeGreaterThan(before.version!);
    expect((await events.next()).value).toMatchObject({ type: 'NodeDataChanged', path: '/zookeeper/config' });
    const back = committed(await client.reconfig({ joining: observer, fromVersion: without.version! })).config;
    expect(back.servers.map(formatServerLine)).toEqual(before.servers.map(formatServerLine));
    expect((await readCommittedConfig(client)).config).toEqual(back);
  });

  it('is known to be permitted or not without any write, also inside a chroot', async () => {
    const client = await asSuper();
    const before = await readCommittedConfig(client);
    expect(await client.mayReconfigure()).toBe(true);
    const inside = await session(`${participants()}/zookeeper`);
    expect(await inside.mayReconfigure()).toBe(false);
    const { data, stat } = await readCommittedConfig(client);
    expect({ data, stat }).toEqual({ data: before.data, stat: before.stat });
  });

  it('is permitted where servers skip ACLs', async () => {
    const { connectString } = await ephemeralEnsemble({
      servers: 1,
      systemProperties: { 'zookeeper.skipACL': 'yes' },
    });
    expect(await (await session(connectString)).mayReconfigure()).toBe(true);
  });

  it('may name all members', async () => {
    const client = await asSuper();
    const { config } = await readCommittedConfig(client);
    const members = config.servers.map(formatServerLine).join(',');
    const { data } = await client.reconfig({ members, fromVersion: config.version! });
    expect(data?.toString()).toContain(observer);
  });

  it('is refused when the membership is not the one it was meant for any more', async () => {
    const client = await asSuper();
    const { version } = (await readCommittedConfig(client)).config;
    await expect(client.reconfig({ joining: observer, fromVersion: version! - 1n })).rejects.toMatchObject({
      code: 'BAD_VERSION',
      exitCode: 6,
    });
    expect((await readCommittedConfig(client)).config.version).toBe(version);
  });

  it('is refused to anybody but the super user, and when it makes no sense', async () => {
    const stranger = await session();
    const { version } = (await readCommittedConfig(stranger)).config;
    const change = { joining: observer, fromVersion: version! };
    await expect(stranger.reconfig(change)).rejects.toMatchObject({ code: 'NO_AUTH', exitCode: 4 });
    await expect(stranger.reconfig({ ...change, members: observer })).rejects.toMatchObject({ exitCode: 2 });
    const client = await asSuper();
    const noQuorum = { joining: 'server.9=127.0.0.1:1:2:participant;127.0.0.1:3', leaving: '2,3' };
    await expect(client.reconfig({ ...noQuorum, fromVersion: version! })).rejects.toMatchObject({
      code: 'NEW_CONFIG_NO_QUORUM',
      exitCode: 8,
    });
    const nobody = client.reconfig({ leaving: '1,2,3', fromVersion: version! });
    await expect(nobody).rejects.toMatchObject({ code: 'BAD_ARGUMENTS' });
  });

  it('is nothing for a standalone server, which says so', async () => {
    const client = await session((await sharedEnsemble('standalone')).connectString);
    await expect(client.reconfig({ joining: observer, fromVersion: 0n })).rejects.toMatchObject({
      code: 'UNIMPLEMENTED',
      hint: 'It needs ZooKeeper 3.5.0 or later, and an ensemble: a standalone server has no membership.',
    });
  });
});
