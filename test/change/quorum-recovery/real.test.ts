import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import QuorumRecover from '../../../commands/quorum/recover.ts';
import { connect } from '../../../src/client/connect.ts';
import { readCommittedConfig } from '../../../src/ensemble/committed-config.ts';
import { fourLetterWord } from '../../../src/ensemble/four-letter-word.ts';
import { formatServerLine } from '../../../src/ensemble/server-line.ts';
import { kill, start, stop } from '../../../src/local/ensemble.ts';
import { mavenIsThere } from '../../../src/local/maven.ts';
import { readDataDirectory } from '../../../src/storage/data-directory.ts';
import { localFiles } from '../../../src/storage/local-files.ts';
import { readSnapshot } from '../../../src/storage/snapshot.ts';
import { readTransactionLog } from '../../../src/storage/transaction-log.ts';
import { decodeTransaction } from '../../../src/storage/transactions.ts';
import { ephemeralEnsemble, type TestEnsemble, type TestSpec } from '../../support/ensembles.ts';
import { runCommand } from '../../support/run-command.ts';
import { until } from '../../support/until.ts';
import { WriteLoad } from '../../support/write-load.ts';
import { type Step, take } from './plan-runner.ts';

const maven = await mavenIsThere();

interface Plan {
  best: string;
  loss: { mayBeMissing: boolean; lost: string[] };
  membership: { voters: string[]; reconfig: boolean };
  survivors: { id: string; dataDir: string; lastZxid: string }[];
  steps: Step[];
}

