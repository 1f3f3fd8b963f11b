import { expect, it } from 'vitest';
import { TransactionError } from '../../../src/client/transaction.ts';
import type { Stage } from './setting.ts';

/** Quick, where `toEqual` looks at each of a million bytes. */
function same(a: Buffer | null, b: Buffer | null): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}

/** create, delete, setData, multi, check. */
export function writes(stage: Stage): void {
  it('creates in every mode', async () => {
    const { client, root } = stage;
    const owner = async (mode: Parameters<typeof client.create>[2]) => {
      const { path } = await client.create(`${root}/n-`, 'x', mode);
      expect(path.slice(root.length)).toMatch(/sequential/.test(mode!.mode!) ? /^\/n-\d{10}$/ : /^\/n-$/);
      const stat = await client.exists(path);
      await client.delete(path);
      return BigInt.asUintN(64, stat!.ephemeralOwner);
    };
    const own = BigInt.asUintN(64, client.sessionId);
    expect(await owner({ mode: 'persistent' })).toBe(0n);
    expect(await owner({ mode: 'persistent_sequential' })).toBe(0n);
    expect(await owner({ mode: 'ephemeral' })).toBe(own);
    expect(await owner({ mode: 'ephemeral_sequential' })).toBe(own);
    // What kind of znode these are, a server keeps to itself.
    expect(await owner({ mode: 'container' })).toBe(0n);
    expect(await owner({ mode: 'persistent_with_ttl', ttl: 60_000 })).toBe(0n);
    expect(await owner({ mode: 'persistent_sequential_with_ttl', ttl: 90_000n })).toBe(0n);
  });

  it('gives the Stat of what it created where asked', async () => {
    const { client, root } = stage;
    const plain = await client.create(`${root}/plain`, 'four');
    expect(plain.stat).toBeUndefined();
    const { stat } = await client.create(`${root}/asked`, 'four', { stat: true });
    expect(stat).toMatchObject({ version: 0, dataLength: 4, numChildren: 0, ephemeralOwner: 0n });
    expect(stat).toEqual(await client.exists(`${root}/asked`));
  });

  it('keeps data byte for byte, and no data apart from empty data', async () => {
    const { client, root } = stage;
    const binary = Buffer.from(Array.from({ length: 512 }, (_, i) => i % 256));
    for (const [name, data] of [
      ['null', null],
      ['empty', Buffer.alloc(0)],
      ['binary', binary],
      ['large', Buffer.alloc(900_000, 7)],
    ] as const) {
      await client.create(`${root}/${name}`, data);
      expect(same((await client.getData(`${root}/${name}`)).data, data), name).toBe(true);
      await client.setData(root, data);
      expect(same((await client.getData(root)).data, data), name).toBe(true);
    }
    await client.setData(root, 'grüße 日本');
    expect((await client.getData(root)).data?.toString()).toBe('grüße 日本');
  });

  it('takes names of any script and with blanks and quotes', async () => {
    const { client, root } = stage;
    for (const name of ['grüße', '日本語', 'two words', `it's "quoted"`, 'a\u00a0b', 'x'.repeat(300)]) {
      await client.create(`${root}/${name}`);
      expect(await client.exists(`${root}/${name}`), name).toBeDefined();
    }
    expect((await client.getChildren(root)).children).toHaveLength(6);
  });

  it('refuses to create what is there, has no parent, or is below an ephemeral znode', async () => {
    const { client, root } = stage;
    await expect(client.create(root)).rejects.toMatchObject({ code: 'NODE_EXISTS', exitCode: 6 });
    await expect(client.create(`${root}/no/parent`)).rejects.toMatchObject({ code: 'NO_NODE', exitCode: 3 });
    await client.create(`${root}/e`, null, { mode: 'ephemeral' });
    await expect(client.create(`${root}/e/kid`)).rejects.toMatchObject({ code: 'NO_CHILDREN_FOR_EPHEMERALS' });
  });

  it('writes and deletes only the version that is meant', async () => {
    const { client, root } = stage;
    expect((await client.setData(root, 'a', { version: 0 })).version).toBe(1);
    expect((await client.setData(root, 'b')).version).toBe(2);
    await expect(client.setData(root, 'c', { version: 1 })).rejects.toMatchObject({ code: 'BAD_VERSION', exitCode: 6 });
    await expect(client.delete(root, { version: 1 })).rejects.toMatchObject({ code: 'BAD_VERSION' });
    await client.create(`${root}/kid`);
    await expect(client.delete(root)).rejects.toMatchObject({ code: 'NOT_EMPTY', exitCode: 6 });
    await client.delete(`${root}/kid`, { version: 0 });
    await client.delete(root);
    await expect(client.delete(root)).rejects.toMatchObject({
      code: 'NO_NODE',
      message: expect.stringContaining(root),
    });
    await expect(client.setData(root, 'x')).rejects.toMatchObject({ code: 'NO_NODE' });
  });

  it('checks a version', async () => {
    const { client, root } = stage;
    await client.check(root, 0);
    await client.check(root, -1);
    await expect(client.check(root, 3)).rejects.toMatchObject({ code: 'BAD_VERSION' });
    await expect(client.check(`${root}/none`, -1)).rejects.toMatchObject({ code: 'NO_NODE' });
  });

  it('does a transaction whole, each result in its place', async () => {
    const { client, root } = stage;
    const results = await client.multi([
      { type: 'check', path: root, version: 0 },
      { type: 'create', path: `${root}/a`, data: 'x' },
      { type: 'create', path: `${root}/s-`, mode: 'persistent_sequential' },
      { type: 'create', path: `${root}/e`, mode: 'ephemeral' },
      { type: 'create', path: `${root}/c`, mode: 'container' },
      { type: 'create', path: `${root}/t`, mode: 'persistent_with_ttl', ttl: 60_000 },
      { type: 'setData', path: `${root}/a`, data: 'y', version: 0 },
      { type: 'delete', path: `${root}/c` },
    ]);
    expect(results.map(({ type, path }) => [type, path.slice(root.length)])).toEqual([
      ['check', ''],
      ['create', '/a'],
      ['create', expect.stringMatching(/^\/s-\d{10}$/)],
      ['create', '/e'],
      ['create', '/c'],
      ['create', '/t'],
      ['setData', '/a'],
      ['delete', '/c'],
    ]);
    expect(results[6]).toMatchObject({ stat: { version: 1, dataLength: 1 } });
    expect(client.held.ephemerals).toEqual([`${root}/e`]);
    expect((await client.exists(`${root}/e`))?.ephemeralOwner).toBe(client.sessionId);
    expect(await client.exists(`${root}/c`)).toBeUndefined();
  });

  it('does nothing of a transaction that fails, and names the write that failed', async () => {
    const { client, root } = stage;
    const failure = await client
      .multi([
        { type: 'setData', path: root, data: 'new' },
        { type: 'create', path: `${root}/a` },
        { type: 'delete', path: `${root}/none` },
        { type: 'create', path: `${root}/b` },
      ])
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(TransactionError);
    expect(failure).toMatchObject({ code: 'NO_NODE', exitCode: 3, index: 2 });
    expect((await client.getData(root)).data).toBeNull();
    expect((await client.getChildren(root)).children).toEqual([]);
  });

  it('keeps the order of calls made at once', async () => {
    const { client, root } = stage;
    const made = await Promise.all(
      Array.from({ length: 300 }, (_, i) => client.create(`${root}/n-`, `${i}`, { mode: 'persistent_sequential' })),
    );
    const read = await Promise.all(made.map(({ path }) => client.getData(path)));
    expect(read.map(({ data }) => Number(data))).toEqual(Array.from({ length: 300 }, (_, i) => i));
    expect(made.map(({ path }) => path)).toEqual(made.map(({ path }) => path).toSorted());
  });

  it('fails a value above the server limit, says why, and goes on', async () => {
    const { client, root } = stage;
    await expect(client.setData(root, Buffer.alloc(2_000_000))).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      outcome: 'unknown',
      hint: expect.stringContaining('jute.maxbuffer'),
    });
    expect((await client.getData(root)).data).toBeNull();
  });
}
