import { expect, it } from 'vitest';
import { ChangeLock } from '../../src/change/lock.ts';
import type { Client } from '../../src/client/client.ts';
import { Errno, ServerError } from '../../src/protocol/server-errors.ts';

/** Ephemeral znodes as the sessions of some clients make them. */
function znodes() {
  const nodes = new Map<string, { data: Buffer; ephemeralOwner: bigint }>();
  const session = (sessionId: bigint): Client => {
    const client = {
      sessionId,
      create: async (path: string, data: string) => {
        if (nodes.has(path)) throw new ServerError(Errno.nodeExists, 'create', path);
        nodes.set(path, { data: Buffer.from(data), ephemeralOwner: sessionId });
      },
      exists: async (path: string) => nodes.get(path),
      getData: async (path: string) => {
        const node = nodes.get(path);
        if (node === undefined) throw new ServerError(Errno.noNode, 'getData', path);
        return node;
      },
      delete: async (path: string) => {
        if (!nodes.delete(path)) throw new ServerError(Errno.noNode, 'delete', path);
      },
    };
    return client as unknown as Client;
  };
  return { nodes, session };
}

const owner = (who: string) => ({ who, pid: 1, plan: `plan of ${who}`, kind: 'rolling restart', since: 0 });

it('that somebody else took after our session had expired is not given up for them', async () => {
  const { nodes, session } = znodes();
  let ours = session(1n);
  const lock = await ChangeLock.acquire(async () => ours, '/lock', owner('ann@here'));
  nodes.delete('/lock');
  ours = session(2n);
  const theirs = await ChangeLock.acquire(async () => session(3n), '/lock', owner('bob@there'));
  await expect(lock.hold()).rejects.toMatchObject({
    code: 'LOCKED',
    message: expect.stringContaining('bob@there'),
  });
  await lock.release();
  expect(nodes.get('/lock')).toMatchObject({ ephemeralOwner: 3n });
  await theirs.release();
  expect(nodes.has('/lock')).toBe(false);
});

it('is taken anew after our session has expired, where nobody else has it', async () => {
  const { nodes, session } = znodes();
  let ours = session(1n);
  const lock = await ChangeLock.acquire(async () => ours, '/lock', owner('ann@here'));
  nodes.delete('/lock');
  ours = session(2n);
  await lock.hold();
  expect(nodes.get('/lock')).toMatchObject({ ephemeralOwner: 2n });
});

it.each([
  { dead: true, code: undefined },
  { dead: false, code: 'LOCKED' },
])('of somebody who is known to be over is taken from them: $dead', async ({ dead, code }) => {
  const { nodes, session } = znodes();
  await ChangeLock.acquire(async () => session(1n), '/lock', owner('ann@here'));
  const taken = ChangeLock.acquire(
    async () => session(2n),
    '/lock',
    owner('ann@here'),
    () => dead,
  );
  if (code === undefined) await taken;
  else await expect(taken).rejects.toMatchObject({ code });
  expect(nodes.get('/lock')?.ephemeralOwner).toBe(dead ? 2n : 1n);
});
