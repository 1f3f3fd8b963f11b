import { describe, expect, it } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import { mavenIsThere } from '../../src/local/maven.ts';
import { fill } from '../../src/znodes/fill.ts';
import { FillPlan, type FillSpec } from '../../src/znodes/fill-plan.ts';
import { useChroot } from '../support/chroot.ts';
import { sharedRelease } from '../support/ensembles.ts';

const planned = (spec: Partial<FillSpec>) =>
  new FillPlan({
    root: '/t',
    random: false,
    size: { min: 0, max: 90 },
    ephemerals: 0,
    containers: 0,
    sequential: 0,
    seed: '1',
    prefix: 'n',
    ...spec,
  });

const pathsOf = (plan: FillPlan) => Array.from(plan.items(), ({ path }) => path);
const maven = await mavenIsThere();

describe('filling', () => {
  const zk = useChroot('fill');

  it('makes what was planned, and the parents of it', async () => {
    const plan = planned({ root: '/made/here', random: true, count: 2500, containers: 0.1, ephemerals: 0.1 });
    const told: number[] = [];
    const progress = (done: number) => told.push(done);
    expect(await fill(zk.client, plan, { progress })).toEqual({ created: 2500, existed: 0 });
    expect(told.at(-1)).toBe(2500);
    expect(await zk.tree()).toEqual(['/made', '/made/here', ...pathsOf(plan)].toSorted(below));
    const items = [...plan.items()];
    for (const { path, ops } of items.slice(0, 100)) {
      const [op] = ops;
      if (op?.type !== 'create') throw new Error('a fill only creates');
      const { data, stat } = await zk.client.getData(path);
      expect([path, data]).toEqual([path, op.data ?? null]);
      expect([path, stat.ephemeralOwner === zk.client.sessionId]).toEqual([path, op.mode === 'ephemeral']);
    }
  });

  it('continues where an interrupted run has stopped, and leaves alone what is there', async () => {
    const plan = planned({ root: '/again', count: 3000 });
    const stop = new AbortController();
    const progress = (done: number) => {
      if (done >= 1000) stop.abort();
    };
    await expect(fill(zk.client, plan, { signal: stop.signal, progress })).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
    await zk.client.setData('/again/n00', 'mine');
    await zk.client.delete(pathsOf(plan)[900]!);
    const { created, existed } = await fill(zk.client, plan);
    expect(existed).toBeGreaterThanOrEqual(999);
    expect(created + existed).toBe(3000);
    expect(await fill(zk.client, plan)).toEqual({ created: 0, existed: 3000 });
    expect(await zk.text('/again/n00')).toBe('mine');
  });

  it('says how many it could not make, and why', async () => {
    await zk.client.create('/shut');
    await zk.client.create('/shut/n0', null, { acl: [{ scheme: 'world', id: 'anyone', perms: 1 }] });
    const plan = planned({ root: '/shut', count: 6, fanout: 2 });
    await expect(fill(zk.client, plan)).rejects.toMatchObject({
      code: 'NO_AUTH',
      exitCode: 4,
      failed: 2,
      message: 'of 6 znodes 3 were created, 2 could not be: create "/shut/n0/n0": not permitted by the ACL',
    });
    expect((await zk.client.getChildren('/shut/n1')).children).toHaveLength(2);
  });

  it('refuses what is ZooKeeper’s own, also from inside a chroot', async () => {
    const [server = ''] = zk.servers.split('/');
    const inside = await connect(`${server}/zookeeper/quota`);
    await expect(fill(inside, planned({}))).rejects.toMatchObject({ code: 'SYSTEM_NODE', exitCode: 8 });
    await inside.close();
  });

  it.skipIf(!maven)('works and continues on a server before 3.6', { timeout: 120_000 }, async () => {
    const client = await connect((await sharedRelease('3.5.10')).connectString);
    const plan = planned({ root: '/fill-old', count: 700 });
    expect(await fill(client, plan)).toEqual({ created: 700, existed: 0 });
    await client.delete(pathsOf(plan).at(-1)!);
    expect(await fill(client, plan)).toEqual({ created: 1, existed: 699 });
    await client.close();
  });
});

/** A parent, all below it, then its next sibling. */
function below(a: string, b: string): number {
  const [left, right] = [a.replaceAll('/', '\0'), b.replaceAll('/', '\0')];
  return left < right ? -1 : 1;
}
