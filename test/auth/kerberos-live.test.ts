import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { digestMd5 } from '../../src/auth/digest-md5.ts';
import { type KerberosModule, kerberos } from '../../src/auth/kerberos.ts';
import type { SaslMechanism } from '../../src/auth/sasl.ts';
import { connect } from '../../src/client/connect.ts';
import { down, type LocalEnsemble, up } from '../../src/local/ensemble.ts';
import { Kdc, loadBinding, REALM, whyNoKdc } from './kdc.ts';

const missing =
  (await whyNoKdc()) ??
  (await loadBinding().then(
    () => undefined,
    (error: unknown) =>
      `the package kerberos can't be built here (Debian: libkrb5-dev, g++, make): ${String(error).split('\n')[0]}`,
  ));
if (missing !== undefined) process.stderr.write(`Kerberos tests skipped: ${missing}\n`);

describe.skipIf(missing !== undefined)('Kerberos with a real KDC and a real server', () => {
  let kdc: Kdc;
  let binding: KerberosModule;
  let server: LocalEnsemble;
  const load = async () => binding;

  beforeAll(async () => {
    binding = await loadBinding();
    kdc = await Kdc.start();
    await kdc.addPrincipal('zookeeper/localhost', 'server');
    await kdc.addPrincipal('alice', 'alice');
    await kdc.addPrincipal('bob/admin', 'bob');
    server = await startServer(kdc);
    // The Kerberos library reads the environment of this process itself.
    for (const [name, value] of Object.entries(kdc.environment)) vi.stubEnv(name, value);
  }, 300_000);

  afterEach(() => {
    vi.stubEnv('KRB5CCNAME', kdc.environment.KRB5CCNAME);
  });

  afterAll(async () => {
    vi.unstubAllEnvs();
    if (server !== undefined) await down(server);
    await kdc?.stop();
  });

  async function whoIs(sasl: SaslMechanism, host = 'localhost'): Promise<string[]> {
    const client = await connect(`${host}:${server.members[0]!.clientPort}`, { sasl });
    try {
      return (await client.whoAmI()).filter(({ scheme }) => scheme === 'sasl').map(({ id }) => id);
    } finally {
      await client.close();
    }
  }

  async function failure(sasl: SaslMechanism, host?: string): Promise<Error> {
    const error = await whoIs(sasl, host).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ exitCode: 4 });
    return error as Error;
  }

  it('makes the session the principal of the ticket', async () => {
    vi.stubEnv('KRB5CCNAME', await kdc.login('alice', 'alice'));
    expect(await whoIs(kerberos({}, load))).toEqual([`alice@${REALM}`]);
    expect(await whoIs(kerberos({ servicePrincipal: `zookeeper/localhost@${REALM}` }, load))).toEqual([
      `alice@${REALM}`,
    ]);
  });

  it('takes the ticket of the principal asked for', async () => {
    vi.stubEnv('KRB5CCNAME', await kdc.login('bob/admin', 'bob'));
    expect(await whoIs(kerberos({ principal: `bob/admin@${REALM}` }, load))).toEqual([`bob/admin@${REALM}`]);
    expect((await failure(kerberos({ principal: `alice@${REALM}` }, load))).message).toContain('alice');
  });

  it('authenticates again on every connection', async () => {
    vi.stubEnv('KRB5CCNAME', await kdc.login('alice', 'alice'));
    const mechanism = kerberos({}, load);
    expect(await Promise.all([whoIs(mechanism), whoIs(mechanism)])).toEqual([[`alice@${REALM}`], [`alice@${REALM}`]]);
  });

  it('asks for kinit when there is no ticket', async () => {
    const error = await failure(kerberos({}, load));
    expect(error.message).toContain('Kerberos authentication to zookeeper/localhost failed');
    expect(error).toHaveProperty('hint', 'Get a ticket with kinit.');
  });

  it('asks for kinit when the ticket has expired', async () => {
    const cache = await kdc.login('alice', 'alice', '-l', '1s');
    vi.stubEnv('KRB5CCNAME', cache);
    await vi.waitFor(async () => expect((await failure(kerberos({}, load))).message).toMatch(/expired/i), 20_000);
    expect(await failure(kerberos({}, load))).toHaveProperty('hint', expect.stringContaining('kinit'));
  });

  it('explains a server that the realm does not know', async () => {
    vi.stubEnv('KRB5CCNAME', await kdc.login('alice', 'alice'));
    const error = await failure(kerberos({ servicePrincipal: 'zookeeper/elsewhere' }, load));
    expect(error).toHaveProperty('hint', expect.stringContaining("the name in the server's principal"));
  });

  it('fails clearly when the server wants Kerberos and gets a password', async () => {
    await failure(digestMd5({ username: 'alice', password: 'secret' }));
  });
});

function startServer(kdc: Kdc): Promise<LocalEnsemble> {
  return up({
    name: 'kerberos',
    stateDir: `${kdc.dir}/ensemble`,
    servers: 1,
    jaas: `Server {
  com.sun.security.auth.module.Krb5LoginModule required
  useKeyTab=true storeKey=true useTicketCache=false
  keyTab="${kdc.keytab('server')}" principal="zookeeper/localhost@${REALM}";
};
`,
    systemProperties: { 'java.security.krb5.conf': kdc.environment.KRB5_CONFIG ?? '' },
  });
}
