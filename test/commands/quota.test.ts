import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import DelQuota from '../../commands/delquota.ts';
import ListQuota from '../../commands/listquota.ts';
import SetQuota from '../../commands/setquota.ts';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { parseQuotaRecord } from '../../src/znodes/quota-record.ts';
import { sharedEnsemble } from '../support/ensembles.ts';
import { type Ran, runCommand } from '../support/run-command.ts';

describe('setquota, listquota and delquota', () => {
  const root = '/quota-commands';
  const home = `/zookeeper/quota${root}`;
  let client: Client;
  const run = (Class: unknown, ...argv: string[]): Promise<Ran> =>
    runCommand(Class, argv, { session: async () => client });
  const stored = async (path: string) => (await client.getData(path)).data?.toString();

  beforeAll(async () => {
    client = await connect((await sharedEnsemble('standalone')).connectString);
    for (const path of [root, `${root}/a`, `${root}/a/b`]) await client.create(path, '1234');
  });
  afterAll(() => client?.close());
  beforeEach(async () => {
    for (const path of [root, `${root}/a`, `${root}/a/b`]) await run(DelQuota, path);
  });

  it('stores limits as ZooKeeper does and shows them with what is used', async () => {
    expect(await run(SetQuota, '-n', '10', root)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await stored(`${home}/zookeeper_limits`)).toBe('count=10,bytes=-1=;byteHardLimit=-1;countHardLimit=-1');
    const lines = [
      `absolute path is ${home}/zookeeper_limits`,
      `Output quota for ${root} count=10,bytes=-1=;byteHardLimit=-1;countHardLimit=-1`,
      `Output stat for ${root} count=3,bytes=12`,
    ];
    expect(await run(ListQuota, root)).toEqual({ code: 0, stdout: `${lines.join('\n')}\n`, stderr: '' });
  });

  it('adds a limit to those there are, and takes several at once', async () => {
    await run(SetQuota, '-n', '10', '-B', '5000000000', root);
    await run(SetQuota, '-b', '100', '-N', '20', root);
    const { stdout } = await run(ListQuota, root, '-o', 'json');
    expect(JSON.parse(stdout)).toEqual({
      path: root,
      limitsPath: `${home}/zookeeper_limits`,
      limits: { count: '10', bytes: '100', countHardLimit: '20', byteHardLimit: '5000000000' },
      usage: { count: '3', bytes: '12' },
    });
  });

  it('warns when more is there already', async () => {
    const { code, stderr } = await run(SetQuota, '-n', '2', '-b', '5', root);
    expect(code).toBe(0);
    expect(stderr).toBe(
      `warning: ${root} has 3 znodes, more than that\nwarning: ${root} has 12 bytes, more than that\n`,
    );
  });

  it('takes single limits away, and the whole quota with what it left empty', async () => {
    await run(SetQuota, '-n', '10', '-b', '100', `${root}/a/b`);
    expect((await run(DelQuota, '-n', `${root}/a/b`)).code).toBe(0);
    expect(await stored(`${home}/a/b/zookeeper_limits`)).toBe('count=-1,bytes=100=;byteHardLimit=-1;countHardLimit=-1');
    expect(await run(DelQuota, `${root}/a/b`)).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await client.exists(home)).toBeUndefined();
    expect(await client.exists('/zookeeper/quota')).toBeDefined();
  });

  it('keeps the znodes above that a neighbour needs', async () => {
    await client.create(`${root}/c`);
    await run(SetQuota, '-n', '10', `${root}/a`);
    await run(SetQuota, '-n', '10', `${root}/c`);
    await run(DelQuota, `${root}/a`);
    expect((await client.getChildren(home)).children).toEqual(['c']);
    await run(DelQuota, `${root}/c`);
  });

  it('refuses a quota above or below another', async () => {
    await run(SetQuota, '-n', '10', `${root}/a`);
    for (const path of [root, `${root}/a/b`]) {
      const { code, stderr } = await run(SetQuota, '-n', '10', path);
      expect(stderr).toContain(`"${path}" can have no quota: "${root}/a" has one`);
      expect(code).toBe(6);
      expect((await run(ListQuota, path)).code).toBe(3);
    }
  });

  it('exits 3 where there is no quota or no znode', async () => {
    expect(await run(ListQuota, root)).toEqual({
      code: 3,
      stdout: '',
      stderr: `error: quota for "${root}" does not exist\n  Set one with setquota.\n`,
    });
    expect((await run(DelQuota, root)).code).toBe(3);
    expect((await run(DelQuota, '-n', root)).code).toBe(3);
    expect((await run(SetQuota, '-n', '10', '/nothing')).code).toBe(3);
    expect(await client.exists('/zookeeper/quota/nothing')).toBeUndefined();
  });

  it.each([
    [['-n', '0', root], '"0" is no limit'],
    [['-n', '2147483648', root], 'is no limit'],
    [['-b', '-1', root], '"-1" is no limit'],
    [['-B', '9223372036854775808', root], 'is no limit'],
    [['-n', 'ten', root], '"ten" is no limit'],
    [[root], 'a limit is missing'],
    [['-n', '1', '/'], '/ can have no quota'],
    [['-n', '1', '/zookeeper/quota/x'], 'can have no quota'],
    [['-n', '1', 'relative'], 'relative path'],
  ])('setquota %j exits 2', async (argv, message) => {
    const { code, stderr } = await run(SetQuota, ...argv);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
  });

  it('refuses to write where no server looks: inside a chroot', async () => {
    const inside = await connect(client.servers + root);
    const { code, stderr } = await runCommand(SetQuota, ['-n', '1', '/a'], { session: async () => inside });
    expect(stderr).toContain(`name ${root}/a`);
    expect(code).toBe(2);
    expect(await inside.exists('/zookeeper')).toBeUndefined();
    await inside.close();
  });

  it('reads what older servers wrote, and says so of what nobody can read', () => {
    expect(parseQuotaRecord('count=5,bytes=-1')).toEqual({ count: 5n });
    expect(parseQuotaRecord('count=1,bytes=2=;byteHardLimit=3;countHardLimit=4')).toEqual({
      count: 1n,
      bytes: 2n,
      byteHardLimit: 3n,
      countHardLimit: 4n,
    });
    expect(() => parseQuotaRecord('nonsense')).toThrow(/can't be read/);
  });
});
