import { describe, expect, it, onTestFinished } from 'vitest';
import type { ReadOp, TransactionOp } from '../../src/client/transaction.ts';
import { type Client, connect } from '../../src/index.ts';
import type { Acl } from '../../src/protocol/acl.ts';
import type { CreateMode } from '../../src/protocol/create-mode.ts';
import { ServerError } from '../../src/protocol/server-errors.ts';
import { FakeServer } from '../support/fake-server.ts';
import { type GoldenExchange, type GoldenName, goldenExchanges, plain, revive } from '../support/frames.ts';

/** CreateMode.java's flags. */
const MODES: readonly CreateMode[] = [
  'persistent',
  'ephemeral',
  'persistent_sequential',
  'ephemeral_sequential',
  'container',
  'persistent_with_ttl',
  'persistent_sequential_with_ttl',
];

/** The arguments of a Java call. */
interface Args {
  path: string;
  prefixPath: string;
  data: Buffer | null;
  version: number;
  flags: number;
  ttl?: bigint;
  watch?: boolean;
  acl: { perms: number; id: { scheme: string; id: string } }[];
  mode: number;
  type: number;
  joiningServers: string | null;
  leavingServers: string | null;
  newMembers: string | null;
  curConfigId: bigint;
}

function acl(args: Args): Acl[] {
  return args.acl.map(({ perms, id }) => ({ perms, ...id }));
}

function create(client: Client, args: Args, stat: boolean) {
  const { path, data, ttl } = args;
  return client.create(path, data, { mode: MODES[args.flags], acl: acl(args), ttl, stat });
}

const WATCHES = { 1: 'children', 2: 'data', 3: 'any' } as const;
const watches = (type: number) => WATCHES[type as keyof typeof WATCHES];
const javaAcl = (entries: readonly Acl[]) => entries.map(({ perms, scheme, id }) => ({ perms, id: { scheme, id } }));

/** Our call for Java's, with the result in the form the Java program printed its own. */
const calls: Partial<Record<GoldenName, (client: Client, args: Args, exchange: GoldenExchange) => Promise<unknown>>> = {
  create: async (c, args) => (await create(c, args, false)).path,
  create2: (c, args) => create(c, args, true),
  createContainer: async (c, args, { outcome }) => {
    const made = await create(c, args, false);
    return typeof outcome.returned === 'string' ? made.path : made;
  },
  createTTL: (c, args) => create(c, args, false),
  delete: async (c, { path, version }) => (await c.delete(path, { version })) ?? null,
  exists: async (c, { path, watch }) => (await c.exists(path, { watch })) ?? null,
  getData: (c, { path, watch }) => (path === undefined ? c.getConfig() : c.getData(path, { watch })),
  setData: (c, { path, data, version }) => c.setData(path, data, { version }),
  getACL: async (c, { path }) => {
    const found = await c.getAcl(path);
    return { acl: javaAcl(found.acl), stat: found.stat };
  },
  setACL: (c, args) => c.setAcl(args.path, acl(args), { version: args.version }),
  getChildren2: (c, { path, watch }) => c.getChildren(path, { watch }),
  sync: (c, { path }) => c.sync(path),
  reconfig: (c, { joiningServers, leavingServers, newMembers, curConfigId }) =>
    c.reconfig({
      joining: joiningServers ?? undefined,
      leaving: leavingServers ?? undefined,
      members: newMembers ?? undefined,
      fromVersion: curConfigId,
    }),
  addWatch: async (c, { path, mode }) =>
    (await c.addWatch(path, mode === 0 ? 'persistent' : 'persistentRecursive')) ?? null,
  checkWatches: async (c, { path, type }) => (await c.checkWatches(path, watches(type))) ?? null,
  removeWatches: async (c, { path, type }) => (await c.removeWatches(path, watches(type))) ?? null,
  getEphemerals: async (c, { prefixPath }) => (await c.getEphemerals(prefixPath)).sort(),
  getAllChildrenNumber: (c, { path }) => c.getAllChildrenNumber(path),
  whoAmI: async (c) => (await c.whoAmI()).map(({ scheme, id }) => ({ authScheme: scheme, user: id })),
};

const cases = [...goldenExchanges()].flatMap(([name, exchanges]) =>
  exchanges
    // A scenario's steps make other requests on the way; their arguments are not those of the step.
    .filter(({ step }) => step.startsWith(`${name}: `) || (name === 'getData' && step.startsWith('getConfig: ')))
    // The Java program passed CREATOR_ALL_ACL without printing it.
    .filter(({ call }) => name !== 'create' || call.acl !== undefined)
    .filter(() => calls[name] !== undefined)
    .map((exchange): [GoldenName, string, GoldenExchange] => [
      name,
      `${exchange.step} (${exchange.scenario}, ${exchange.from.client})`,
      exchange,
    ]),
);

