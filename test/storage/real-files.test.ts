import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { readCommittedConfig } from '../../src/ensemble/committed-config.ts';
import { fourLetterWord } from '../../src/ensemble/four-letter-word.ts';
import { formatServerLine } from '../../src/ensemble/server-line.ts';
import { stop } from '../../src/local/ensemble.ts';
import { mavenIsThere } from '../../src/local/maven.ts';
import { readDataDirectory } from '../../src/storage/data-directory.ts';
import { localFiles } from '../../src/storage/local-files.ts';
import { readSnapshot, type SnapshotNode } from '../../src/storage/snapshot.ts';
import { readTransactionLog } from '../../src/storage/transaction-log.ts';
import { decodeTransaction, type Transaction } from '../../src/storage/transactions.ts';
import { ephemeralEnsemble, type TestEnsemble } from '../support/ensembles.ts';
import { plantAll } from '../support/picture.ts';
import { type ToolNode, toolSnapshot, toolTransactions } from './zookeeper-tools.ts';

const maven = await mavenIsThere();

/** Every kind of transaction that the release knows. */
async function work(ensemble: TestEnsemble, client: Client): Promise<void> {
  const old = ensemble.version.startsWith('3.4');
  await client.addAuth('digest', `super:${ensemble.superSecret}`);
  await plantAll(client, '/planted', old ? '3.4' : 'since 3.5');
  await client.create('/e', 'mine', { mode: 'ephemeral' });
  const other = await connect(ensemble.connectString);
  await other.create('/gone', null, { mode: 'ephemeral' });
  await other.create('/gone-too', 'x', { mode: 'ephemeral' });
  await other.close();
  await client.setData('/planted', 'anew');
  await client.setAcl('/planted/plain', [{ scheme: 'world', id: 'anyone', perms: 1 }]);
  await client.delete('/planted/a/a');
  await client.multi([
    { type: 'create', path: '/multi', data: 'x' },
    { type: 'check', path: '/multi', version: 0 },
    { type: 'setData', path: '/multi', data: null },
    { type: 'create', path: '/multi/below', mode: 'persistent_sequential' },
    { type: 'delete', path: '/planted/a/x' },
  ]);
  await client.multi([{ type: 'delete', path: '/nothing' }]).catch(() => undefined);
  await client.delete('/not-there').catch(() => undefined);
  if (!old) await reconfigure(ensemble, client);
  for (let index = 0; index < 20; index++) await client.setData('/multi', `${index}`.repeat(index));
}

/** Makes a follower other than the one we are connected to an observer, and a voter again. */
async function reconfigure(ensemble: TestEnsemble, client: Client): Promise<void> {
  const { host, clientPort } = ensemble.members[2]!;
  const leads = /Mode: leader/.test(await fourLetterWord({ host, port: clientPort, word: 'srvr' }));
  const before = (await readCommittedConfig(client)).config;
  const line = formatServerLine(before.servers.find(({ id }) => id === (leads ? 2n : 3n))!);
  await client.reconfig({ joining: line.replace('participant', 'observer'), fromVersion: before.version! });
  const between = (await readCommittedConfig(client)).config;
  await client.reconfig({ joining: line, fromVersion: between.version! });
}

/** As TxnLogToolkit puts those kinds that it puts the same way in every release; ACLs are left out on both sides. */
function asTool({ name, fields = {} }: Transaction): string {
  const { path, data, ephemeral, parentCVersion, version } = fields;
  const text = data === null || data === undefined ? '' : Buffer.from(data as Uint8Array).toString('utf8');
  if (name === 'createContainer') return `${path},${text},ACL,${parentCVersion}`;
  if (/^create/.test(name)) return `${path},${text},ACL,${ephemeral},${parentCVersion}`;
  return `${path},${text},${version}`;
}

const SAID = /^(create2?|createContainer|setData|reconfig)$/;

function asToolNode({ path, stat, dataLength }: SnapshotNode): ToolNode {
  return {
    path: path === '' ? '/' : path,
    cZxid: stat.czxid,
    mZxid: stat.mzxid,
    pZxid: stat.pzxid,
    cversion: stat.cversion,
    dataVersion: stat.version,
    aclVersion: stat.aversion,
    ephemeralOwner: BigInt.asUintN(64, stat.ephemeralOwner),
    dataLength,
  };
}

