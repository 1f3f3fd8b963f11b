import { beforeAll, describe, expect, it } from 'vitest';
import Exists from '../../commands/exists.ts';
import GetAllChildrenNumber from '../../commands/getAllChildrenNumber.ts';
import GetEphemerals from '../../commands/getEphemerals.ts';
import StatCommand from '../../commands/stat.ts';
import Sync from '../../commands/sync.ts';
import { connect } from '../../src/client/connect.ts';
import { statText } from '../../src/output/stat.ts';
import { useChroot } from '../support/chroot.ts';
import { sharedEnsemble } from '../support/ensembles.ts';
import { runCommand } from '../support/run-command.ts';

const zk = useChroot('queries');

beforeAll(async () => {
  for (const path of ['/a', '/a/b', '/a/b/c', '/z']) await zk.client.create(path);
});

describe('stat', () => {
  it('prints the lines of zkCli', async () => {
    const { stdout } = await zk.alone(StatCommand, ['/a']);
    expect(stdout).toBe(`${statText((await zk.client.exists('/a'))!)}\n`);
    expect(stdout).toMatch(
      /^cZxid = 0x[0-9a-f]+\nctime = .+\nmZxid = .+\nmtime = .+\npZxid = .+\ncversion = 1\ndataVersion = 0\naclVersion = 0\nephemeralOwner = 0x0\ndataLength = 0\nnumChildren = 1\n$/,
    );
  });

  it('leaves a watch with -w, also where there is no znode', async () => {
    expect((await zk.shell(StatCommand, ['-w', '/a'])).code).toBe(0);
    await zk.client.checkWatches('/a', 'data');
    expect((await zk.shell(StatCommand, ['-w', '/later'])).code).toBe(3);
    await zk.client.checkWatches('/later', 'data');
  });

  it('exits 3 where there is no znode', async () => {
    const stderr = 'error: stat "/nothing": the node does not exist\n';
    expect(await zk.alone(StatCommand, ['/nothing'])).toEqual({ code: 3, stdout: '', stderr });
  });
});

describe('exists', () => {
  it('prints true and exits 0, or false and exits 3', async () => {
    expect(await zk.alone(Exists, ['/a'])).toEqual({ code: 0, stdout: 'true\n', stderr: '' });
    expect(await zk.alone(Exists, ['/nothing'])).toEqual({ code: 3, stdout: 'false\n', stderr: '' });
  });

  it('gives the stat in JSON, where there is one', async () => {
    const json = async (path: string) => JSON.parse((await zk.shell(Exists, [path, '-o', 'json'])).stdout);
    expect(await json('/a')).toMatchObject({ path: '/a', exists: true, stat: { numChildren: 1 } });
    expect(await json('/nothing')).toEqual({ path: '/nothing', exists: false });
  });

  it('exits 2 for what is no path, 5 where there is no server', async () => {
    expect((await zk.alone(Exists, ['a'])).code).toBe(2);
    expect((await runCommand(Exists, ['/a', '-S', '127.0.0.1:1', '--timeout', '300ms'])).code).toBe(5);
  });
});

describe('getAllChildrenNumber', () => {
  it('counts what is below', async () => {
    expect(await zk.alone(GetAllChildrenNumber, ['/a'])).toEqual({ code: 0, stdout: '2\n', stderr: '' });
    expect(JSON.parse((await zk.shell(GetAllChildrenNumber, ['/', '-o', 'json'])).stdout)).toEqual({
      path: '/',
      count: 4,
    });
    expect((await zk.shell(GetAllChildrenNumber, ['/nothing'])).code).toBe(3);
  });
});

describe('getEphemerals', () => {
  it('lists those of the session, below a path where one is given', async () => {
    expect((await zk.shell(GetEphemerals, [])).stdout).toBe('[]\n');
    await zk.client.create('/z/e2', null, { mode: 'ephemeral' });
    await zk.client.create('/a/e1', null, { mode: 'ephemeral' });
    expect((await zk.shell(GetEphemerals, [])).stdout).toBe('[/a/e1, /z/e2]\n');
    expect((await zk.shell(GetEphemerals, ['/z'])).stdout).toBe('[/z/e2]\n');
    expect(JSON.parse((await zk.shell(GetEphemerals, ['/z', '-o', 'json'])).stdout)).toEqual(['/z/e2']);
    expect((await zk.alone(GetEphemerals, [])).stdout).toBe('[]\n');
  });
});

describe('sync', () => {
  it('says so when it is done', async () => {
    expect(await zk.alone(Sync, ['/'])).toEqual({ code: 0, stdout: 'Sync is OK\n', stderr: '' });
    expect(JSON.parse((await zk.shell(Sync, ['/a', '-o', 'json'])).stdout)).toEqual({ path: '/a' });
  });

  it('lets a follower show what another has just acknowledged', { timeout: 120_000 }, async () => {
    const three = await sharedEnsemble('three');
    const [writer, reader] = await Promise.all([connect(three.connectString), connect(three.connectString)]);
    for (let i = 0; i < 20; i++) {
      await writer.create(`/sync-command-${i}`);
      await runCommand(Sync, ['/'], { session: async () => reader });
      expect(await reader.exists(`/sync-command-${i}`)).toBeDefined();
    }
    await Promise.all([writer.close(), reader.close()]);
  });

  it('fails where the session has ended: zkCli says that it is OK', async () => {
    const gone = await connect(zk.servers);
    await gone.close();
    expect((await runCommand(Sync, ['/'], { session: async () => gone })).code).toBe(5);
  });
});
