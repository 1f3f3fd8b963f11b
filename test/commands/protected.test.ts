import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import ContextAdd from '../../commands/context/add.ts';
import Cp from '../../commands/cp.ts';
import Delete from '../../commands/delete.ts';
import DeleteAll from '../../commands/deleteall.ts';
import Edit from '../../commands/edit.ts';
import Find from '../../commands/find.ts';
import JsonDel from '../../commands/json/del.ts';
import JsonMerge from '../../commands/json/merge.ts';
import JsonSet from '../../commands/json/set.ts';
import Multi from '../../commands/multi.ts';
import Mv from '../../commands/mv.ts';
import Rm from '../../commands/rm.ts';
import SetData from '../../commands/set.ts';
import SetAcl from '../../commands/setAcl.ts';
import { formatAcl } from '../../src/protocol/acl.ts';
import { useChroot } from '../support/chroot.ts';

describe('in a protected context, a single znode', () => {
  const zk = useChroot('protected');
  const place = () => ({
    chosen: { name: 'prod', context: { servers: zk.servers, protected: true } },
    env: { PATH: process.env.PATH ?? '', EDITOR: 'echo new >' },
  });
  const state = async () => {
    if ((await zk.client.exists('/a')) === undefined) return 'gone';
    return `${await zk.text('/a')} ${formatAcl((await zk.client.getAcl('/a')).acl)}`;
  };

  beforeAll(() => zk.client.create('/source', 'new').then(() => {}));

  beforeEach(async () => {
    if ((await zk.client.exists('/a')) !== undefined) await zk.client.delete('/a');
    await zk.client.create('/a', 'old');
  });

  it.each([
    ['delete', Delete, ['/a'], 'gone'],
    ['deleteall', DeleteAll, ['/a'], 'gone'],
    ['rm', Rm, ['/a'], 'gone'],
    ['rm -r', Rm, ['-r', '/a'], 'gone'],
    ['find --delete', Find, ['/', '--name', 'a', '--delete'], 'gone'],
    ['mv', Mv, ['/a', '/b'], 'gone'],
    ['cp --overwrite', Cp, ['/source', '/a', '--overwrite'], 'new world:anyone:cdrwa'],
    ['set', SetData, ['/a', 'new'], 'new world:anyone:cdrwa'],
    ['edit', Edit, ['/a'], 'new world:anyone:cdrwa'],
    ['setAcl', SetAcl, ['/a', 'world:anyone:cdra'], 'old world:anyone:cdra'],
    ['setAcl -R', SetAcl, ['-R', '/a', 'world:anyone:cdra'], 'old world:anyone:cdra'],
    ['multi with a set', Multi, ['set /a new', 'check / -1'], 'new world:anyone:cdrwa'],
    ['multi with a delete', Multi, ['delete /a'], 'gone'],
  ])('is changed by %s only for those who name the context', async (_, Class, argv, after) => {
    for (const flags of [[], ['--yes']]) {
      const { code, stderr } = await zk.shell(Class, [...argv, ...flags], place());
      expect(code).toBe(2);
      expect(stderr).toContain('the context prod is protected: --i-know prod is missing');
    }
    expect((await zk.shell(Class, [...argv, '--i-know', 'staging'], place())).code).toBe(8);
    expect(await state()).toBe('old world:anyone:cdrwa');
    expect((await zk.shell(Class, [...argv, '--i-know', 'prod'], place())).code).toBe(0);
    expect(await state()).toBe(after);
  });

  it.each([
    ['set', JsonSet, ['/json', 'a', '2'], '{"a":2}'],
    ['del', JsonDel, ['/json', 'a'], '{}'],
    ['merge', JsonMerge, ['/json', '{"b":1}'], '{"b":1}'],
  ])('has its JSON changed by json %s only for those who name the context', async (_, Class, argv, after) => {
    const before = (await zk.text('/json')) ?? '{"a":1}';
    if ((await zk.client.exists('/json')) === undefined) await zk.client.create('/json', before);
    expect((await zk.shell(Class, [...argv, '--dry-run'], place())).code).toBe(0);
    expect((await zk.shell(Class, [...argv, '--yes'], place())).code).toBe(2);
    expect(await zk.text('/json')).toBe(before);
    expect((await zk.shell(Class, [...argv, '--i-know', 'prod'], place())).code).toBe(0);
    expect(await zk.text('/json')).toBe(after);
  });

  it('is changed by the lines of a shell that was started with --i-know', async () => {
    const defaults = { iKnow: 'prod' };
    expect((await zk.shell(Delete, ['/a'], { ...place(), defaults })).code).toBe(0);
  });

  it('is created without a question', async () => {
    expect((await zk.shell(Multi, ['create /new', 'delete /new', '--dry-run'], place())).code).toBe(0);
    expect((await zk.shell(Multi, ['create /new'], place())).code).toBe(0);
  });

  it('of another ensemble is replaced by cp only for those who name that context', async () => {
    const env = { ZKSH_CONFIG_DIR: await mkdtemp(join(tmpdir(), 'zksh-protected-')) };
    expect((await zk.alone(ContextAdd, ['far', '--protected'], { env })).code).toBe(0);
    const copy = ['/source', '/a', '--to', 'far', '--overwrite', '--yes'];
    const refused = await zk.alone(Cp, copy, { env });
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('the context far is protected')]);
    expect(await state()).toBe('old world:anyone:cdrwa');
    expect((await zk.alone(Cp, [...copy, '--i-know', 'far'], { env })).code).toBe(0);
    expect(await state()).toBe('new world:anyone:cdrwa');
    await rm(env.ZKSH_CONFIG_DIR, { recursive: true });
  });
});
