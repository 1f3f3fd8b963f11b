import { expect, it } from 'vitest';
import type { Client } from '../../../src/client/client.ts';
import type { ClientEvent } from '../../../src/client/options.ts';
import type { Stage } from './setting.ts';

/** One-time and persistent watches, and taking them off. */
export function watches(stage: Stage): void {
  /** `type path` of the next events; the paths without the test's root. */
  async function next(events: AsyncIterator<ClientEvent>, count: number): Promise<string[]> {
    const told: string[] = [];
    while (told.length < count) {
      const { value, done } = await events.next();
      if (done === true) throw new Error(`the events ended after ${told.join(', ')}`);
      if ('path' in value) told.push(`${value.type} ${value.path.slice(stage.root.length)}`);
    }
    return told;
  }
  /** Nothing but these is told: the last event is one that the test itself brings about. */
  async function told(client: Client, work: () => Promise<unknown>): Promise<string[]> {
    const events = client.events();
    await work();
    const marker = `${stage.root}/marker`;
    await client.exists(marker, { watch: true });
    await stage.client.create(marker);
    const all: string[] = [];
    while (all.at(-1) !== 'NodeCreated /marker') all.push(...(await next(events, 1)));
    await events.return?.();
    await stage.client.delete(marker);
    return all.slice(0, -1);
  }

  it('tells once of a change of data, of children, and of coming into being', async () => {
    const { client, root, session } = stage;
    const watcher = await session();
    await client.create(`${root}/a`);
    const seen = await told(watcher, async () => {
      await watcher.sync(root);
      await watcher.getData(`${root}/a`, { watch: true });
      await watcher.getChildren(`${root}/a`, { watch: true });
      await watcher.exists(`${root}/b`, { watch: true });
      for (let i = 0; i < 2; i += 1) {
        await client.setData(`${root}/a`, `${i}`);
        await client.create(`${root}/a/kid-${i}`);
      }
      await client.create(`${root}/b`);
    });
    expect(seen).toEqual(['NodeDataChanged /a', 'NodeChildrenChanged /a', 'NodeCreated /b']);
    expect(watcher.held.watches).toEqual([]);
  });

  it('tells of a deletion once, whatever was watched', async () => {
    const { client, root } = stage;
    const seen = await told(client, async () => {
      await client.create(`${root}/a`);
      await client.getData(`${root}/a`, { watch: true });
      await client.exists(`${root}/a`, { watch: true });
      await client.getChildren(`${root}/a`, { watch: true });
      await client.delete(`${root}/a`);
    });
    expect(seen).toEqual(['NodeDeleted /a']);
  });

  it('tells of every change with a persistent watch', async () => {
    const { client, root } = stage;
    const path = `${root}/p`;
    await stage.since('3.6.0', () => client.addWatch(path, 'persistent'));
    if (!stage.has('3.6.0')) return;
    const seen = await told(client, async () => {
      await client.create(path);
      await client.setData(path, '1');
      await client.setData(path, '2');
      await client.create(`${path}/kid`);
      await client.delete(`${path}/kid`);
      await client.delete(path);
    });
    const created = ['NodeCreated /p', 'NodeDataChanged /p', 'NodeDataChanged /p'];
    expect(seen).toEqual([...created, 'NodeChildrenChanged /p', 'NodeChildrenChanged /p', 'NodeDeleted /p']);
    expect(client.held.watches).toEqual([path]);
  });

  it('tells of everything below with a persistent recursive watch', async () => {
    const { client, root } = stage;
    const path = `${root}/r`;
    const mode = 'persistentRecursive';
    await stage.since('3.6.0', () => client.addWatch(path, mode));
    if (!stage.has('3.6.0')) return;
    const seen = await told(client, async () => {
      await client.create(path);
      await client.create(`${path}/a`);
      await client.create(`${path}/a/b`, '1');
      await client.setData(`${path}/a/b`, '2');
      await client.create(`${root}/rest`);
      await client.delete(`${path}/a/b`);
    });
    const created = ['NodeCreated /r', 'NodeCreated /r/a', 'NodeCreated /r/a/b'];
    expect(seen).toEqual([...created, 'NodeDataChanged /r/a/b', 'NodeDeleted /r/a/b']);
  });

  it('streams one path, and takes its watch away when the loop is left', async () => {
    const { client, root } = stage;
    if (!stage.has('3.6.0')) return;
    const stream = client.watch(root, { recursive: true });
    const first = stream.next();
    await client.create(`${root}/kid`);
    expect((await first).value).toMatchObject({ type: 'NodeCreated', path: `${root}/kid` });
    await stream.return();
    expect(client.held.watches).toEqual([]);
    await expect(client.checkWatches(root, 'any')).rejects.toMatchObject({ code: 'NO_WATCHER' });
  });

  it('leaves a watch that another stream, or addWatch, still needs', async () => {
    const { client, root } = stage;
    if (!stage.has('3.6.0')) return;
    const stays = client.watch(root);
    const goes = client.watch(root);
    const first = [stays.next(), goes.next()];
    await client.setData(root, '1');
    await Promise.all(first);
    await goes.return();
    await client.setData(root, '2');
    expect((await stays.next()).value).toMatchObject({ type: 'NodeDataChanged', path: root });
    await client.addWatch(root, 'persistent');
    await stays.return();
    expect(client.held.watches).toEqual([root]);
    await client.checkWatches(root, 'any');
    await client.removeWatches(root, 'any');
    expect(client.held.watches).toEqual([]);
  });

  it('takes watches off by kind, and says when there was none', async () => {
    const { client, root } = stage;
    await expect(client.removeWatches(root, 'any')).rejects.toMatchObject({ code: 'NO_WATCHER', exitCode: 3 });
    await client.getData(root, { watch: true });
    await client.getChildren(root, { watch: true });
    await client.checkWatches(root, 'data');
    await client.checkWatches(root, 'children');
    await client.removeWatches(root, 'data');
    await expect(client.checkWatches(root, 'data')).rejects.toMatchObject({ code: 'NO_WATCHER' });
    expect(client.held.watches).toEqual([root]);
    const seen = await told(client, async () => {
      await client.setData(root, 'unheard');
      await client.create(`${root}/heard`);
    });
    expect(seen).toEqual(['NodeChildrenChanged ']);
    await client.exists(`${root}/later`, { watch: true });
    await client.removeWatches(`${root}/later`, 'data');
    expect(client.held.watches).toEqual([]);
  });

  it('takes persistent watches off, one kind of them from 3.9 on', async () => {
    const { client, root } = stage;
    if (!stage.has('3.6.0')) return;
    await client.addWatch(root, 'persistent');
    await client.removeWatches(root, 'any');
    await client.addWatch(root, 'persistentRecursive');
    if (stage.has('3.9.0')) {
      await expect(client.removeWatches(root, 'persistent')).rejects.toMatchObject({ code: 'NO_WATCHER' });
      await client.removeWatches(root, 'persistentRecursive');
    } else {
      await expect(client.removeWatches(root, 'persistentRecursive')).rejects.toMatchObject({
        code: 'UNIMPLEMENTED',
        hint: expect.stringContaining('3.9'),
      });
      await client.removeWatches(root, 'any');
    }
    expect(client.held.watches).toEqual([]);
    expect(await told(client, () => client.setData(root, 'unheard'))).toEqual([]);
  });
}
