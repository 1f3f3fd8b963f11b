import { describe, expect, it } from 'vitest';
import Latency from '../../commands/latency.ts';
import type { Client } from '../../src/client/client.ts';
import { type ConnectOptions, connect } from '../../src/client/connect.ts';
import { kill, pause, resume, start } from '../../src/local/control.ts';
import {
  ephemeralEnsemble,
  sharedEnsemble,
  sharedRelease,
  type TestEnsemble,
  useEnsemble,
} from '../support/ensembles.ts';
import { type Place, runCommand } from '../support/run-command.ts';
import { until } from '../support/until.ts';

interface Operation {
  operation: string;
  count: number;
  errors: number;
  error?: { code: string; message: string };
  min: number;
  p50?: number;
  p99?: number;
  max: number;
  buckets: { from: number; to: number; count: number }[];
}

interface Member {
  id?: string;
  host: string;
  role: string;
  roundTrip?: number;
  server: Record<string, number>;
  operations: Operation[];
  error?: { code: string; message: string };
  took: number;
}

interface Measured {
  code: number;
  answered: boolean;
  members: Member[];
}

/** As fast as they are answered, and seldom: tests are about what is told. */
const QUICK = ['--admin', 'off', '--count', '20', '--rate', '0'];

async function measure(servers: string, argv: readonly string[], place: Place = {}): Promise<Measured> {
  const { code, stdout, stderr } = await runCommand(Latency, ['-S', servers, '-o', 'json', ...argv], place);
  if (stdout === '') throw new Error(`${code}: ${stderr}`);
  return { code, ...(JSON.parse(stdout) as Omit<Measured, 'code'>) };
}

/** Opens sessions that tell what is called on them, by the server they are with. */
function telling(call: 'exists' | 'create', answered: (server: string, answer: unknown) => void | Promise<void>) {
  return async (servers: string, options: ConnectOptions): Promise<Client> => {
    const client = await connect(servers, options);
    const original = client[call].bind(client) as (...args: unknown[]) => Promise<unknown>;
    const told = async (...args: unknown[]) => {
      const answer = await original(...args);
      await answered(servers, answer);
      return answer;
    };
    return Object.assign(client, { [call]: told });
  };
}

/** Runs a measurement and does something to it when each member has answered some requests. */
async function midway(ensemble: TestEnsemble, argv: readonly string[], deed: () => Promise<unknown>) {
  const answered = new Map<string, number>();
  const count = telling('exists', (server) => {
    answered.set(server, (answered.get(server) ?? 0) + 1);
  });
  const measuring = measure(ensemble.connectString, argv, { connect: count });
  await until('some answers of each', () => answered.size === 3 && [...answered.values()].every((n) => n > 30));
  await deed();
  return measuring;
}

