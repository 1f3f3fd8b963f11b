import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import { type ConnectOptions, connect } from '../../src/client/connect.ts';
import { SessionExpiredError } from '../../src/client/errors.ts';
import { fourLetterWord } from '../../src/ensemble/four-letter-word.ts';
import { kill, type LocalMember, pause, resume, start } from '../../src/local/ensemble.ts';
import { useEnsemble } from '../support/ensembles.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';
import { WriteLoad } from '../support/write-load.ts';

// Short ticks let sessions expire in seconds; the limits stay as long as they are by default, for a slow machine.
const ensemble = useEnsemble({ servers: 3, config: { tickTime: '500', initLimit: '60', syncLimit: '30' } });

let counter = 0;

async function session(servers: string, options: ConnectOptions = {}): Promise<Client> {
  const client = await connect(servers, { sessionTimeout: 6000, requestTimeout: 40_000, ...options });
  onTestFinished(() => client.close());
  return client;
}

async function freshParent(client: Client): Promise<string> {
  counter++;
  return (await client.create(`/failover-${process.pid}-${counter}`)).path;
}

function memberAt(port: number | undefined): LocalMember {
  const member = ensemble().members.find(({ clientPort }) => clientPort === port);
  if (member === undefined) throw new Error(`no member has client port ${port}`);
  return member;
}

async function leader(): Promise<LocalMember> {
  for (const member of ensemble().members) {
    const { host, clientPort: port } = member;
    const answer = await fourLetterWord({ host, port, word: 'srvr' }).catch(() => '');
    if (/^Mode: leader$/m.test(answer)) return member;
  }
  throw new Error('nobody leads');
}

async function moreAcknowledged(load: WriteLoad, more = 50): Promise<void> {
  const goal = load.acknowledged.length + more;
  await until(`${more} more writes`, () => load.acknowledged.length >= goal, 45_000);
}

function bringBack(member: LocalMember): void {
  onTestFinished(async () => {
    await start(ensemble(), member.id);
  });
}

beforeEach(async () => {
  await until('a leader', () => leader().catch(() => undefined));
});

describe('a session under write load', () => {
  it('survives kill -9 of the server it is connected to, losing no acknowledged write', async () => {
    const client = await session(ensemble().connectString);
    const parent = await freshParent(client);
    const { sessionId } = client;
    const load = new WriteLoad(client, parent);
    await moreAcknowledged(load);
    const victim = memberAt(client.server?.port);
    bringBack(victim);
    await kill(ensemble(), victim.id);
    await moreAcknowledged(load);
    await load.stop();
    expect(client.server?.port).not.toBe(victim.clientPort);
    expect(client.sessionId).toBe(sessionId);
    expect(await load.contradictions(client)).toEqual([]);
    expect(new Set(load.failures.map(({ error }) => `${error.code} ${error.outcome}`))).toEqual(
      new Set(load.failures.length > 0 ? ['CONNECTION_LOST unknown'] : []),
    );
  });

  it('survives kill -9 of the leader, with its ephemerals and watches', async () => {
    const client = await session(ensemble().connectString);
    const parent = await freshParent(client);
    const { path: ephemeral } = await client.create(`${parent}-mine`, null, { mode: 'ephemeral' });
    const { path: watched } = await client.create(`${parent}-watched`);
    await client.getData(watched, { watch: true });
    const load = new WriteLoad(client, parent);
    await moreAcknowledged(load);
    const victim = await leader();
    bringBack(victim);
    await kill(ensemble(), victim.id);
    await moreAcknowledged(load);
    await load.stop();
    expect(await load.contradictions(client)).toEqual([]);
    expect((await client.exists(ephemeral))?.ephemeralOwner).toBe(client.sessionId);
    const events = client.events();
    await client.setData(watched, 'changed');
    expect((await events.next()).value).toMatchObject({ type: 'NodeDataChanged', path: watched });
  });

  it('leaves a server that hangs (SIGSTOP) for another, within the session timeout', async () => {
    // A follower: when a leader hangs, it is the quorum that takes its time to notice, not the client.
    const leading = await leader();
    const follower = ensemble().members.find(({ id }) => id !== leading.id) as LocalMember;
    const client = await session(ensemble().connectString, { prefer: `127.0.0.1:${follower.clientPort}` });
    const parent = await freshParent(client);
    const { sessionId } = client;
    const load = new WriteLoad(client, parent);
    await moreAcknowledged(load);
    const hung = memberAt(client.server?.port);
    await pause(ensemble(), hung.id);
    onTestFinished(async () => {
      await resume(ensemble(), hung.id);
    });
    await until('another server', () => client.server !== undefined && client.server.port !== hung.clientPort, 30_000);
    await moreAcknowledged(load);
    await load.stop();
    expect(client.sessionId).toBe(sessionId);
    expect(await load.contradictions(client)).toEqual([]);
  });

  it.each(['down', 'up'] as const)('notices a stall of one direction (%s) and connects anew', async (direction) => {
    const proxy = await TcpProxy.start({ port: memberAt((await leader()).clientPort).clientPort });
    onTestFinished(() => proxy.stop());
    const client = await session(`127.0.0.1:${proxy.port}`);
    const parent = await freshParent(client);
    const load = new WriteLoad(client, parent);
    await moreAcknowledged(load);
    const accepted = proxy.accepted;
    proxy.pause(direction);
    await until('the client giving the connection up', () => client.state === 'SUSPENDED');
    proxy.resume();
    await until('a new connection', () => proxy.accepted > accepted && client.state === 'CONNECTED');
    await moreAcknowledged(load);
    await load.stop();
    expect(await load.contradictions(client)).toEqual([]);
  });

  it('asks reads again and tells writes unknown when the connection is cut', async () => {
    const proxy = await TcpProxy.start({ port: (await leader()).clientPort });
    onTestFinished(() => proxy.stop());
    const client = await session(`127.0.0.1:${proxy.port}`);
    const parent = await freshParent(client);
    await client.setData(parent, 'value');
    proxy.pause('down');
    const read = client.getData(parent);
    const write = client.setData(parent, 'other').catch((error: unknown) => error);
    await until('both being sent', () => proxy.bytes.up > 0);
    await new Promise((resolve) => setImmediate(resolve));
    proxy.cut();
    proxy.resume();
    expect(['value', 'other']).toContain((await read).data?.toString());
    expect(await write).toMatchObject({ code: 'CONNECTION_LOST', outcome: 'unknown', exitCode: 5 });
  });
});