/** A client whose server expects exactly the recorded request and gives the recorded reply. */
async function clientOf(exchange: GoldenExchange): Promise<Client> {
  const server = await FakeServer.start(async (connection) => {
    await connection.welcome();
    const asked = await connection.request();
    expect(asked.bytes.subarray(4).toString('hex')).toBe(exchange.request!.hex.slice(16));
    const reply = Buffer.from(exchange.response!.hex, 'hex');
    reply.writeInt32BE(asked.xid, 4);
    connection.send(reply);
  });
  const client = await connect(server.servers, { requestTimeout: 10_000 });
  onTestFinished(async () => {
    await client.close({ timeout: 1 });
    await server.stop();
    expect(server.failures).toEqual([]);
  });
  return client;
}

describe("a call asks what Java's asked and gives what it gave", () => {
  it.each(cases)('%s: %s', async (name, _, exchange) => {
    const { returned = null, thrown } = exchange.outcome;
    const args = { version: -1, ...(revive(exchange.call) as object) } as Args;
    const client = await clientOf(exchange);
    const call = calls[name]!(client, args, exchange);
    if (thrown === undefined) {
      expect(plain(await call)).toEqual(returned);
      return;
    }
    const error = await call.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ServerError);
    expect((error as ServerError).errno).toBe(thrown.code);
    if (thrown.path !== null) expect((error as ServerError).path).toBe(thrown.path);
  });
});

/** The operations that Scenario.java puts in its transactions. */
const transactions: Record<string, TransactionOp[]> = {
  'multi: every kind of operation': [
    { type: 'create', path: '/m', data: 'm' },
    { type: 'create', path: '/m/s-', data: null, mode: 'persistent_sequential' },
    { type: 'create', path: '/m/e', data: 'e', mode: 'ephemeral' },
    { type: 'create', path: '/m/container', data: '', mode: 'container' },
    { type: 'create', path: '/m/ttl', data: 't', mode: 'persistent_with_ttl', ttl: 60_000 },
    { type: 'check', path: '/m', version: 0 },
    { type: 'setData', path: '/m', data: 'changed', version: 0 },
    { type: 'delete', path: '/m/e' },
  ],
  'multi: the middle one fails': [
    { type: 'setData', path: '/m', data: 'never' },
    { type: 'delete', path: '/none' },
    { type: 'create', path: '/m/after', data: '' },
  ],
  'multi: a check fails': [
    { type: 'check', path: '/m', version: 42 },
    { type: 'delete', path: '/m' },
  ],
};

const reads: Record<string, ReadOp[]> = {
  'multiRead: data and children': [
    { type: 'getData', path: '/m' },
    { type: 'getChildren', path: '/m' },
  ],
  'multiRead: one is not there': [
    { type: 'getData', path: '/m' },
    { type: 'getData', path: '/none' },
    { type: 'getChildren', path: '/none' },
  ],
};

/** What Java printed of a result that is ours too. */
function javaResult(result: { [field: string]: unknown }): unknown {
  const { path, stat, data, children, err } = result;
  return JSON.parse(JSON.stringify({ path, stat: stat ?? undefined, data, children, err }));
}

describe("a transaction asks what Java's asked and gives what it gave", () => {
  it.each(goldenExchanges().get('multi')!)('$step ($from.client)', async (exchange) => {
    const client = await clientOf(exchange);
    const call = client.multi(transactions[exchange.step]!);
    const { returned, thrown, results } = exchange.outcome;
    if (thrown !== undefined) {
      const index = (results as { err: number }[]).findIndex(({ err }) => err === thrown.code);
      await expect(call).rejects.toMatchObject({ index, cause: { errno: thrown.code } });
      return;
    }
    const ours = (plain(await call) as { type: string; path: string; stat?: unknown }[]).map((result) =>
      // Java's results name a path only where the server chose it.
      javaResult(result.type === 'create' ? result : { stat: result.stat }),
    );
    expect(ours).toEqual((returned as { [field: string]: unknown }[]).map(javaResult));
  });

  it.each(goldenExchanges().get('multiRead')!)('$step ($from.client)', async (exchange) => {
    const client = await clientOf(exchange);
    const given = await client.multiRead(reads[exchange.step]!);
    const ours = given.map((result) =>
      javaResult(
        result.type === 'error' ? { err: result.error.errno } : { ...(plain(result) as object), path: undefined },
      ),
    );
    expect(ours).toEqual((exchange.outcome.returned as { [field: string]: unknown }[]).map(javaResult));
  });
});
