import { describe, expect, it } from 'vitest';
import { applyPlan } from '../../../../src/change/apply.ts';
import { readMemberLists } from '../../../../src/change/membership/static/member-lists.ts';
import { planStaticAddition } from '../../../../src/change/membership/static/static-addition.ts';
import { planStaticRemoval } from '../../../../src/change/membership/static/static-removal.ts';
import { inventoryOfLocal } from '../../../../src/local/inventory.ts';
import { ephemeralEnsemble, type TestEnsemble } from '../../../support/ensembles.ts';
import { byLists, CALM, changingByLists, newcomer, writing } from './static-local.ts';

const OFF = { config: { reconfigEnabled: 'false' } };
const RELEASES = [
  ['3.8, with reconfiguration off', OFF],
  ['3.4', { version: '3.4.14' }],
] as const;

/** Who the members are, by the files of these. */
async function listed(ensemble: TestEnsemble, serving: readonly bigint[], host: (id: bigint) => never): Promise<string[]> {
  const inventory = (await inventoryOfLocal(ensemble))!;
  const { config } = await readMemberLists({ inventory, host, serving, limits: {} });
  return config.servers.map(({ id, role }) => `${id} ${role}`);
}

describe.each(RELEASES)('changing members by their lists on %s', (_, spec) => {
  it('grows from three to four under load, and loses the leader again', { timeout: 240_000 }, async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3, ...spec });
    const applying = await changingByLists(ensemble);
    const load = await writing(ensemble);
    const change = await byLists(ensemble, applying);
    const joiner = await newcomer(ensemble, change);
    const addition = planStaticAddition(change, joiner);
    expect((await applyPlan(addition, applying)).canary).toMatchObject(CALM);
    const host = applying.context.host as never;
    expect(await listed(ensemble, [1n], host)).toEqual([1, 2, 3, 4].map((id) => `${id} participant`));
    await load.proven();
  });
});
