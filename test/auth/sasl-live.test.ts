import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { digestMd5 } from '../../src/auth/digest-md5.ts';
import { connect } from '../../src/client/connect.ts';
import { sharedEnsemble, useEnsemble } from '../support/ensembles.ts';

async function whoIs(servers: string, username: string, password: string): Promise<string[]> {
  const client = await connect(servers, { sasl: digestMd5({ username, password }) });
  try {
    return (await client.whoAmI()).filter(({ scheme }) => scheme === 'sasl').map(({ id }) => id);
  } finally {
    await client.close();
  }
}

async function secret(): Promise<{ servers: string; username: string; password: string }> {
  const { connectString, sasl } = await sharedEnsemble('sasl');
  return {
    servers: connectString,
    username: sasl!.username,
    password: (await readFile(sasl!.secretFile, 'utf8')).trim(),
  };
}

describe('SASL DIGEST-MD5 with a real server', () => {
  it('makes the session that user', async () => {
    const { servers, username, password } = await secret();
    expect(await whoIs(servers, username, password)).toEqual([username]);
  });

  it('opens what an ACL keeps for that user, and for nobody else', async () => {
    const { servers, username, password } = await secret();
    const path = `/sasl-live-${process.pid}`;
    const owner = await connect(servers, { sasl: digestMd5({ username, password }) });
    const stranger = await connect(servers);
    try {
      await owner.create(path, 'mine', { acl: [{ perms: 31, scheme: 'sasl', id: username }] });
      await expect(stranger.getData(path)).rejects.toMatchObject({ code: 'NO_AUTH', exitCode: 4 });
      expect(String((await owner.getData(path)).data)).toBe('mine');
      await owner.delete(path);
    } finally {
      await Promise.all([owner.close(), stranger.close()]);
    }
  });

  it.each([
    ['a wrong password', 'zksh', 'wrong'],
    ['an empty password', 'zksh', ''],
    ['an unknown user', 'nobody', 'wrong'],
  ])('refuses %s with exit code 4, at once', async (_, username, password) => {
    const { servers } = await secret();
    const error = await whoIs(servers, username, password).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ exitCode: 4 });
  });

  it('says so when the server does no SASL', async () => {
    const { connectString } = await sharedEnsemble('standalone');
    const error = await whoIs(connectString, 'bob', 'secret').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'AUTH_FAILED', exitCode: 4 });
    expect(String(error)).toContain('does not do SASL');
  });
});

describe('SASL DIGEST-MD5 with odd credentials', () => {
  const users = {
    plain: 'secret',
    quoting: 'a"b\\c,d=e',
    latin: 'pässwörd',
    euro: 'pa€ss',
    japanese: '秘密',
    emoji: '🔑🔑',
    'with.dot': ' spaces ',
    zürich: 'x',
    東京: 'x',
  };
  const escaped = (text: string) => text.replace(/["\\]/g, '\\$&');
  const entries = Object.entries(users).map(([name, password]) => `  "user_${name}"="${escaped(password)}"`);
  const ensemble = useEnsemble({
    servers: 1,
    jaas: `Server {\n  org.apache.zookeeper.server.auth.DigestLoginModule required\n${entries.join('\n')};\n};\n`,
  });

  it.each(Object.entries(users))('takes the user %s with the password %s', async (username, password) => {
    expect(await whoIs(ensemble().connectString, username, password)).toEqual([username]);
  });
});
