import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { stateOf } from '../../src/change/change-state.ts';
import { readJournal } from '../../src/change/journal.ts';
import { planAddition } from '../../src/change/membership/add-member.ts';
import type { MembershipChange } from '../../src/change/membership/membership.ts';
import { prepareJoiner } from '../../src/change/membership/prepare-joiner.ts';
import { DEFAULT_CHANGE_LIMITS, type Plan } from '../../src/change/plan.ts';
import { connect } from '../../src/client/connect.ts';
import { readCommittedConfig } from '../../src/ensemble/committed-config.ts';
import type { QuorumPlace } from '../../src/ensemble/next-membership.ts';
import { inventoryOfLocal } from '../../src/local/inventory.ts';
import { planMember } from '../../src/local/plan.ts';
import { memberDirectory, readRecord, writeRecord } from '../../src/local/record.ts';
import { ensembleDirectory } from '../../src/local/spec.ts';
import type { TestEnsemble } from '../support/ensembles.ts';
import { WriteLoad } from '../support/write-load.ts';
import { type changing, hostOf } from './changing.ts';

type Change = Awaited<ReturnType<typeof changing>>;

export const LIMITS = { ...DEFAULT_CHANGE_LIMITS, stability: 500 };

/** What a change of the membership is worked out from, as the members are seen now. */
export async function changeOf({ context }: Change, limits = LIMITS): Promise<MembershipChange> {
  return { ensemble: 'x', status: await context.observe(), limits, made: Date.now(), random: Math.random };
}

/** The committed configuration. */
export async function committed({ context }: Change) {
  return (await readCommittedConfig(await context.client())).config;
}

/** How far a change has come, by its journal. */
export async function stateIn({ directory }: Change, { id }: Plan) {
  return stateOf((await readJournal(join(directory, `${id}.jsonl`))).entries);
}

/** A client that writes all the time; `proven` ends it and says what it was told wrongly. */
export async function writing(ensemble: TestEnsemble) {
  const client = await connect(ensemble.connectString);
  await client.create('/load', '');
  const load = new WriteLoad(client, '/load', 4);
  onTestFinished(async () => {
    await load.stop();
    await client.close();
  });
  return {
    proven: async () => {
      await load.stop();
      expect(load.acknowledged.length).toBeGreaterThan(100);
      expect(await load.contradictions(client)).toEqual([]);
      expect(client.state).toBe('CONNECTED');
    },
  };
}

/** What the canary says of a change that no client felt but in its latency. */
export const CALM = { lost: 0, wrong: [], problem: undefined };

/** An entry of the inventory for a server that is to join: its ports are its own, and nothing of it is there yet. */
async function newcomer(ensemble: TestEnsemble) {
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
  const dataDir = join(own, 'data');
  const inventory = {
    ...rest,
    members: members.map((one) => (one.id === BigInt(id) ? { ...one, files: { ...one.files, dataDir } } : one)),
  };
  return { id: BigInt(id), member, inventory, dataDir };
}

/** A server that is to join, with what works its plan out. */
export async function addition(
  ensemble: TestEnsemble,
  applying: Change,
  how: { observer?: boolean; place?: QuorumPlace; set?: [key: string, value: string][] } = {},
) {
  const { id, member, inventory, dataDir } = await newcomer(ensemble);
  const joiner = (change: MembershipChange, place = how.place) =>
    prepareJoiner(change, {
      id,
      inventory,
      host: (one) => hostOf(ensemble, one),
      observer: how.observer === true,
      place,
      set: [['admin.serverPort', `${member.adminPort}`], ...(how.set ?? [])],
      limits: {},
    });
  const prepare = async (limits = LIMITS, place = how.place) => {
    const change = await changeOf(applying, limits);
    return planAddition(change, await joiner(change, place));
  };
  return { id, member, dataDir, joiner, prepare };
}
