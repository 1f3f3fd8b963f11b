import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Applying } from '../../../../src/change/apply.ts';
import { prepareJoiner } from '../../../../src/change/membership/prepare-joiner.ts';
import { changeByLists } from '../../../../src/change/membership/static/by-lists.ts';
import type { StaticChange } from '../../../../src/change/membership/static/static-change.ts';
import { DEFAULT_CHANGE_LIMITS } from '../../../../src/change/plan.ts';
import { ensembleStatus } from '../../../../src/ensemble/ensemble-status.ts';
import { parseAdminChoice } from '../../../../src/ensemble/members.ts';
import { observeEnsemble, withOutsiders } from '../../../../src/ensemble/observe.ts';
import { inventoryOfLocal } from '../../../../src/local/inventory.ts';
import { planMember } from '../../../../src/local/plan.ts';
import { memberDirectory, readRecord, writeRecord } from '../../../../src/local/record.ts';
import { ensembleDirectory } from '../../../../src/local/spec.ts';
import type { TestEnsemble } from '../../../support/ensembles.ts';
import { changing, hostOf } from '../../changing.ts';

const LIMITS = { ...DEFAULT_CHANGE_LIMITS, stability: 400 };

/** Everything a change of an ensemble takes; its members are looked at by their ids, which 3.4 does not tell when it is down. */
export async function changingByLists(ensemble: TestEnsemble, over: Partial<Applying> = {}): Promise<Applying> {
  const applying = await changing(ensemble, over);
  const { asking } = applying.context;
  const observe: Applying['context']['observe'] = async (also = []) => {
    const { members } = (await readRecord(ensemble))!;
    const listed = members.map(({ id, host, clientPort: port }) => ({ id: BigInt(id), server: { host, port } }));
    const wanted = { listed, only: false, tls: false, admin: parseAdminChoice(['off']) };
    return ensembleStatus(await observeEnsemble({ ...wanted, listed: withOutsiders(wanted, also) }, asking));
  };
  return { ...applying, context: { ...applying.context, observe } };
}

/** The change as it is worked out from what the members are and have in their files. */
export async function byLists(
  ensemble: TestEnsemble,
  { context }: Applying,
  leaving?: bigint,
  limits = LIMITS,
): Promise<StaticChange> {
  const status = await context.observe();
  const change = { ensemble: 'x', status, limits, made: Date.now(), random: Math.random };
  const inventory = (await inventoryOfLocal(ensemble))!;
  const found = await changeByLists(change, context, { inventory, host: context.host, limits: {}, leaving });
  if (found === undefined) throw new Error('it has reconfiguration');
  return found;
}

/** Prepares a server that is not there yet: its ports are its own. */
export async function newcomer(ensemble: TestEnsemble, change: StaticChange, observer = false) {
  const record = (await readRecord(ensemble))!;
  const directory = ensembleDirectory(record.spec);
  const id = Math.max(...record.members.map((member) => member.id)) + 1;
  const identity = { id, host: '127.0.0.1', role: 'participant' as const };
  const member = await planMember(identity, record.spec, record.zookeeper.version, directory);
  // The launcher starts what has a zoo.cfg; laying that down is what is tested here.
  await writeRecord({ ...record, members: [...record.members, member] });
  const own = memberDirectory(directory, id);
  await mkdir(own, { recursive: true });
  const { members, ...rest } = (await inventoryOfLocal(ensemble))!;
  const files = { dataDir: join(own, 'data') };
  return prepareJoiner(change, {
    id: BigInt(id),
    inventory: {
      ...rest,
      members: members.map((one) => (one.id === BigInt(id) ? { ...one, files: { ...one.files, ...files } } : one)),
    },
    host: (one) => hostOf(ensemble, one),
    observer,
    set: member.adminPort === undefined ? [] : [['admin.serverPort', `${member.adminPort}`]],
    limits: {},
    lists: change.lists,
  });
}

/** Puts the lists of a local ensemble where most of its releases' users have them: into zoo.cfg, without client ports. */
export async function intoZooCfg(ensemble: TestEnsemble): Promise<void> {
  const { members } = (await inventoryOfLocal(ensemble))!;
  for (const { id, line, files } of members) {
    const text = await readFile(files.config, 'latin1');
    const dynamic = /^dynamicConfigFile=(.*)$/m.exec(text)?.[1] ?? '';
    const lines = (await readFile(dynamic, 'latin1')).replaceAll(/(?::participant)?;.*$/gm, '');
    const client = `clientPort=${line.client?.port}\nclientPortAddress=127.0.0.1\n`;
    await writeFile(files.config, `${text.replace(/^dynamicConfigFile=.*\n/m, client)}# the members\n${lines}`);
    await hostOf(ensemble, id).service.restart();
  }
}