/** The fields of an object as a help has it, `{a, b: {c}}`, without those of objects in it. */
function listed(text = ''): string[] {
  let own = text.replaceAll(/\s+/g, ' ').slice(1, -1);
  while (/[{[]/.test(own)) own = own.replaceAll(/: (?:\{[^{}[\]]*\}|\[(?:\{[^{}[\]]*\})?\])/g, '');
  return own.split(', ').sort();
}

async function childrenOf(servers: string, path: string): Promise<string[]> {
  const client = await connect(servers);
  await client.sync(path);
  const { children } = await client.getChildren(path);
  await client.close();
  return children;
}

async function makeZnode(servers: string, path: string): Promise<void> {
  const client = await connect(servers);
  await client.create(path, 'some data');
  await client.close();
}

describe('latency of three members', () => {
  it('measures each of them, found from one, and every operation that is no write', async () => {
    const ensemble = await sharedEnsemble('three');
    const { host, clientPort } = ensemble.members[1]!;
    const measured = await measure(`${host}:${clientPort}`, QUICK);
    expect(measured).toMatchObject({ code: 0, answered: true });
    expect(measured.members.map(({ id }) => id)).toEqual(['1', '2', '3']);
    for (const { operations, roundTrip, server, role } of measured.members) {
      expect(role).toMatch(/leader|follower/);
      expect(operations.map(({ operation, count, errors }) => `${operation} ${count} ${errors}`)).toEqual(
        ['connect', 'exists', 'getData', 'getChildren', 'sync'].map((name) => `${name} 20 0`),
      );
      for (const { min, p50 = 0, max, p99, buckets } of operations) {
        expect([0, min, p50, max]).toEqual([0, min, p50, max].sort((a, b) => a - b));
        expect(p99).toBeUndefined();
        expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(20);
      }
      expect(roundTrip).toBeLessThanOrEqual(operations[1]!.min);
      expect(server).toMatchObject({ min: 0, avg: expect.any(Number), max: expect.any(Number) });
    }
  });

  it('has, as JSON, the fields that its help names', async () => {
    const { connectString, members: all } = await sharedEnsemble('three');
    const list = `1=127.0.0.1:1,2=127.0.0.1:${all[1]!.clientPort},3=127.0.0.1:${all[0]!.clientPort}`;
    const argv = ['--members', list, '--admin', 'off', '--rate', '0', '--count', '1000', '--operation'];
    const whole = await measure(connectString, [...argv, 'exists']);
    const refused = await measure(connectString, [...argv, 'getData', '--path', '/latency-none']);
    const keys = (of: readonly object[]) => [...new Set(of.flatMap((one) => Object.keys(one)))].sort();
    const members = [...whole.members, ...refused.members];
    const operations = members.flatMap((one) => one.operations);
    const [, top, member, server, operation, bucket] =
      /JSON: (\{.*?members: \[(\{.*?server: (\{.*?\}).*?took\})\], took\}); an operation is (\{.*?buckets: \[(\{.*?\})\]\}):/s.exec(
        Latency.description,
      ) ?? [];
    expect(keys([{ ...whole, code: undefined }]).filter((key) => key !== 'code')).toEqual(listed(top));
    expect(keys(members)).toEqual(listed(member));
    expect(keys(members.map((one) => one.server))).toEqual(listed(server));
    expect(keys(operations)).toEqual(listed(operation));
    expect(keys(operations.flatMap(({ buckets }) => buckets))).toEqual(listed(bucket));
    expect(keys(members.flatMap(({ error }) => error ?? []))).toEqual(['code', 'message']);
  });

  it('shows a person the members, and each operation with the members below one another', async () => {
    const { connectString } = await sharedEnsemble('three');
    const argv = ['-S', connectString, '--admin', 'off', '--rate', '0', '--count', '100'];
    const { code, stdout } = await runCommand(Latency, argv, { tty: true, columns: 100 });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ID +HOST +ROLE +ROUND TRIP MS +SERVER MIN\/AVG\/MAX +P99 READ +P99 UPDATE$/m);
    expect(stdout).toMatch(/^ *1 +127\.0\.0\.1:\d+ +(leader|follower) +[\d.]+ +[\d.]+\/[\d.]+\/[\d.]+ /m);
    expect(stdout).toMatch(/^OPERATION +MEMBER +COUNT +MIN +P50 +P99 +MAX +[\d.]+–\d+(\.\d+)? MS$/m);
    expect(stdout).toMatch(/^exists +1 +100( +[\d.]+){4} {2}[ ▁-█]+$\n^ +2 +100( +[\d.]+){4} {2}[ ▁-█]+$\n^ +3 /m);
    expect(stdout.split('\n').every((line) => line.length <= 100)).toBe(true);
  });

  it('is a line for each member and operation in a pipe, and CSV with a header', async () => {
    const { connectString } = await sharedEnsemble('three');
    const argv = ['-S', connectString, ...QUICK, '--operation', 'sync'];
    const { stdout } = await runCommand(Latency, argv);
    expect(stdout).toMatch(/^(\d\t127\.0\.0\.1:\d+\t\w+\tsync\t20\t0\t.*\n){3}$/);
    const csv = await runCommand(Latency, [...argv, '-o', 'csv']);
    expect(csv.stdout).toMatch(
      /^id,host,role,operation,count,errors,min,mean,p50,p90,p99,p999,max,times_others,error\n(\d,.*,sync,20,0,.*\n){3}$/,
    );
  });

  it('measures one member alone where it is named', async () => {
    const { connectString } = await sharedEnsemble('three');
    const { members } = await measure(connectString, [...QUICK, '--member', '2', '--operation', 'exists']);
    expect(members.map(({ id }) => id)).toEqual(['2']);
    const none = await runCommand(Latency, ['-S', connectString, ...QUICK, '--member', '7']);
    expect(none).toMatchObject({ code: 3, stderr: expect.stringContaining('there is no member 7') });
  });

  it('keeps to a rate, and to a duration', async () => {
    const { connectString } = await sharedEnsemble('three');
    const argv = ['--admin', 'off', '--operation', 'exists', '--rate', '50', '--duration', '1s'];
    const { members } = await measure(connectString, argv);
    for (const { operations } of members) {
      expect(operations[0]!.count).toBeGreaterThan(0);
      // 50 a second, and the one turn that may begin as the time ends.
      expect(operations[0]!.count).toBeLessThanOrEqual(52);
    }
  });

  it('measures again and again with --watch', async () => {
    const { connectString } = await sharedEnsemble('three');
    const argv = ['-S', connectString, ...QUICK, '--operation', 'exists', '--watch', '--interval', '1', '-o', 'ndjson'];
    const { code, stdout } = await runCommand(Latency, [...argv, '--timeout', '3s']);
    expect(code).toBe(7);
    const lines = stdout.trim().split('\n');
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ answered: true });
  });

  it('tells what is refused, and exits as the refusal does', async () => {
    const { connectString } = await sharedEnsemble('three');
    const argv = [...QUICK, '--operation', 'getData', '--operation', 'exists', '--path'];
    const { code, answered, members } = await measure(connectString, [...argv, '/latency-not-there']);
    expect({ code, answered }).toEqual({ code: 3, answered: false });
    for (const { operations } of members) {
      const [exists, getData] = operations;
      expect(exists).toMatchObject({ count: 20, errors: 0 });
      expect(getData).toMatchObject({ count: 0, errors: 3, error: { code: 'NO_NODE' }, buckets: [] });
    }
    const client = await connect(connectString);
    await client.create('/latency-forbidden', '', { acl: [{ scheme: 'digest', id: 'a:b', perms: 31 }] });
    await client.close();
    expect((await measure(connectString, [...argv, '/latency-forbidden'])).code).toBe(4);
  });

  it('stays below the chroot of the connection string', async () => {
    const { connectString } = await sharedEnsemble('three');
    await makeZnode(connectString, '/latency-chroot');
    await makeZnode(connectString, '/latency-chroot/inner');
    const argv = [...QUICK, '--operation', 'getData', '--path', '/inner'];
    expect(await measure(`${connectString}/latency-chroot`, argv)).toMatchObject({ code: 0 });
    expect(await measure(`${connectString}/other`, argv)).toMatchObject({ code: 3 });
  });
});