/** Every znode below /load that a survivor's files hold. */
async function znodesIn(dataDir: string): Promise<Set<string>> {
  const found = new Set<string>();
  const directory = join(dataDir, 'version-2');
  const see = (path: unknown): void => void (/^\/load\//.test(String(path)) && found.add(String(path)));
  for (const name of await localFiles.list(directory)) {
    if (name.startsWith('snapshot.'))
      await readSnapshot(localFiles, join(directory, name), { node: ({ path }) => see(path) });
    if (!name.startsWith('log.')) continue;
    await readTransactionLog(localFiles, join(directory, name), ({ header, body }) => {
      if (header.type === 1) see(decodeTransaction(1, body).fields?.path);
    });
  }
  return found;
}

function addressesOf(ensemble: TestEnsemble, ids: readonly (string | number)[]): string {
  const members = ensemble.members.filter(({ id }) => ids.some((one) => `${one}` === `${id}`));
  return members.map(({ host, clientPort }) => `${host}:${clientPort}`).join(',');
}

/** Moves the server lines into zoo.cfg, as most ensembles of 3.5 and later have them that never turned reconfig on. */
async function makeStatic(ensemble: TestEnsemble): Promise<void> {
  const lines = await readFile(join(ensemble.members[0]!.dir, 'zoo.cfg.dynamic'), 'utf8');
  for (const { id } of ensemble.members) await stop(ensemble, id);
  for (const { dir } of ensemble.members) {
    const text = await readFile(join(dir, 'zoo.cfg'), 'utf8');
    const kept = text.split('\n').filter((line) => !/^(dynamicConfigFile|standaloneEnabled)=/.test(line));
    await writeFile(join(dir, 'zoo.cfg'), `${kept.join('\n')}${lines}`);
  }
  for (const { id } of ensemble.members) await start(ensemble, id);
}

/** Makes a follower an observer and a voter again: its logs then hold memberships that must not come back. */
async function reconfigure(ensemble: TestEnsemble): Promise<void> {
  const client = await connect(addressesOf(ensemble, [4]), { requestTimeout: 30_000 });
  await client.addAuth('digest', `super:${ensemble.superSecret}`);
  const { host, clientPort } = ensemble.members[4]!;
  const leads = /Mode: leader/.test(await fourLetterWord({ host, port: clientPort, word: 'srvr' }));
  const before = (await readCommittedConfig(client)).config;
  const line = formatServerLine(before.servers.find(({ id }) => id === (leads ? 3n : 5n))!);
  await client.reconfig({ joining: line.replace('participant', 'observer'), fromVersion: before.version! });
  const between = (await readCommittedConfig(client)).config;
  await client.reconfig({ joining: line, fromVersion: between.version! });
  await client.close();
}

/** Flips a bit of the last transaction of a member that is stopped. */
async function damage(ensemble: TestEnsemble, id: number): Promise<void> {
  await kill(ensemble, id);
  const directory = join(ensemble.members[id - 1]!.dir, 'data', 'version-2');
  const { logs } = await readDataDirectory(localFiles, { dataDir: directory });
  const path = join(directory, logs.at(-1)!.name);
  const { end } = await readTransactionLog(localFiles, path);
  const bytes = await readFile(path);
  bytes[end.offset - 2]! ^= 1;
  await writeFile(path, bytes);
}

/** Kills a majority while clients write, and takes their data away. */
async function disaster(ensemble: TestEnsemble, lost: readonly number[]): Promise<string[]> {
  const survivors = ensemble.members.map(({ id }) => id).filter((id) => !lost.includes(id));
  const client = await connect(addressesOf(ensemble, survivors), { requestTimeout: 5000 });
  await client.create('/load');
  const load = new WriteLoad(client, '/load', 4);
  await until('some writes', () => load.acknowledged.length > 200);
  await Promise.all(lost.map((id) => kill(ensemble, id)));
  const stopping = load.stop();
  await client.close({ timeout: 100 }).catch(() => undefined);
  await stopping;
  for (const id of lost) await rm(join(ensemble.members[id - 1]!.dir, 'data'), { recursive: true });
  return load.acknowledged;
}

async function planFor(ensemble: TestEnsemble, ids: readonly number[]): Promise<Plan> {
  const places = ids.map((id) => `${id}=${join(ensemble.members[id - 1]!.dir, 'zoo.cfg')}`);
  const ran = await runCommand(QuorumRecover, ['--plan', ...places, '-o', 'json']);
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  return JSON.parse(ran.stdout) as Plan;
}

async function readAll(servers: string, paths: Iterable<string>): Promise<string[]> {
  const client = await connect(servers, { requestTimeout: 30_000 });
  await client.sync('/load');
  const present = new Set((await client.getChildren('/load')).children.map((name) => `/load/${name}`));
  await client.create('/load/after-', 'x', { mode: 'persistent_sequential' });
  await client.close();
  return [...paths].filter((path) => !present.has(path));
}

const CASES: readonly (readonly [string, TestSpec, readonly number[]])[] = [
  ['3 members of 3.8, 1 left', { servers: 3 }, [1, 3]],
  ['5 members of 3.8, 2 left', { servers: 5 }, [2, 4, 5]],
  ['3 members of 3.8 without reconfig, 1 left', { servers: 3, config: { reconfigEnabled: 'false' } }, [2, 3]],
  [
    '3 members of 3.8 with server lines in zoo.cfg, 1 left',
    { servers: 3, config: { reconfigEnabled: 'false' } },
    [1, 2],
  ],
  ['3 members of 3.8, 1 left with a damaged log', { servers: 3 }, [2, 3]],
  ['5 members of 3.8 that were reconfigured, 2 left', { servers: 5 }, [1, 2, 3]],
  ['3 members of 3.5, 1 left', { servers: 3, version: '3.5.10' }, [1, 2]],
  ['3 members of 3.9, 1 left', { servers: 3, version: '3.9.4' }, [1, 2]],
  ['3 members of 3.4, 1 left', { servers: 3, version: '3.4.14' }, [1, 2]],
];

describe('the plan, taken step by step as it is printed, recovers', () => {
  it.each(CASES)('%s', { timeout: 400_000 }, async (what, spec, lost) => {
    if (spec.version !== undefined && !maven) return;
    const ensemble = await ephemeralEnsemble(spec);
    if (what.includes('in zoo.cfg')) await makeStatic(ensemble);
    if (what.includes('were reconfigured')) await reconfigure(ensemble);
    const left = ensemble.members.map(({ id }) => id).filter((id) => !lost.includes(id));
    const acknowledged = await disaster(ensemble, lost);
    if (what.includes('damaged')) await damage(ensemble, left[0]!);
    const plan = await planFor(ensemble, left);
    expect(plan.loss).toMatchObject({ mayBeMissing: true, lost: lost.map(String) });
    const best = plan.survivors.find(({ id }) => id === plan.best)!;
    const had = await znodesIn(best.dataDir);
    expect(had.size).toBeGreaterThan(100);
    for (const step of plan.steps.filter(({ phase }) => phase === 'recover')) await take(ensemble, step);
    expect(await readAll(addressesOf(ensemble, plan.membership.voters), had)).toEqual([]);
    for (const step of plan.steps.filter(({ phase }) => phase === 'grow')) await take(ensemble, step);
    for (const { id } of ensemble.members) expect(await readAll(addressesOf(ensemble, [id]), had)).toEqual([]);
    // What the survivor never had is what the plan said may be missing, and nothing else.
    const missing = await readAll(ensemble.connectString, acknowledged);
    expect(missing.filter((path) => had.has(path))).toEqual([]);
    // It is a whole ensemble again: the loss of any one member is borne.
    await kill(ensemble, Number(plan.best));
    const others = ensemble.members.map(({ id }) => id).filter((id) => `${id}` !== plan.best);
    expect(await readAll(addressesOf(ensemble, others), had)).toEqual([]);
    for (const { dir } of ensemble.members)
      expect(await readFile(join(dir, 'zoo.cfg'), 'utf8')).not.toContain('before-recovery');
  });
});
