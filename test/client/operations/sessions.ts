import { expect, it } from 'vitest';
import type { Stage } from './setting.ts';

/** The session around the operations: its end, deadlines, chroots. */
export function sessions(stage: Stage): void {
  it('takes its ephemerals with it when it is closed, and refuses calls after', async () => {
    const { client, root, session } = stage;
    const other = await session();
    await other.create(`${root}/e`, null, { mode: 'ephemeral' });
    expect(other.sessionId).not.toBe(client.sessionId);
    await other.close();
    await client.sync(root);
    expect(await client.exists(`${root}/e`)).toBeUndefined();
    expect(other.state).toBe('LOST');
    await expect(other.exists(root)).rejects.toMatchObject({ code: 'CLOSED', exitCode: 5 });
  });

  it('knows its server, its timeout and its state', async () => {
    const { client, ensemble } = stage;
    const ports = ensemble.members.flatMap(({ clientPort, secureClientPort }) => [clientPort, secureClientPort]);
    expect(client.state).toBe('CONNECTED');
    expect(ports).toContain(client.server?.port);
    expect(client.negotiatedTimeout).toBe(30_000);
    expect((await stage.session({ sessionTimeout: 1 })).negotiatedTimeout).toBeGreaterThan(1);
  });

  it('ends a call at its deadline or by its signal', async () => {
    const { client, root } = stage;
    await expect(client.getData(root, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'INTERRUPTED',
      exitCode: 130,
      outcome: 'none',
    });
    const controller = new AbortController();
    const call = client.setData(root, 'x', { signal: controller.signal });
    await Promise.resolve();
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect((await client.getData(root, { timeout: 30_000 })).stat.dataLength).toBeLessThan(2);
  });

  it('keeps below its chroot, in paths, results, watches and errors', async () => {
    const { client, root, session } = stage;
    const below = await session({ chroot: `${client.chroot}${root}` });
    expect((await below.create('/a', 'x')).path).toBe('/a');
    expect((await below.create('/s-', null, { mode: 'persistent_sequential' })).path).toMatch(/^\/s-\d{10}$/);
    expect((await below.multi([{ type: 'create', path: '/m' }]))[0]?.path).toBe('/m');
    await client.sync(root);
    expect((await client.getChildren(root)).children).toHaveLength(3);
    expect((await below.getChildren('/')).children).toHaveLength(3);
    expect(await below.sync('/')).toBe('/');
    const events = below.events();
    await below.getData('/a', { watch: true });
    expect(below.held.watches).toEqual(['/a']);
    await client.setData(`${root}/a`, 'y');
    expect((await events.next()).value).toMatchObject({ type: 'NodeDataChanged', path: '/a' });
    await below.create('/e', null, { mode: 'ephemeral' });
    expect(below.held.ephemerals).toEqual(['/e']);
    if (stage.has('3.6.0')) {
      expect(await below.getEphemerals()).toEqual(['/e']);
      expect(await below.getAllChildrenNumber('/')).toBe(4);
    }
    await expect(below.getData('/none')).rejects.toMatchObject({ message: expect.stringContaining('"/none"') });
    await below.delete('/a');
  });

  it('says when the chroot itself is missing', async () => {
    const nowhere = await stage.session({ chroot: '/no/such/chroot' });
    const hint = expect.stringContaining('There is no chroot /no/such/chroot');
    await expect(nowhere.getChildren('/')).rejects.toMatchObject({ code: 'NO_NODE', hint });
    await expect(nowhere.create('/x')).rejects.toMatchObject({ code: 'NO_NODE', hint });
    await expect(nowhere.getData('/x')).rejects.toMatchObject({ code: 'NO_NODE', hint: undefined });
  });
}
