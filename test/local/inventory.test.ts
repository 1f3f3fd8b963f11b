import { describe, expect, it } from 'vitest';
import { driftOf, hasDrift } from '../../src/inventory/drift.ts';
import { memberFiles } from '../../src/inventory/member-files.ts';
import { kill, pause } from '../../src/local/ensemble.ts';
import { inventoryOfLocal, localInventory } from '../../src/local/inventory.ts';
import { useEnsemble } from '../support/ensembles.ts';

describe('the inventory of a local ensemble', () => {
  const ensemble = useEnsemble({ servers: 3 });
  const inventory = async () => (await inventoryOfLocal(ensemble()))!;

  it('has every member, and where its files are', async () => {
    const { name, members } = await inventory();
    expect(name).toBe(ensemble().name);
    expect(members.map(({ id }) => id)).toEqual([1n, 2n, 3n]);
    const lines = members.map(({ line }) => line);
    expect(hasDrift(driftOf({ members }, { servers: lines, groups: new Map(), weights: new Map() }))).toBe(false);
    const host = members[0]!.openHost();
    const dir = ensemble().members[0]!.dir;
    expect(await memberFiles(host, members[0]!.files)).toMatchObject({
      path: `${dir}/zoo.cfg`,
      dataDir: `${dir}/data`,
      dataLogDir: `${dir}/data`,
      // The server has taken the membership out of zoo.cfg.
      dynamic: expect.stringMatching(/zoo\.cfg\.dynamic/),
      log: `${dir}/server.log`,
    });
    expect((await host.readFile(`${dir}/data/myid`, { maxBytes: 10 })).toString()).toBe('1\n');
  });

  it('starts and stops its servers', async () => {
    const { service } = (await inventory()).members[1]!.openHost();
    const before = await service.status();
    expect(before).toMatchObject({ state: 'running', pid: ensemble().members[1]!.pid });
    await service.restart();
    expect((await service.status()).pid).not.toBe(before.pid);
    await service.stop();
    expect(await service.status()).toEqual({ state: 'stopped', detail: 'stopped' });
    await service.start();
    expect((await service.status()).state).toBe('running');
    await kill(ensemble(), 2);
    expect(await service.status()).toEqual({ state: 'failed', detail: 'dead' });
    await service.start();
    await pause(ensemble(), 2);
    expect(await service.status()).toMatchObject({ state: 'unknown', detail: 'paused' });
    await service.restart();
    expect((await service.status()).state).toBe('running');
  });

  it('is there for the context that was made for it alone', async () => {
    const env = { XDG_STATE_HOME: '/nowhere' };
    const { name } = ensemble();
    expect(await localInventory({ name, note: 'mine' }, env)).toBeUndefined();
    expect(await localInventory({ name: undefined, note: `local ensemble ${name}` }, env)).toBeUndefined();
    expect(await localInventory({ name, note: `local ensemble ${name}, ZooKeeper 3.8.0` }, env)).toBeUndefined();
    expect(await inventoryOfLocal({ name: 'none', stateDir: ensemble().stateDir })).toBeUndefined();
  });
});
