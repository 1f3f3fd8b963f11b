import { describe, expect, it } from 'vitest';
import { digestAuthId } from '../../src/auth/digest.ts';
import { connect } from '../../src/client/connect.ts';
import { sharedEnsemble } from '../support/ensembles.ts';

describe('the digest scheme with a real server', () => {
  it.each([
    ['bob', 'secret'],
    ['bob', 'se:cr:et'],
    ['jürgen', 'grün-秘密'],
    ['bob', ''],
  ])(
    'gives %s with the password %j what an ACL keeps for digestAuthId, before and after connecting',
    async (user, password) => {
      const { connectString } = await sharedEnsemble('standalone');
      const auth = `${user}:${password}`;
      const path = `/digest-live-${process.pid}-${Buffer.from(auth).toString('hex')}`;
      const id = digestAuthId(user, password);
      const owner = await connect(connectString, { auth: [{ scheme: 'digest', auth }] });
      const other = await connect(connectString);
      try {
        await owner.create(path, 'mine', { acl: [{ perms: 31, scheme: 'digest', id }] });
        expect(String((await owner.getData(path)).data)).toBe('mine');
        await expect(other.getData(path)).rejects.toMatchObject({ code: 'NO_AUTH', exitCode: 4 });
        await other.addAuth('digest', `${user}:wrong`);
        await expect(other.getData(path)).rejects.toMatchObject({ code: 'NO_AUTH' });
        await other.addAuth('digest', auth);
        expect(String((await other.getData(path)).data)).toBe('mine');
        await owner.delete(path);
      } finally {
        await Promise.all([owner.close(), other.close()]);
      }
    },
  );

  it('lets the super user past any ACL', async () => {
    const { connectString, superAuth, superSecret } = await sharedEnsemble('standalone');
    const path = `/digest-live-super-${process.pid}`;
    const auth = [{ scheme: 'digest', auth: `${superAuth.user}:${superSecret}` }];
    const client = await connect(connectString);
    const root = await connect(connectString, { auth });
    try {
      await client.create(path, 'x', { acl: [{ perms: 31, scheme: 'digest', id: digestAuthId('someone', 'else') }] });
      await expect(client.getData(path)).rejects.toMatchObject({ code: 'NO_AUTH' });
      expect(String((await root.getData(path)).data)).toBe('x');
      await root.delete(path);
    } finally {
      await Promise.all([client.close(), root.close()]);
    }
  });

  it('refuses an unknown scheme with exit code 4', async () => {
    const { connectString } = await sharedEnsemble('standalone');
    const auth = [{ scheme: 'nonsense', auth: 'x' }];
    await expect(connect(connectString, { auth })).rejects.toMatchObject({ exitCode: 4 });
  });
});