function byPath<T extends { path: string }>(nodes: T[]): T[] {
  return nodes.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function compareLog(version: string, path: string, seen: Transaction[]): Promise<bigint | undefined> {
  const mine: string[] = [];
  const log = await readTransactionLog(localFiles, path, ({ header, body }) => {
    const { clientId, cxid, zxid } = header;
    const hex = (value: bigint | number, bits = 64): string => BigInt.asUintN(bits, BigInt(value)).toString(16);
    const transaction = decodeTransaction(header.type, body);
    const { name } = transaction;
    const said = /^3\.[45]/.test(version) || !SAID.test(name) ? '' : ` ${asTool(transaction)}`;
    seen.push(transaction);
    mine.push(`session 0x${hex(clientId)} cxid 0x${hex(cxid, 32)} zxid 0x${hex(zxid)} ${name}${said}`);
  });
  const theirs = (await toolTransactions(version, path)).map((line) => {
    const plain = line
      .replace(/^.*? (?=session 0x)/, '')
      .replace(/\[(?:31|\d+),s\{.*?\}\n?(?:, \d+,s\{.*?\}\n?)*\]/g, 'ACL');
    const [head = '', name = ''] = /^session \S+ cxid \S+ zxid \S+ (\S+)/.exec(plain) ?? [];
    return /^3\.[45]/.test(version) || !SAID.test(name) ? head : plain;
  });
  expect(mine).toEqual(theirs);
  expect(log).toMatchObject({ transactions: mine.length, end: { kind: 'whole' }, format: { version: 2, dbid: 0n } });
  return log.last?.zxid;
}

async function compareSnapshot(version: string, path: string): Promise<void> {
  const nodes: ToolNode[] = [];
  const sessions: bigint[] = [];
  const snapshot = await readSnapshot(localFiles, path, {
    node: (node) => nodes.push(asToolNode(node)),
    session: (id) => sessions.push(BigInt.asUintN(64, id)),
  });
  expect(snapshot).toMatchObject({ damage: undefined, plausible: true, nodes: nodes.length });
  const theirs = await toolSnapshot(version, path);
  // The tool's tree is a server's: it counts its own few znodes anew while it loads.
  const ours = ({ path: one }: ToolNode): boolean => !one.startsWith('/zookeeper');
  expect(byPath(nodes).filter(ours)).toEqual(byPath(theirs.nodes).filter(ours));
  expect(nodes).toHaveLength(theirs.nodes.length);
  expect(sessions.sort()).toEqual(theirs.sessions.map((line) => BigInt(line.split(',')[0]!)).sort());
}

/** What was done stands in the logs, field by field. */
function expectWork(seen: readonly Transaction[], version: string): void {
  const fields = (name: string) => seen.filter((one) => one.name === name).map((one) => one.fields);
  const multi = seen.find((one) => one.name === 'multi' && one.parts.length === 5)!;
  expect(multi.parts.map((part) => [part.name, part.fields?.path])).toEqual([
    ['create', '/multi'],
    ['check', '/multi'],
    ['setData', '/multi'],
    ['create', '/multi/below0000000000'],
    ['delete', '/planted/a/x'],
  ]);
  expect(seen.filter(({ name }) => name === 'multi').at(-1)?.parts).toMatchObject([
    { name: 'error', fields: { err: -101 } },
  ]);
  expect(fields('delete')).toContainEqual({ path: '/planted/a/a' });
  const acl = [{ perms: 1, id: { scheme: 'world', id: 'anyone' } }];
  expect(fields('setACL')).toContainEqual({ path: '/planted/plain', acl, version: 1 });
  expect(fields('error')).toContainEqual({ err: -101 });
  if (version.startsWith('3.4')) return;
  expect(fields('createTTL')).toMatchObject([{ path: '/planted/ttl', ttl: 999_999_999n }]);
  expect(seen.some(({ digest }) => digest !== undefined)).toBe(!version.startsWith('3.5'));
  const closed = fields('closeSession').map((one) => one?.paths2Delete);
  expect(closed).toContainEqual(version.startsWith('3.5') ? undefined : ['/gone', '/gone-too']);
}

describe('the files of real servers are read as their own tools read them:', () => {
  it.each([
    ['3.4.14', undefined],
    ['3.5.10', undefined],
    ['3.8.6', 'gz'],
    ['3.9.4', 'snappy'],
    ['3.9.4', undefined],
  ] as const)('%s, snapshots packed as %s', { timeout: 300_000 }, async (version, compression) => {
    if (!maven) return;
    const packed = compression === undefined ? {} : { 'zookeeper.snapshot.compression.method': compression };
    const ensemble = await ephemeralEnsemble({
      version,
      config: { snapCount: '15' },
      systemProperties: { 'zookeeper.snapCount': '15', ...packed },
    });
    const client = await connect(`${ensemble.members[0]!.host}:${ensemble.members[0]!.clientPort}`);
    await work(ensemble, client);
    await client.close();
    for (const { id } of ensemble.members) await stop(ensemble, id);
    const [first, second] = ensemble.members.map(({ dir }) => join(dir, 'data'));
    const found = await readDataDirectory(localFiles, { dataDir: first! });
    expect(found.problems).toEqual([]);
    expect(found.snapshots.length).toBeGreaterThan(2);
    let last: bigint | undefined;
    const seen: Transaction[] = [];
    for (const { name } of found.logs)
      last = (await compareLog(version, join(first!, 'version-2', name), seen)) ?? last;
    for (const { name } of found.snapshots.slice(-2)) await compareSnapshot(version, join(first!, 'version-2', name));
    expectWork(seen, version);
    const old = version.startsWith('3.4');
    const newer = found.snapshot!;
    expect(newer.compression).toBe(compression === 'gz' ? 'gzip' : (compression ?? 'none'));
    expect(newer.digest === undefined).toBe(/^3\.[45]/.test(version));
    expect(newer.lastZxid !== undefined).toBe(version.startsWith('3.9'));
    expect(found.restored).toMatchObject({ zxid: last, peerEpoch: 1n });
    expect(found.restored.config === undefined).toBe(old);
    if (!old) expect(found.restored.config).toMatch(/server\.3=.*:participant;[\s\S]*version=1/);
    expect(found).toMatchObject({ myid: { value: 1n }, acceptedEpoch: { value: 1n }, currentEpoch: { value: 1n } });
    const other = await readDataDirectory(localFiles, { dataDir: second! });
    expect(other.problems).toEqual([]);
  });
});