describe('latency of writes', () => {
  it('is measured only where it is allowed', async () => {
    const { connectString } = await sharedEnsemble('three');
    const refused = await runCommand(Latency, ['-S', connectString, ...QUICK, '--operation', 'create']);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--write') });
  });

  it('makes an ephemeral znode at a time, below the path, and leaves nothing behind', async () => {
    const { connectString } = await sharedEnsemble('three');
    await makeZnode(connectString, '/latency-writes');
    const watcher = await connect(connectString);
    const owners: (bigint | undefined)[] = [];
    const looking = telling('create', async (_server, made) => {
      const { path } = made as { path: string };
      expect(path).toMatch(/^\/latency-writes\/zksh-latency-\d+$/);
      // What is asked through the other server may be behind.
      await watcher.sync(path);
      owners.push((await watcher.exists(path))?.ephemeralOwner);
    });
    const argv = ['--admin', 'off', '--count', '30', '--rate', '0', '--write', '--path', '/latency-writes'];
    const { code, members } = await measure(connectString, argv, { connect: looking });
    await watcher.close();
    expect(code).toBe(0);
    for (const { operations } of members) {
      const writes = operations.slice(-3).map(({ operation, count }) => `${operation} ${count}`);
      expect(writes).toEqual(['create 30', 'setData 30', 'delete 30']);
    }
    expect(owners).toHaveLength(90);
    expect(owners.every((owner) => owner !== undefined && owner !== 0n)).toBe(true);
    // A session each, which owned all that it made.
    expect(new Set(owners).size).toBe(3);
    expect(await childrenOf(connectString, '/latency-writes')).toEqual([]);
  });

  it('leaves nothing behind when Ctrl-C comes between create and delete', async () => {
    const { connectString } = await sharedEnsemble('three');
    await makeZnode(connectString, '/latency-interrupted');
    const stop = new AbortController();
    let made = 0;
    const aborting = telling('create', () => {
      made += 1;
      if (made === 10) stop.abort();
    });
    const argv = [
      '-S',
      connectString,
      '--admin',
      'off',
      '--write',
      '--path',
      '/latency-interrupted',
      '--duration',
      '60s',
    ];
    const ran = await runCommand(Latency, argv, { connect: aborting, signal: stop.signal });
    expect(ran).toMatchObject({ code: 130, stdout: '' });
    expect(made).toBeGreaterThanOrEqual(10);
    expect(await childrenOf(connectString, '/latency-interrupted')).toEqual([]);
  });
});

