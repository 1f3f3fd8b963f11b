import { describe, expect, it, onTestFinished } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import { type ConnectOptions, connect } from '../../src/client/connect.ts';
import { kill, start } from '../../src/local/ensemble.ts';
import { mavenIsThere } from '../../src/local/maven.ts';
import { type TestEnsemble, type TestSpec, useEnsemble } from '../support/ensembles.ts';
import { until } from '../support/until.ts';

const spec: TestSpec = {
  servers: 3,
  // Without local sessions, a server cut off from the quorum opens no session at all (ReadOnlyRequestProcessor).
  config: {
    tickTime: '500',
    initLimit: '60',
    syncLimit: '30',
    localSessionsEnabled: 'true',
    localSessionsUpgradingEnabled: 'true',
  },
  systemProperties: { 'readonlymode.enabled': 'true' },
};
const maven = await mavenIsThere();
let counter = 0;

async function session(servers: string, options: ConnectOptions = {}): Promise<Client> {
  const client = await connect(servers, { sessionTimeout: 10_000, connectTimeout: 60_000, ...options });
  onTestFinished(() => client.close());
  return client;
}

/** Where the one server is that is left alone by `cutOff`. */
function survivor({ members }: TestEnsemble): string {
  return `${members[0]!.host}:${members[0]!.clientPort}`;
}

/** A znode that the survivor has seen. */
async function prepared(ensemble: TestEnsemble): Promise<string> {
  const client = await session(survivor(ensemble));
  counter += 1;
  const { path } = await client.create(`/read-only-${process.pid}-${counter}`, 'kept');
  await client.sync(path);
  return path;
}

/** Kills all members but the first; they come back with `restore`, or with the end of the test. */
async function cutOff(ensemble: TestEnsemble): Promise<void> {
  onTestFinished(() => restore(ensemble), 60_000);
  for (const { id } of ensemble.members.slice(1)) await kill(ensemble, id);
}

async function restore(ensemble: TestEnsemble): Promise<void> {
  await Promise.all(ensemble.members.map(({ id }) => start(ensemble, id)));
}

async function refusesWrites(client: Client, path: string): Promise<void> {
  for (const write of [client.setData(path, 'lost'), client.create(`${path}/new`), client.delete(path)]) {
    await expect(write).rejects.toMatchObject({ code: 'NOT_READ_ONLY', exitCode: 8 });
  }
  const transaction = client.multi([{ type: 'setData', path, data: 'lost' }]);
  await expect(transaction).rejects.toMatchObject({ code: 'NOT_READ_ONLY' });
}

describe('a server cut off from the quorum', () => {
  const ensemble = useEnsemble(spec);

  it('serves reads to a new session, refuses writes, and is left when the quorum is back', async () => {
    const path = await prepared(ensemble());
    await cutOff(ensemble());
    // The survivor opens read-write sessions until it has noticed that the others are gone.
    const readOnly = async () => {
      const opened = await session(ensemble().connectString, { readOnly: true }).catch(() => undefined);
      return opened?.state === 'READ_ONLY' ? opened : undefined;
    };
    const client = await until('a read-only session', readOnly, 60_000);
    expect((await client.getData(path, { watch: true })).data?.toString()).toBe('kept');
    expect((await client.getChildren('/')).children).toContain(path.slice(1));
    await refusesWrites(client, path);
    const events = client.events();
    await restore(ensemble());
    await until('read-write mode', () => client.state === 'CONNECTED', 60_000);
    expect((await client.setData(path, 'written')).version).toBe(1);
    for await (const event of events) {
      if (!('path' in event)) continue;
      expect(event).toMatchObject({ type: 'NodeDataChanged', path });
      break;
    }
  }, 150_000);

  it('serves nobody who does not allow it, and says so', async () => {
    await cutOff(ensemble());
    // The survivor opens sessions until it has noticed that the others are gone.
    const refused = () =>
      session(ensemble().connectString, { connectTimeout: 5000 }).then(
        () => undefined,
        (e: Error) => e,
      );
    const failure = await until('a refusal', refused, 60_000);
    expect(failure).toMatchObject({ code: 'CANNOT_CONNECT', exitCode: 5 });
    expect((failure as Error).message).toContain(`${survivor(ensemble())}: it closed the connection without a session`);
  }, 150_000);
});

const without = maven ? '' : ' (skipped: there is no mvn here to fetch it)';
describe.runIf(maven)(`a server of 3.6 cut off from the quorum${without}`, () => {
  const ensemble = useEnsemble({ ...spec, version: '3.6.4' });

  it('goes on with the session it has, for reads, until the quorum is back', async () => {
    const path = await prepared(ensemble());
    const client = await session(ensemble().connectString, { readOnly: true });
    const { path: mine } = await client.create(`${path}/mine`, null, { mode: 'ephemeral' });
    await (await session(survivor(ensemble()))).sync(mine);
    const { sessionId } = client;
    const states: string[] = [];
    client.onState(({ type, state }) => {
      if (type === 'state') states.push(state);
    });
    await cutOff(ensemble());
    await until('read-only mode', () => client.state === 'READ_ONLY', 60_000);
    expect((await client.getData(path)).data?.toString()).toBe('kept');
    expect((await client.exists(mine))?.ephemeralOwner).toBe(sessionId);
    await refusesWrites(client, path);
    await restore(ensemble());
    await until('read-write mode', () => client.state === 'CONNECTED', 60_000);
    expect((await client.setData(path, 'written')).version).toBe(1);
    expect(client.sessionId).toBe(sessionId);
    expect((await client.exists(mine))?.ephemeralOwner).toBe(sessionId);
    expect(states.at(-1)).toBe('CONNECTED');
  }, 150_000);
});
