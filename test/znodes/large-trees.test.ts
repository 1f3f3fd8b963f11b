import { beforeAll, describe, expect, it } from 'vitest';
import Du from '../../commands/du.ts';
import Ls from '../../commands/ls.ts';
import Tree from '../../commands/tree.ts';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { du, type Subtree } from '../../src/znodes/du.ts';
import { fill } from '../../src/znodes/fill.ts';
import { FillPlan } from '../../src/znodes/fill-plan.ts';
import { childrenReplyBytes, type WideZnode, wide } from '../../src/znodes/wide.ts';
import { useEnsemble } from '../support/ensembles.ts';
import { runCommand } from '../support/run-command.ts';

const CHILDREN = 100_000;
const PLAIN = { random: false, ephemerals: 0, containers: 0, sequential: 0, seed: '1', prefix: 'n' };
const ALL = { maxDepth: Number.POSITIVE_INFINITY, threshold: 0, top: Number.POSITIVE_INFINITY } as const;

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Counts the znodes that a client is asked for, however many go in one request. */
function counting(client: Client): { client: Client; asked(): number } {
  let asked = 0;
  const proxy = new Proxy(client, {
    get: (target, name) => {
      const value = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        asked += Array.isArray(args[0]) ? args[0].length : 1;
        return value.apply(target, args);
      };
    },
  });
  return { client: proxy, asked: () => asked };
}

describe('a znode with 100,000 children', () => {
  // The usual 256 MiB are enough for the tree, but not for the log that a server reads again when it stops.
  const ensemble = useEnsemble({ servers: 1, jvmFlags: ['-Xmx768m'] });
  let client: Client;
  const run = (Class: unknown, argv: string[], place = {}) =>
    runCommand(Class, argv, { session: async () => client, cwd: '/', ...place });

  beforeAll(async () => {
    client = await connect(ensemble().connectString);
    const size = { min: 1, max: 1 };
    await fill(client, new FillPlan({ ...PLAIN, root: '/wide', count: CHILDREN, depth: 1, size }));
    await fill(client, new FillPlan({ ...PLAIN, root: '/small', count: 12, fanout: 3, size }));
    return () => client.close();
  }, 240_000);

  it('is listed whole, in order, by ls -R', { timeout: 240_000 }, async () => {
    const { code, stdout, stderr } = await run(Ls, ['-R', '/wide']);
    expect([code, stderr]).toEqual([0, '']);
    const names = Array.from({ length: CHILDREN }, (_, i) => `/wide/n${String(i).padStart(5, '0')}`);
    expect(stdout).toBe(`${['/wide', ...names].join('\n')}\n`);
  });

  it('is drawn with its first children alone on a terminal, and the others are not read', async () => {
    const { client: counted, asked } = counting(client);
    const { stdout } = await run(Tree, ['/wide', '--limit', '3'], {
      tty: true,
      env: { LANG: 'C.UTF-8' },
      session: async () => counted,
    });
    expect(stdout.split('\n').slice(0, 5)).toEqual([
      '/wide',
      '├── n00000',
      '├── n00001',
      '├── n00002',
      '└── … 99,997 more',
    ]);
    expect(asked()).toBeLessThan(20);
    expect((await run(Tree, ['/wide'], { tty: true })).stdout.split('\n')).toHaveLength(1 + 50 + 1 + 3);
    expect((await run(Tree, ['/wide'])).stdout.split('\n')).toHaveLength(1 + CHILDREN + 3);
  });

  it('adds up to what the server counts', async () => {
    const [, , root] = (await all(du(client, '/', { ...ALL, maxDepth: 1, order: 'name', threshold: 10 }))) as Subtree[];
    expect(root?.znodes).toBe((await client.getAllChildrenNumber('/')) + 1);
    const [widest, whole] = JSON.parse((await run(Du, ['/wide', '--top', '1', '-o', 'json'])).stdout);
    expect(widest).toMatchObject({ depth: 1, znodes: 1, bytes: 1 });
    expect(whole).toMatchObject({ path: '/wide', znodes: CHILDREN + 1, bytes: CHILDREN, children: CHILDREN });
  });

  it('has a listing of exactly the size that wide works out', async () => {
    const [widest] = (await all(wide(client, '/', { top: 1, min: 1 }))) as [WideZnode];
    const nameBytes = CHILDREN * 'n00000'.length;
    expect(widest).toEqual({
      path: '/wide',
      children: CHILDREN,
      nameBytes,
      replyBytes: childrenReplyBytes(CHILDREN, nameBytes),
    });
    const { connectString } = ensemble();
    const fits = await connect(connectString, { maxReplyBytes: widest.replyBytes });
    expect((await fits.getChildren('/wide')).children).toHaveLength(CHILDREN);
    await fits.close();
    const short = await connect(connectString, { maxReplyBytes: widest.replyBytes - 1 });
    await expect(short.getChildren('/wide')).rejects.toMatchObject({ code: 'REPLY_TOO_LARGE' });
    await short.close();
  });

  it('is walked while others create and delete: what stays is met once, and nothing else', {
    timeout: 240_000,
  }, async () => {
    const stays = 10_000;
    await fill(client, new FillPlan({ ...PLAIN, root: '/busy', count: stays, depth: 1, size: { min: 1, max: 1 } }));
    const writers = [await connect(ensemble().connectString), await connect(ensemble().connectString)];
    let writing = true;
    const churn = writers.map(async (writer, w) => {
      for (let n = 0; writing; n++) {
        const [above, below] = [`/busy/n0${w}50-${n}`, `/busy/n0${w}50-${n}/x`];
        await writer.multi([above, below].map((path) => ({ type: 'create', path })));
        await writer.multi([below, above].map((path) => ({ type: 'delete', path })));
      }
    });
    try {
      for (let pass = 0; pass < 5; pass++) {
        const ls = await run(Ls, ['-R', '/busy']);
        const tree = await run(Tree, ['/busy', '--limit', '0', '-o', 'csv']);
        expect([ls.code, tree.code]).toEqual([0, 0]);
        const drawn = tree.stdout.trimEnd().split('\n').slice(1);
        for (const paths of [ls.stdout.trimEnd().split('\n'), drawn.map((row) => row.replace(/,.*/, ''))]) {
          expect(new Set(paths).size).toBe(paths.length);
          expect(paths.filter((path) => /^\/busy(\/n\d{4})?$/.test(path))).toHaveLength(stays + 1);
          expect(paths.filter((path) => !/^\/busy(\/n\d{4}(-\d+(\/x)?)?)?$/.test(path))).toEqual([]);
        }
        const [whole] = await all(du(client, '/busy', { ...ALL, maxDepth: 0, order: 'name' }));
        expect(whole?.bytes).toBe(stays);
      }
    } finally {
      writing = false;
      await Promise.all(churn);
      for (const writer of writers) await writer.close();
    }
  });
});