describe('latency where members fail', () => {
  const three = useEnsemble({ servers: 3 });
  const long = ['--admin', 'off', '--operation', 'exists', '--rate', '100', '--duration', '8s', '--wait', '1s'];

  /** Its loss ends no session of the others. */
  async function follower(): Promise<number> {
    const { members } = await measure(three().connectString, [...QUICK, '--operation', 'exists']);
    return Number(members.find(({ role }) => role === 'follower')?.id);
  }

  it('keeps what was measured until a member froze, and measures the others to the end', async () => {
    const id = await follower();
    const { code, answered, members } = await midway(three(), long, () => pause(three(), id));
    await resume(three(), id);
    expect({ code, answered }).toEqual({ code: 8, answered: false });
    const frozen = members.find((member) => member.id === `${id}`)!;
    expect(frozen.error).toMatchObject({ code: 'TIMEOUT', message: expect.stringContaining('within 1000 ms') });
    expect(frozen.operations[0]!.count).toBeGreaterThan(10);
    for (const other of members.filter((member) => member !== frozen)) {
      expect(other.error).toBeUndefined();
      expect(other.operations[0]!.count).toBeGreaterThan(frozen.operations[0]!.count);
    }
  });

  it('tells at once of a member that is killed midway, and of a dead one that it is', async () => {
    const id = await follower();
    const { code, members } = await midway(three(), long, () => kill(three(), id));
    const killed = members.find((member) => member.id === `${id}`)!;
    expect(code).toBe(8);
    expect(killed.error?.code).toBe('CONNECTION_LOST');
    expect(killed.operations[0]!.count).toBeGreaterThan(10);
    const argv = [...QUICK, '--operation', 'exists', '--wait', '1s'];
    const after = await measure(three().connectString, argv);
    expect(after.code).toBe(8);
    expect(after.members.find((member) => member.id === `${id}`)).toMatchObject({
      role: 'unreachable',
      operations: [],
      error: { code: 'CONNECTION_FAILED' },
    });
    const { stdout } = await runCommand(Latency, ['-S', three().connectString, ...argv], { tty: true });
    expect(stdout).toMatch(new RegExp(`^${id}: .* is unreachable: connection refused$`, 'm'));
    for (const other of three().members) await kill(three(), other.id);
    const none = await measure(three().connectString, argv);
    expect(none).toMatchObject({ code: 5, answered: false });
    const [alone] = three().members;
    await start(three(), alone!.id);
    const { code: silent, members: up } = await measure(three().connectString, argv);
    expect(silent).toBe(5);
    expect(up[0]).toMatchObject({ role: 'not serving', error: { code: 'NOT_SERVING' } });
  });
});

describe('latency of others', () => {
  it('names an observer, and a member that serves reads only', async () => {
    const ensemble = await ephemeralEnsemble({
      servers: 3,
      observers: 1,
      config: { localSessionsEnabled: 'true' },
      systemProperties: { 'readonlymode.enabled': 'true' },
    });
    const argv = [...QUICK, '--wait', '2s', '--operation', 'exists', '--operation', 'sync'];
    const { code, members } = await measure(ensemble.connectString, argv);
    expect(code).toBe(0);
    expect(members.map(({ role }) => role).sort()).toEqual(['follower', 'follower', 'leader', 'observer']);
    for (const id of [1, 2, 4]) await kill(ensemble, id);
    const { host, clientPort } = ensemble.members[2]!;
    const alone = () => measure('unused:1', ['--members', `3=${host}:${clientPort}`, ...argv]);
    await expect.poll(async () => (await alone()).members[0]?.role, { timeout: 40_000 }).toBe('read-only');
    const cutOff = await alone();
    expect(cutOff.members[0]).toMatchObject({
      role: 'read-only',
      operations: [
        { operation: 'exists', count: 20 },
        { operation: 'sync', count: 0, error: { code: 'NOT_READ_ONLY' } },
      ],
    });
    expect(cutOff.code).toBe(8);
  });

  it('goes through a secure port', async () => {
    const { secureConnectString = '', tls = {} } = await sharedEnsemble('tls');
    const stores = ['--ca', `${tls.ca}`, '--cert', `${tls.cert}`, '--key', `${tls.key}`];
    const { code, members } = await measure(secureConnectString, [...QUICK, ...stores]);
    expect(code).toBe(0);
    expect(members).toMatchObject([{ role: 'standalone', host: secureConnectString }]);
    expect(members[0]!.operations.map(({ count }) => count)).toEqual([20, 20, 20, 20, 20]);
  });

  it('of 3.4 is measured like any', async () => {
    const { connectString } = await sharedRelease('3.4.14');
    expect(await measure(connectString, QUICK)).toMatchObject({ code: 0, members: [{ role: 'standalone' }] });
  });
});
