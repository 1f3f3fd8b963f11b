import { describe, expect, it } from 'vitest';
import AddAuth from '../../commands/addauth.ts';
import Get from '../../commands/get.ts';
import WhoAmI from '../../commands/whoami.ts';
import { useChroot } from '../support/chroot.ts';

describe('addauth and whoami', () => {
  const zk = useChroot('addauth');

  it('tells an address before, and the identity after', async () => {
    const before = await zk.shell(WhoAmI, []);
    expect(before).toMatchObject({ code: 0, stderr: '' });
    expect(before.stdout).toMatch(/^Auth scheme: User\n(.+\n)*ip: 127\.0\.0\.1\n/);
    const ran = await zk.shell(AddAuth, ['digest', 'ops:env:SECRET'], { env: { SECRET: 'p4ss' } });
    expect(ran).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await zk.shell(WhoAmI, [])).stdout).toContain('digest: ops\n');
    const { stdout } = await zk.shell(WhoAmI, ['-o', 'json']);
    expect(JSON.parse(stdout)).toContainEqual({ scheme: 'digest', id: 'ops' });
  });

  it('lets the session read what its identity may', async () => {
    await zk.client.create('/mine', 'x', { acl: [{ scheme: 'auth', id: '', perms: 31 }] });
    expect((await zk.shell(Get, ['/mine'])).stdout).toBe('x\n');
    const { code, stderr } = await zk.alone(Get, ['/mine']);
    expect(code).toBe(4);
    expect(stderr).toContain('getData "/mine": not permitted by the ACL');
    expect((await zk.alone(Get, ['/mine', '--auth', 'digest:ops:p4ss'])).stdout).toBe('x\n');
  });

  it('warns of a secret in clear and does not repeat it', async () => {
    const { code, stdout, stderr } = await zk.shell(AddAuth, ['digest', 'eve:sesame']);
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toContain('in clear');
    expect(stderr).not.toContain('sesame');
  });

  it('asks for the password where none was typed, hidden, and for the user too', async () => {
    const asked: string[] = [];
    const answer = (text: string) => async (question: string) => {
      asked.push(question);
      return text as never;
    };
    const prompts = { input: answer('amy'), password: answer('hush'), confirm: answer(''), select: answer('') };
    expect(await zk.shell(AddAuth, ['digest', 'bea'], { prompts })).toEqual({ code: 0, stdout: '', stderr: '' });
    expect((await zk.shell(AddAuth, ['digest'], { prompts })).code).toBe(0);
    expect(asked).toEqual(['Password of bea:', 'User:', 'Password of amy:']);
    const { stdout } = await zk.shell(WhoAmI, []);
    expect(stdout).toContain('digest: bea\n');
    expect(stdout).toContain('digest: amy\n');
  });

  it.each([[[]], [['ops']]])('refuses digest with %j off a terminal, naming what is missing', async (words) => {
    const { code, stderr } = await zk.alone(AddAuth, ['digest', ...words]);
    expect(code).toBe(2);
    expect(stderr).toContain('the secret (user:env:NAME or user:file:PATH) is missing');
  });

  it('exits 4 for a scheme the server does not know, 2 for a secret that is not there', async () => {
    const refused = await zk.alone(AddAuth, ['nonsense', 'env:SECRET'], { env: { SECRET: 'x' } });
    expect(refused.code).toBe(4);
    expect(refused.stderr).toContain('refused the credentials');
    expect((await zk.alone(AddAuth, ['digest', 'env:NOWHERE'])).code).toBe(2);
  });
});
