import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { startZksh, zksh } from '../support/built.ts';
import { useChroot } from '../support/chroot.ts';
import { exported, nodeLines } from '../support/trees.ts';
import { until } from '../support/until.ts';

const PARENTS = 60;
const CHILDREN = 100;

describe('a process that is killed', { timeout: 240_000 }, () => {
  const zk = useChroot('import-killed');
  let directory = '';
  let bytes: Buffer;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'zksh-killed-'));
    await zk.client.create('/from');
    for (let i = 0; i < PARENTS; i++) {
      const children = Array.from({ length: CHILDREN }, (_, j) => `/from/p${i}/c${j}`);
      await zk.client.multi([`/from/p${i}`, ...children].map((path) => ({ type: 'create', path, data: path })));
    }
    bytes = await exported(zk.client, '/from');
    await writeFile(join(directory, 'from.ndjson'), bytes);
    return () => rm(directory, { recursive: true });
  });

  it('while it imports leaves a beginning, and the same command brings the rest', async () => {
    const argv = ['-S', zk.servers, 'import', join(directory, 'from.ndjson'), '/to', '-b', '20', '-q'];
    const { child, ended } = startZksh(argv);
    await until('some are there', async () => (await zk.client.exists('/to/p2')) !== undefined);
    child.kill('SIGKILL');
    expect((await ended).code).toBeNull();
    const left = await zk.client.getAllChildrenNumber('/to');
    expect(left).toBeLessThan(PARENTS * (CHILDREN + 1));
    const again = await zksh([...argv, '-o', 'json']);
    expect([again.code, again.stderr]).toEqual([0, '']);
    expect(JSON.parse(again.stdout)).toMatchObject({ already: expect.toSatisfy((n: number) => n >= left) });
    expect(nodeLines(await exported(zk.client, '/to'))).toEqual(nodeLines(bytes));
  });

  it.each(['SIGKILL', 'SIGINT'] as const)('by %s while it exports leaves the file that was there', async (signal) => {
    const file = join(directory, 'export.ndjson');
    await writeFile(file, 'old');
    const { child, ended } = startZksh(['-S', zk.servers, 'export', '/from', file, '-q']);
    await until('it writes', async () => (await readdir(directory)).some((name) => name.endsWith('.tmp')));
    child.kill(signal);
    const { code } = await ended;
    const [content, names] = [await readFile(file, 'utf8'), await readdir(directory)];
    // On an idle machine it may have been done before the signal came.
    if (code === 0) expect(content).toBe(bytes.toString());
    else expect([code, content]).toEqual([signal === 'SIGINT' ? 130 : null, 'old']);
    if (signal === 'SIGINT') expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([]);
    for (const name of names) if (name.endsWith('.tmp')) await rm(join(directory, name));
  });
});
