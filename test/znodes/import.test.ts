import { setMaxListeners } from 'node:events';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { mavenIsThere } from '../../src/local/maven.ts';
import type { Acl } from '../../src/protocol/acl.ts';
import { exportTree } from '../../src/znodes/export.ts';
import { importTree, planImport } from '../../src/znodes/import.ts';
import { ExportWriter } from '../../src/znodes/ndjson-writer.ts';
import type { TreeNode } from '../../src/znodes/node-kind.ts';
import { sharedEnsemble, sharedRelease, type TestEnsemble } from '../support/ensembles.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { exported, imported, nodeLines, OPEN, plantTree, READ_ONLY, sourceOf, treeOf } from '../support/trees.ts';
import { WriteLoad } from '../support/write-load.ts';

const ROOT = '/import-test';
const ANN = 'ann:HGzdhR0gkQNjkgHH8iWH2nlMxdw=';

const kind: fc.Arbitrary<TreeNode['kind']> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ mode: 'persistent' } as const) },
  fc.constant({ mode: 'container' } as const),
  fc.record({ mode: fc.constant('persistent_with_ttl' as const), ttl: fc.bigInt(10_000_000n, 0xff_ffff_ffffn) }),
);

const acl: fc.Arbitrary<readonly Acl[]> = fc.oneof(
  { weight: 2, arbitrary: fc.constant(OPEN) },
  fc.uniqueArray(
    fc.record({
      scheme: fc.constantFrom('digest'),
      id: fc.constantFrom(ANN, 'bob:4e7vHgmKiO4lnUPqqvUQqbaV4wY='),
      perms: fc.integer({ min: 0, max: 31 }),
    }),
    { minLength: 1, maxLength: 3, selector: ({ id, perms }) => `${id}${perms}` },
  ),
  fc
    .record({
      scheme: fc.constant('ip'),
      id: fc.constantFrom('127.0.0.1', '10.0.0.0/8'),
      perms: fc.constantFrom(1, 31, 64),
    })
    .map((one) => [one]),
);

let counter = 0;
function place(): string {
  counter += 1;
  return `${ROOT}/t${counter}`;
}

async function superSession({ connectString, superSecret }: TestEnsemble): Promise<Client> {
  return connect(connectString, { auth: [{ scheme: 'digest', auth: `super:${superSecret}` }] });
}

/** 50 znodes of two levels. */
function small(acl: readonly Acl[] | undefined = OPEN): TreeNode[] {
  const nodes: TreeNode[] = [{ path: '/', data: null, kind: { mode: 'persistent' }, acl }];
  for (let i = 0; i < 7; i++) {
    nodes.push({ path: `/p${i}`, data: Buffer.from(`parent ${i}`), kind: { mode: 'persistent' }, acl });
    for (let j = 0; j < 6; j++) {
      nodes.push({ path: `/p${i}/c${j}`, data: Buffer.alloc(j, 'x'), kind: { mode: 'persistent' }, acl });
    }
  }
  return nodes;
}

const maven = await mavenIsThere();

