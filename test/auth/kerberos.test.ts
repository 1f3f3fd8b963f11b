import { describe, expect, it } from 'vitest';
import { type KerberosModule, kerberos } from '../../src/auth/kerberos.ts';

const EMPTY = new Uint8Array(0);
const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64');
const bytes = (text: string) => new Uint8Array(Buffer.from(text));

/** A GSS library that says what it is told to, and writes down what it was asked. */
function pretend(script: { steps: (string | null)[]; offer?: Uint8Array; failAt?: string; reason?: string }) {
  const asked: string[] = [];
  const note = (name: string, input: string) => {
    asked.push(`${name} ${input}`);
    if (script.failAt === name) throw new Error(script.reason ?? 'broken');
  };
  const steps = [...script.steps];
  const client = {
    contextComplete: false,
    step: async (input: string) => {
      note('step', input);
      const token = steps.shift() ?? null;
      client.contextComplete = steps.length === 0;
      return token === null ? null : base64(token);
    },
    unwrap: async (input: string) => {
      note('unwrap', input);
      return base64(script.offer ?? Uint8Array.of(1, 0, 0, 0));
    },
    wrap: async (input: string) => {
      note('wrap', input);
      return base64('wrapped');
    },
  };
  const module: KerberosModule = {
    GSS_C_MUTUAL_FLAG: 2,
    GSS_C_SEQUENCE_FLAG: 8,
    GSS_C_INTEG_FLAG: 32,
    GSS_MECH_OID_KRB5: 9,
    initializeClient: async (service, options) => {
      note('init', `${service} ${JSON.stringify(options)}`);
      return client;
    },
  };
  return { asked, load: async () => module };
}

async function begin(fake: ReturnType<typeof pretend>, options: Parameters<typeof kerberos>[0] = {}, host = 'zk1') {
  return kerberos(options, fake.load).start({ host });
}

describe('GSSAPI', () => {
  it('exchanges tokens until the context stands, then declines every security layer', async () => {
    const fake = pretend({ steps: ['first', null], offer: Uint8Array.of(7, 0, 16, 0) });
    const exchange = await begin(fake);
    expect(await exchange.step(EMPTY)).toEqual(Buffer.from('first'));
    // Mutual authentication is done and there is nothing to say: an empty token asks for the server's offer.
    expect(await exchange.step(bytes('proof'))).toEqual(Buffer.alloc(0));
    expect(exchange.complete).toBe(false);
    expect(await exchange.step(bytes('offer'))).toEqual(Buffer.from('wrapped'));
    expect(exchange.complete).toBe(true);
    expect(await exchange.step(EMPTY)).toBeUndefined();
    expect(fake.asked).toEqual([
      'init zookeeper@zk1 {"mechOID":9,"gssFlags":42}',
      'step ',
      `step ${base64('proof')}`,
      `unwrap ${base64('offer')}`,
      `wrap ${base64(Uint8Array.of(1, 0, 0, 0))}`,
    ]);
  });

  it.each([
    [{}, 'ZK1.Example.com.', 'zookeeper@zk1.example.com'],
    [{ servicePrincipal: 'zk/_HOST@EXAMPLE.COM' }, 'zk1', 'zk@zk1'],
    [{ servicePrincipal: 'zookeeper/fixed.example.com' }, 'zk1', 'zookeeper@fixed.example.com'],
  ])('names the service by %j and the host typed', async (options, host, service) => {
    const fake = pretend({ steps: [] });
    await begin(fake, options, host);
    expect(fake.asked[0]).toContain(`init ${service} `);
  });

  it('asks for the ticket of the principal given', async () => {
    const fake = pretend({ steps: [] });
    await begin(fake, { principal: 'alice@EXAMPLE.COM' });
    expect(fake.asked[0]).toContain('"principal":"alice@EXAMPLE.COM"');
  });

  it.each(['zookeeper', 'zookeeper@host', 'a/b/c', '/host', 'zookeeper/'])(
    'refuses %j as a service principal',
    (name) => {
      expect(() => kerberos({ servicePrincipal: name })).toThrow(/not a Kerberos service principal/);
    },
  );

  it.each([
    ['wants a layer', Uint8Array.of(6, 0, 16, 0), /insists on a Kerberos security layer/],
    ['offers too little', Uint8Array.of(1, 0), /2 bytes, not 4/],
    ['offers too much', Uint8Array.of(1, 0, 0, 0, 0), /5 bytes, not 4/],
    ['offers nothing', EMPTY, /0 bytes, not 4/],
  ])('ends when the server %s', async (_, offer, message) => {
    const exchange = await begin(pretend({ steps: ['first'], offer }));
    await exchange.step(EMPTY);
    const end = exchange.step(bytes('offer'));
    await expect(end).rejects.toThrow(message);
    await expect(end).rejects.toMatchObject({ code: 'AUTH_FAILED', exitCode: 4 });
    expect(exchange.complete).toBe(false);
  });

  it('refuses a token after the end', async () => {
    const exchange = await begin(pretend({ steps: ['first'] }));
    await exchange.step(EMPTY);
    await exchange.step(bytes('offer'));
    await expect(exchange.step(bytes('more'))).rejects.toMatchObject({ code: 'AUTH_FAILED' });
  });

  it.each(['init', 'step', 'unwrap', 'wrap'])(
    'turns a failure of the library in %s into AUTH_FAILED',
    async (failAt) => {
      const reason =
        'Unspecified GSS failure.  Minor code may provide more information: No Kerberos credentials available';
      const attempt = (async () => {
        const exchange = await begin(pretend({ steps: ['first'], failAt, reason }));
        await exchange.step(EMPTY);
        await exchange.step(bytes('offer'));
      })();
      await expect(attempt).rejects.toMatchObject({
        code: 'AUTH_FAILED',
        exitCode: 4,
        message: 'Kerberos authentication to zookeeper/zk1 failed: No Kerberos credentials available',
        hint: 'Get a ticket with kinit.',
      });
    },
  );

  it('says how to install the package when it is missing', async () => {
    await expect(kerberos({}).start({ host: 'zk1' })).rejects.toMatchObject({
      code: 'KERBEROS_MISSING',
      exitCode: 2,
      hint: expect.stringContaining('npm install kerberos@7'),
    });
  });
});
