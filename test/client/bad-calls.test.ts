import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import { sharedEnsemble } from '../support/ensembles.ts';

async function client() {
  const zk = await connect((await sharedEnsemble('standalone')).connectString);
  onTestFinished(() => zk.close());
  return zk;
}

describe('a call that JavaScript lets through and TypeScript would not', () => {
  it.each<[string, string, (zk: Awaited<ReturnType<typeof client>>) => Promise<unknown>]>([
    ['data that is no data', 'BAD_DATA', (zk) => zk.setData('/a', { a: 1 } as never)],
    ['a path that is no text', 'BAD_PATH', (zk) => zk.getData(undefined as never)],
    ['an unknown write', 'BAD_OPERATION', (zk) => zk.multi([{ type: 'set', path: '/a' } as never])],
    ['an unknown read', 'BAD_OPERATION', (zk) => zk.multiRead([{ type: 'exists', path: '/a' } as never])],
  ])('is refused by name: %s', async (_, code, call) => {
    const zk = await client();
    await expect(call(zk)).rejects.toMatchObject({ code, exitCode: 2 });
    expect(await zk.exists('/zookeeper')).toBeDefined();
  });
});

describe('a watch stream', () => {
  it('ends without an error when its own client is closed', async () => {
    const zk = await client();
    const seen: string[] = [];
    const reading = (async () => {
      for await (const event of zk.watch('/', { recursive: true })) seen.push(event.type);
    })();
    await zk.sync('/');
    await zk.close();
    await reading;
    expect(seen).not.toContain('NodeCreated');
  });
});
