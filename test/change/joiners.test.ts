import { readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { abortPlan, applyPlan } from '../../src/change/apply.ts';
import { start } from '../../src/local/control.ts';
import { ephemeralEnsemble } from '../support/ensembles.ts';
import { changing, hostOf } from './changing.ts';
import { addition, committed, LIMITS } from './members-changing.ts';

/** As service managers start: it returns before the server serves, or without it ever doing so. */
function startOnly(ref: { name: string; stateDir: string }, id: bigint) {
  return { start: () => start(ref, Number(id), { timeout: 1 }).then(Boolean, Boolean) as unknown as Promise<void> };
}

describe('a server that joins', () => {
  it('is not waited for without end when it does not catch up, and is stopped by abort', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3 });
    const applying = await changing(ensemble, {
      canary: undefined,
      host: (id) => hostOf(ensemble, id, id === 4n ? startOnly(ensemble, id) : {}),
    });
    // It speaks TLS to members that do not: it runs, and finds nobody to follow.
    const { id, prepare } = await addition(ensemble, applying, { set: [['sslQuorum', 'true']] });
    const plan = await prepare({ ...LIMITS, recover: 5000 });
    await expect(applyPlan(plan, applying)).rejects.toMatchObject({
      code: 'GATE_SHUT',
      message: expect.stringMatching(/stopped at start member 4.*member-serves: member 4 is (not serving|unreachable)/),
    });
    expect((await hostOf(ensemble, id).service.status()).state).toBe('running');
    await abortPlan(plan, applying);
    expect((await hostOf(ensemble, id).service.status()).state).toBe('stopped');
    expect(await committed(applying)).toMatchObject({ version: plan.configVersion, servers: { length: 3 } });
  });

  // With db.autocreate=false an empty data directory is taken for a lost one, unless a file `initialize` says otherwise.
  it.each([
    ['without a vote, to three voters', { servers: 3 }],
    ['as a follower, to one voter', { servers: 1, observers: 1, config: { standaloneEnabled: 'false' } }],
  ])('needs no initialise marker: its empty data is trusted by nobody, %s', async (_, spec) => {
    const ensemble = await ephemeralEnsemble(spec);
    const applying = await changing(ensemble, { canary: undefined });
    const { prepare, dataDir, id } = await addition(ensemble, applying, { set: [['db.autocreate', 'false']] });
    await applyPlan(await prepare(), applying);
    expect((await applying.context.observe()).quorum?.live).toContain(id);
    expect(await readdir(dataDir)).not.toContain('initialize');
    const log = await readFile(`${dataDir}/../server.log`, 'utf8');
    expect(log).toContain('Unexpected empty data tree, setting zxid to -1');
  });
});