describe('export and import', () => {
  let ensemble: TestEnsemble;
  let client: Client;
  /** May do everything, as who backs up a whole ensemble does. */
  let root: Client;

  beforeAll(async () => {
    ensemble = await sharedEnsemble('standalone');
    client = await connect(ensemble.connectString);
    root = await superSession(ensemble);
    await client.create(ROOT);
    return () => Promise.all([client.close(), root.close()]);
  });

  it('bring back the same tree elsewhere: names, data, ACLs; with and without multiRead; and find it there the next time', async () => {
    await fc.assert(
      fc.asyncProperty(treeOf({ kind, acl }), fc.boolean(), async (nodes, oneByOne) => {
        const [from, to] = [place(), place()];
        await plantTree(root, from, nodes);
        const bytes = await exported(root, from, { oneByOne });
        expect(nodeLines(bytes)).toHaveLength(nodes.length);
        expect(await imported(root, bytes, to, { oneByOne })).toMatchObject({ created: nodes.length, already: 0 });
        expect(nodeLines(await exported(root, to))).toEqual(nodeLines(bytes));
        expect(await imported(root, bytes, to, { oneByOne })).toMatchObject({ created: 0, already: nodes.length });
        expect(nodeLines(await exported(root, from, { oneByOne: !oneByOne }))).toEqual(nodeLines(bytes));
      }),
      { numRuns: 15 },
    );
  });

  it('carry data as large as a server takes, binary or not, and tell null from empty', async () => {
    const from = place();
    const data = {
      a: Buffer.alloc(1_000_000, 'ü'),
      b: Buffer.alloc(1_000_000, 0xfe),
      c: Buffer.alloc(900_000, 1),
      d: null,
      e: Buffer.alloc(0),
    };
    await client.create(from);
    for (const [name, bytes] of Object.entries(data)) await client.create(`${from}/${name}`, bytes);
    const to = place();
    await imported(client, await exported(client, from), to);
    for (const [name, bytes] of Object.entries(data)) {
      expect((await client.getData(`${to}/${name}`)).data?.length).toBe(bytes?.length);
      expect((await client.getData(`${to}/${name}`)).data?.equals(bytes ?? Buffer.alloc(0))).toBe(
        bytes === null ? undefined : true,
      );
    }
  });

  it.skipIf(!maven)('work with 3.5, which has no multiRead and no whoAmI', async () => {
    const old = await superSession(await sharedRelease('3.5.10'));
    try {
      await old.create(ROOT);
      await plantTree(old, `${ROOT}/a`, small());
      await old.setAcl(`${ROOT}/a/p1`, [{ scheme: 'digest', id: ANN, perms: 31 }]);
      const bytes = await exported(old, `${ROOT}/a`);
      await imported(old, bytes, `${ROOT}/b`);
      expect(nodeLines(await exported(old, `${ROOT}/b`))).toEqual(nodeLines(bytes));
      await imported(client, bytes, place(), { acl: OPEN });
    } finally {
      await old.close();
    }
  });

  it('hold ephemerals: an import leaves them out, or makes them persistent when told to', async () => {
    const from = place();
    await plantTree(client, from, small());
    await client.create(`${from}/p0/z`, 'mine', { mode: 'ephemeral' });
    const bytes = await exported(client, from);
    expect(nodeLines(bytes).find((line) => line.includes('/p0/z'))).toBe(
      `{"path":"/p0/z","data":{"utf8":"mine"},"mode":"ephemeral","owner":"${client.sessionId}","acl":["world:anyone:cdrwa"]}`,
    );
    const [without, withIt] = [place(), place()];
    expect(await imported(client, bytes, without)).toMatchObject({ created: 50, ephemerals: 1 });
    expect(await client.exists(`${without}/p0/z`)).toBeUndefined();
    expect(await imported(client, bytes, withIt, { ephemerals: 'persistent' })).toMatchObject({
      created: 51,
      ephemerals: 0,
    });
    expect((await client.exists(`${withIt}/p0/z`))?.ephemeralOwner).toBe(0n);
  });

  it('name what the ACL hides, and import the rest', async () => {
    const from = place();
    await plantTree(client, from, small());
    await client.create(`${from}/p3/secret`, 'x');
    await client.setAcl(`${from}/p3`, [{ scheme: 'digest', id: ANN, perms: 31 }]);
    await client.setAcl(`${from}/p4`, [...READ_ONLY, { scheme: 'digest', id: ANN, perms: 31 }]);
    const [unreadable, hidden]: [string[], string[]] = [[], []];
    const bytes = await exported(client, from, {
      unreadable: (path, code) => unreadable.push(`${path} ${code}`),
      hiddenAcl: (path) => hidden.push(path),
    });
    expect([unreadable, hidden]).toEqual([[`${from}/p3 NO_AUTH`], [`${from}/p4`]]);
    expect(nodeLines(bytes).filter((line) => /"\/p[34]"/.test(line))).toEqual([
      '{"path":"/p3","unreadable":"NO_AUTH"}',
      '{"path":"/p4","data":{"utf8":"parent 4"},"acl":null}',
    ]);
    const to = place();
    // An ACL nobody knows is not guessed.
    await expect(imported(client, bytes, to)).rejects.toMatchObject({ code: 'ACL_HIDDEN', exitCode: 4, failed: 7 });
    expect(await client.exists(`${to}/p4`)).toBeUndefined();
    expect(await client.exists(`${to}/p5/c5`)).toBeDefined();
    expect(await imported(client, bytes, place(), { acl: READ_ONLY })).toMatchObject({ created: 43, unreadable: 1 });
  });

  it('give a parent whose ACL lets nobody create children that ACL in the end, and no other right meanwhile', async () => {
    const from = place();
    await plantTree(
      root,
      from,
      small(READ_ONLY).map((node) =>
        node.path === '/p1' ? { ...node, acl: [{ scheme: 'digest', id: ANN, perms: 1 }] } : node,
      ),
    );
    const bytes = await exported(root, from);
    const to = place();
    expect(await imported(client, bytes, to)).toMatchObject({ created: 50 });
    expect(nodeLines(await exported(root, to))).toEqual(nodeLines(bytes));
    expect(await imported(root, bytes, to)).toMatchObject({ already: 50 });
    // Children of what is there already and closed to us can't be made, and are named.
    await root.delete(`${to}/p2/c1`);
    await expect(imported(client, bytes.subarray(), to)).rejects.toMatchObject({ code: 'NO_AUTH', exitCode: 4 });
  });

  it.each([1, 2, 5, 9])(
    'go on where an import was interrupted, after every %i transactions, also with closed parents',
    async (every) => {
      const from = place();
      await plantTree(root, from, small(READ_ONLY));
      const bytes = await exported(root, from);
      const to = place();
      let runs = 0;
      for (; runs < 100; runs++) {
        const abort = new AbortController();
        setMaxListeners(0, abort.signal);
        const progress = (done: number) => done >= every && abort.abort();
        const ended = await imported(client, bytes, to, { batchSize: 3, signal: abort.signal, progress }).then(
          () => true,
          (error: { code: string }) => expect(error.code).toBe('INTERRUPTED'),
        );
        if (ended === true) break;
        const { acl: meanwhile } = await root.getAcl(`${to}/p0`).catch(() => ({ acl: [...READ_ONLY] }));
        // For the importer alone: a session with no other identity than its address.
        expect(meanwhile.filter((entry) => !READ_ONLY.some((one) => one.perms === entry.perms))).toEqual(
          meanwhile.length === 1 ? [] : [{ scheme: 'ip', id: '127.0.0.1', perms: 20 }],
        );
      }
      expect(runs).toBeGreaterThan(0);
      expect(nodeLines(await exported(root, to))).toEqual(nodeLines(bytes));
    },
  );

  it('outlast a connection that breaks again and again', async () => {
    const from = place();
    await plantTree(client, from, small());
    const bytes = await exported(client, from);
    const proxy = await TcpProxy.start({ port: ensemble.members[0]!.clientPort });
    const through = await connect(`127.0.0.1:${proxy.port}`);
    try {
      const to = place();
      let cuts = 0;
      await imported(through, bytes, to, {
        batchSize: 4,
        progress: () => {
          if (cuts++ < 5) proxy.cut();
        },
      });
      expect(cuts).toBeGreaterThan(4);
      expect(nodeLines(await exported(client, to))).toEqual(nodeLines(bytes));
    } finally {
      await through.close();
      await proxy.stop();
    }
  });

  it('tell conflicts and change nothing of them, or overwrite what was compared, or leave what is there', async () => {
    const from = place();
    await plantTree(client, from, small());
    const bytes = await exported(client, from);
    const to = place();
    await imported(client, bytes, to);
    await client.setData(`${to}/p1`, 'other');
    await client.setAcl(`${to}/p2/c2`, READ_ONLY.concat({ scheme: 'world', id: 'anyone', perms: 16 }));
    await client.delete(`${to}/p3/c3`);
    await client.delete(`${to}/p6/c5`);
    await client.create(`${to}/p6/c5`, 'xxxxx', { mode: 'ephemeral' });
    await client.create(`${to}/p3/extra/below`.slice(0, -6));
    await client.create(`${to}/p3/extra/below`);
    const plan = await planImport(client, sourceOf(bytes), to, {
      existing: 'compare',
      ephemerals: 'skip',
      prune: true,
    });
    expect(plan).toMatchObject({ create: 1, already: 46, conflicts: 3, overwrite: 0 });
    expect(plan.surplus.map(({ path }) => path)).toEqual([`${to}/p3/extra`, `${to}/p3/extra/below`]);
    await expect(imported(client, bytes, to, { prune: true })).rejects.toMatchObject({
      code: 'IMPORT_CONFLICT',
      exitCode: 6,
      failed: 3,
      failures: [
        { path: `${to}/p1`, error: { message: expect.stringContaining('with other data') } },
        { path: `${to}/p2/c2`, error: { message: expect.stringContaining('with other acl') } },
        {
          path: `${to}/p6/c5`,
          error: { message: expect.stringContaining('other mode: it is ephemeral, in the export persistent') },
        },
      ],
    });
    // Not pruned after a failure; what was missing is there.
    expect(await client.exists(`${to}/p3/c3`)).toBeDefined();
    expect(await client.exists(`${to}/p3/extra`)).toBeDefined();
    expect((await client.getData(`${to}/p1`)).data?.toString()).toBe('other');
    expect(await imported(client, bytes, to, { existing: 'skip' })).toMatchObject({ created: 0, kept: 50 });
    await client.delete(`${to}/p6/c5`);
    expect(await imported(client, bytes, to, { existing: 'overwrite', prune: true })).toMatchObject({
      created: 1,
      overwritten: 2,
      pruned: 2,
      already: 47,
    });
    expect(nodeLines(await exported(client, to))).toEqual(nodeLines(bytes));
  });

  it('prune no ephemerals, nothing above them, and nothing that the export could not read', async () => {
    const from = place();
    await plantTree(client, from, small());
    await client.setAcl(`${from}/p3`, [{ scheme: 'digest', id: ANN, perms: 31 }]);
    const bytes = await exported(client, from);
    const to = place();
    await plantTree(client, to, small());
    await client.create(`${to}/live`);
    await client.create(`${to}/live/old`);
    await client.create(`${to}/live/e`, null, { mode: 'ephemeral' });
    expect(await imported(client, bytes, to, { prune: true })).toMatchObject({ pruned: 1, unreadable: 1 });
    expect((await client.getChildren(`${to}/live`)).children).toEqual(['e']);
    expect((await client.getChildren(`${to}/p3`)).children).toHaveLength(6);
  });

  it('need a parent of the target, create it when told to, and leave /zookeeper alone', async () => {
    const from = place();
    await plantTree(client, from, small());
    const bytes = await exported(client, from, { acl: false });
    const open = { acl: OPEN };
    await expect(imported(client, bytes, `${ROOT}/no/such`)).rejects.toMatchObject({ code: 'NO_ACLS', exitCode: 2 });
    await expect(imported(client, bytes, `${ROOT}/no/such`, open)).rejects.toMatchObject({
      code: 'NO_NODE',
      exitCode: 3,
    });
    await expect(imported(client, bytes, '/zookeeper/quota', open)).rejects.toMatchObject({ code: 'SYSTEM_NODE' });
    await imported(client, await exported(client, '/zookeeper/quota'), `${ROOT}/no/such`, { parents: true });
    expect(await client.exists(`${ROOT}/no/such`)).toBeDefined();
  });

  it('leave /zookeeper out of an export of everything, but not out of one of itself', async () => {
    const everything = nodeLines(await exported(client, '/', { acl: false }));
    expect(everything.filter((line) => line.startsWith('{"path":"/zookeeper'))).toEqual([]);
    expect(everything).toContain('{"path":"/import-test","data":null}');
    expect(nodeLines(await exported(client, '/zookeeper', { acl: false }))[1]).toMatch(/^{"path":"\/config"/);
  });

  it('name a znode that is too large for the servers, and import the others', async () => {
    const nodes = small();
    const big = Buffer.alloc(1_100_000, 'x');
    const lines = [
      '{"zksh":"export","format":1,"root":"/x","acl":false,"stat":false}',
      ...nodes.map(({ path }) => JSON.stringify({ path, data: path === '/p2/c2' ? { utf8: big.toString() } : null })),
    ];
    const to = place();
    const source = sourceOf(Buffer.from(`${lines.join('\n')}\n`), false);
    await expect(
      importTree(client, source, to, { existing: 'compare', ephemerals: 'skip', prune: false, acl: OPEN }),
    ).rejects.toMatchObject({ code: 'TOO_LARGE', failed: 1, message: expect.stringContaining(`${to}/p2/c2`) });
    expect(await client.getAllChildrenNumber(to)).toBe(48);
  });

  it('count what changed and what vanished while it was exported', async () => {
    const from = place();
    await plantTree(client, from, small());
    let listed = false;
    /** Once the children of the root are listed, and nothing of them is read, somebody else is at work. */
    const meddle = async () => {
      await root.setData(`${from}/p5`, 'changed');
      for (let j = 0; j < 6; j++) await root.delete(`${from}/p6/c${j}`);
      await root.delete(`${from}/p6`);
    };
    const meddled = new Proxy(client, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          const result: unknown = await value.apply(target, args);
          const ops = args[0] as { type: string }[] | string;
          const lists =
            key === 'getChildren' || (key === 'multiRead' && Array.isArray(ops) && ops[0]?.type === 'getChildren');
          if (lists && !listed) {
            listed = true;
            await meddle();
          }
          return result;
        };
      },
    });
    const writer = new ExportWriter({ write: async () => {} });
    expect(await exportTree(meddled, from, writer, { acl: false })).toMatchObject({
      changed: 1,
      vanished: 1,
      znodes: 43,
    });
  });

  it('can be imported whatever is written while it is exported, and say what came and went', async () => {
    const from = place();
    await plantTree(client, from, small());
    const writer = await connect(ensemble.connectString);
    const load = new WriteLoad(writer, `${from}/p3`, 4);
    try {
      for (let i = 0; i < 5; i++) {
        const to = place();
        const bytes = await exported(client, from, { oneByOne: i % 2 === 0 });
        await imported(client, bytes, to);
        expect(nodeLines(await exported(client, to))).toEqual(nodeLines(bytes));
      }
    } finally {
      await load.stop();
      await writer.close();
    }
  });
});