describe('the end of a session', () => {
  it('is reported with what was lost when the servers have expired it', async () => {
    const proxy = await TcpProxy.start({ port: (await leader()).clientPort });
    onTestFinished(() => proxy.stop());
    const other = await session(ensemble().connectString);
    const client = await session(`127.0.0.1:${proxy.port}`, { sessionTimeout: 2000 });
    const { path } = await client.create(`/expiring-${process.pid}`, null, { mode: 'ephemeral' });
    await client.exists('/expiring-watched', { watch: true });
    proxy.refuse();
    proxy.cut();
    await until('the loss being noticed', () => client.state === 'SUSPENDED');
    const waiting = client.setData(path, 'never').catch((error: unknown) => error);
    await until('the ephemeral to go', async () => (await other.exists(path)) === undefined);
    expect(client.state).toBe('SUSPENDED');
    proxy.accept();
    const error = await waiting;
    expect(error).toBeInstanceOf(SessionExpiredError);
    expect(error).toMatchObject({
      code: 'SESSION_EXPIRED',
      outcome: 'none',
      exitCode: 5,
      lost: { ephemerals: [path], watches: ['/expiring-watched'] },
    });
    expect(client.state).toBe('LOST');
    await expect(client.exists('/')).rejects.toMatchObject({ code: 'SESSION_EXPIRED' });
  });
});

describe('names', () => {
  it('are looked up again on each reconnect, so a member that moved is found', async () => {
    const target = { port: (await leader()).clientPort };
    const before = await TcpProxy.start(target);
    const after = await TcpProxy.start(target, { host: '127.0.0.2', port: before.port });
    onTestFinished(() => after.stop());
    let address = '127.0.0.1';
    const { systemEnvironment } = await import('../../src/client/environment.ts');
    const environment = { ...systemEnvironment, resolve: async () => [address] };
    const client = await session(`zk.example:${before.port}`, { environment });
    expect(client.server).toMatchObject({ host: 'zk.example', address: '127.0.0.1' });
    const { sessionId } = client;
    address = '127.0.0.2';
    await before.stop();
    await until('the new address', () => client.server?.address === '127.0.0.2' && client.state === 'CONNECTED');
    expect(client.sessionId).toBe(sessionId);
    await client.exists('/');
  });
});

describe('servers that are down', () => {
  it('fail the first connection within its time limit, each with its reason', async () => {
    const dead = await TcpProxy.start({ port: 1 });
    const { port } = dead;
    await dead.stop();
    const failed = connect(`127.0.0.1:${port},localhost:${port}`, { connectTimeout: 700 });
    await expect(failed).rejects.toMatchObject({ code: 'CANNOT_CONNECT', exitCode: 5 });
    await expect(failed).rejects.toThrow(/: connection refused \(all \d\); gave up after 700 ms$/);
  });

  it('that accept and never answer cost the time limit, no more', async () => {
    const hole = await TcpProxy.start({ port: 1 });
    hole.swallow();
    onTestFinished(() => hole.stop());
    await expect(connect(`127.0.0.1:${hole.port}`, { connectTimeout: 500 })).rejects.toMatchObject({ exitCode: 5 });
  });

  it('without a quorum are reported as such for as long as it takes, and served by when it is back', async () => {
    const [one, two, three] = ensemble().members as [LocalMember, LocalMember, LocalMember];
    const client = await session(`127.0.0.1:${one.clientPort}`);
    const reasons: string[] = [];
    client.onState(({ type, attempts }) => {
      if (type === 'retrying') reasons.push(...attempts.map(({ reason }) => reason));
    });
    for (const member of [two, three]) {
      bringBack(member);
      await kill(ensemble(), member.id);
    }
    await until('the lost quorum being told', () => reasons.some((reason) => reason.includes('no quorum yet')), 45_000);
    expect(client.state).toBe('SUSPENDED');
    await start(ensemble(), two.id);
    await until('service', () => client.state === 'CONNECTED', 45_000);
  });
});
