import { beforeEach, describe, expect, it } from 'vitest';
import Touch from '../../commands/touch.ts';
import type { Client } from '../../src/client/client.ts';
import { useChroot } from '../support/chroot.ts';

describe('touch', () => {
  const zk = useChroot('touch');

  beforeEach(async () => {
    if (await zk.client.exists('/a')) await zk.client.delete('/a');
  });

  it('brings mtime and version on and keeps the data', async () => {
    await zk.client.create('/a', 'kept');
    const before = (await zk.client.exists('/a'))!;
    expect(await zk.alone(Touch, ['/a'])).toEqual({ code: 0, stdout: '', stderr: '' });
    const after = (await zk.client.exists('/a'))!;
    expect(await zk.text('/a')).toBe('kept');
    expect([after.version, after.czxid]).toEqual([before.version + 1, before.czxid]);
    expect(after.mzxid > before.mzxid && after.mtime >= before.mtime).toBe(true);
  });

  it('leaves null data null', async () => {
    await zk.client.create('/a', null);
    await zk.shell(Touch, ['/a']);
    expect(await zk.text('/a')).toBeNull();
  });

  it('creates what is missing, with parents when asked', async () => {
    expect(await zk.shell(Touch, ['/a'])).toEqual({ code: 0, stdout: 'Created /a\n', stderr: '' });
    expect((await zk.shell(Touch, ['/p/q'])).code).toBe(3);
    const { stdout } = await zk.shell(Touch, ['--parents', '/p/q', '-o', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ path: '/p/q', created: true, stat: { version: 0, dataLength: 0 } });
  });

  it('leaves a missing znode alone with --no-create, and exits 3', async () => {
    expect((await zk.shell(Touch, ['--no-create', '/a'])).code).toBe(3);
    expect(await zk.client.exists('/a')).toBeUndefined();
  });

  it('never undoes what somebody else writes at the same moment', async () => {
    await zk.client.create('/a', 'old');
    const racing = meddling(zk.client, 'getData', async () => {
      await zk.client.setData('/a', 'theirs');
    });
    const { code, stdout } = await zk.shell(Touch, ['/a', '-o', 'json'], { session: async () => racing });
    expect([code, JSON.parse(stdout).stat.version]).toEqual([0, 1]);
    expect(await zk.text('/a')).toBe('theirs');
  });

  it('does not mind that somebody else creates it at the same moment', async () => {
    let once = false;
    const racing = meddling(zk.client, 'getData', async () => {});
    const slow = new Proxy(racing, {
      get: (target, name) => {
        const value = Reflect.get(target, name);
        if (name !== 'create') return value;
        return async (path: string) => {
          if (!once) await zk.client.create(path, 'theirs');
          once = true;
          return zk.client.create(path);
        };
      },
    });
    expect((await zk.shell(Touch, ['/a'], { session: async () => slow })).code).toBe(0);
    expect(await zk.text('/a')).toBe('theirs');
  });
});

/** The client, with something happening right after each call of one method. */
function meddling(client: Client, method: keyof Client, after: () => Promise<void>): Client {
  return new Proxy(client, {
    get: (target, name) => {
      const value = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== method) return value.bind(target);
      return async (...args: unknown[]) => {
        const result = await value.apply(target, args);
        await after();
        return result;
      };
    },
  });
}
