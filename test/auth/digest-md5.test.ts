import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDirectives } from '../../src/auth/digest-directives.ts';
import { type DigestParts, digestResponse } from '../../src/auth/digest-hash.ts';
import { digestMd5, encodeResponse, parseChallenge } from '../../src/auth/digest-md5.ts';
import { ZkshError } from '../../src/protocol/errors.ts';

const bytes = (text: string) => Buffer.from(text, 'latin1');
const EMPTY = new Uint8Array(0);

/** What a ZooKeeper server on OpenJDK 17 sends. */
const JAVA_CHALLENGE =
  'realm="zk-sasl-md5",nonce="DDXVMgR5Nz4ZEbrMXUq6ZcMHgV7KxlzmCVTqoQ5G",charset=utf-8,algorithm=md5-sess';

const RFC: DigestParts = {
  username: 'chris',
  realm: 'elwood.innosoft.com',
  password: 'secret',
  nonce: 'OA6MG9tEQGm2hh',
  cnonce: 'OA6MHXh6VqTrRk',
  digestUri: 'imap/elwood.innosoft.com',
  utf8: true,
};

async function answer(challenge: string, options: Partial<Parameters<typeof digestMd5>[0]> = {}) {
  const exchange = await digestMd5({ username: 'bob', password: 'bobsecret', ...options }).start({ host: 'zk1' });
  expect(await exchange.step(EMPTY)).toEqual(EMPTY);
  const response = await exchange.step(bytes(challenge));
  const fields = new Map(parseDirectives(response ?? EMPTY).map(({ name, value }) => [name, value]));
  return { exchange, fields, text: Buffer.from(response ?? EMPTY).toString('latin1') };
}

function field(fields: Map<string, string>, name: string): string {
  return fields.get(name) ?? `no ${name}`;
}

/** What an honest server would prove, computed here a second time, straight from the RFC's formula. */
function serverProof(fields: Map<string, string>, password: string): string {
  const md5 = (...parts: (string | Buffer)[]) => {
    const hash = createHash('md5');
    for (const part of parts) hash.update(typeof part === 'string' ? Buffer.from(part, 'latin1') : part);
    return hash.digest();
  };
  const user = md5(`${field(fields, 'username')}:${field(fields, 'realm')}:${password}`);
  const a1 = md5(user, `:${field(fields, 'nonce')}:${field(fields, 'cnonce')}`).toString('hex');
  const a2 = md5(`:${field(fields, 'digest-uri')}`).toString('hex');
  return md5(`${a1}:${field(fields, 'nonce')}:00000001:${field(fields, 'cnonce')}:auth:${a2}`).toString('hex');
}

async function failure(promise: Promise<unknown>): Promise<ZkshError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ZkshError);
  return error as ZkshError;
}

describe('DIGEST-MD5', () => {
  it("computes the proofs of RFC 2831's example", () => {
    expect(digestResponse(RFC, 'client')).toBe('d388dad90d4bbd760a152321f2143af7');
    expect(digestResponse(RFC, 'server')).toBe('ea40f60335c427b5527b84dbabcdfffd');
  });

  it("reads the RFC's challenge and writes its response", () => {
    const challenge = 'realm="elwood.innosoft.com",nonce="OA6MG9tEQGm2hh",qop="auth",algorithm=md5-sess,charset=utf-8';
    expect(parseChallenge(bytes(challenge))).toEqual({ realms: [RFC.realm], nonce: RFC.nonce, utf8: true });
    const fields = Object.fromEntries(parseDirectives(encodeResponse(RFC)).map(({ name, value }) => [name, value]));
    expect(fields).toEqual({
      charset: 'utf-8',
      username: 'chris',
      realm: 'elwood.innosoft.com',
      nonce: 'OA6MG9tEQGm2hh',
      nc: '00000001',
      cnonce: 'OA6MHXh6VqTrRk',
      'digest-uri': 'imap/elwood.innosoft.com',
      maxbuf: '65536',
      response: 'd388dad90d4bbd760a152321f2143af7',
      qop: 'auth',
    });
  });

  it('speaks first with an empty token, uses the names ZooKeeper has hard-wired, and ends on a right proof', async () => {
    const { exchange, fields } = await answer(JAVA_CHALLENGE);
    expect(fields.get('digest-uri')).toBe('zookeeper/zk-sasl-md5');
    expect(fields.get('realm')).toBe('zk-sasl-md5');
    expect(exchange.complete).toBe(false);
    expect(await exchange.step(bytes(`rspauth=${serverProof(fields, 'bobsecret')}`))).toBeUndefined();
    expect(exchange.complete).toBe(true);
  });

  it('uses a fresh cnonce for every connection', async () => {
    const first = await answer(JAVA_CHALLENGE);
    const second = await answer(JAVA_CHALLENGE);
    expect(first.fields.get('cnonce')).not.toBe(second.fields.get('cnonce'));
  });

  it('never puts the password on the wire', async () => {
    expect((await answer(JAVA_CHALLENGE)).text).not.toContain('bobsecret');
  });

  it.each([
    ['a wrong proof', `rspauth=${'0'.repeat(32)}`],
    ['a short proof', 'rspauth=00'],
    ['no proof', ''],
    ['another message', 'realm="x"'],
    ['two proofs', `rspauth=${'0'.repeat(32)},rspauth=${'0'.repeat(32)}`],
  ])('does not trust a server that gives %s', async (_, proof) => {
    const { exchange } = await answer(JAVA_CHALLENGE);
    const error = await failure(exchange.step(bytes(proof)));
    expect(error).toMatchObject({ code: 'AUTH_FAILED', exitCode: 4 });
    expect(error.message).not.toContain('bobsecret');
    expect(exchange.complete).toBe(false);
  });

  it('says so when the server does not do SASL at all', async () => {
    const error = await failure(answer(''));
    expect(error.message).toBe('the server at zk1 does not do SASL');
    expect(error.hint).toContain('JAAS');
  });

  it.each([
    ['no nonce', 'realm="r",algorithm=md5-sess'],
    ['an empty nonce', 'nonce="",algorithm=md5-sess'],
    ['two nonces', 'nonce="a",nonce="b",algorithm=md5-sess'],
    ['no algorithm', 'nonce="a"'],
    ['another algorithm', 'nonce="a",algorithm=md5'],
    ['two algorithms', 'nonce="a",algorithm=md5-sess,algorithm=md5-sess'],
    ['another charset', 'nonce="a",charset=latin1,algorithm=md5-sess'],
    ['only a security layer', 'nonce="a",qop="auth-int,auth-conf",algorithm=md5-sess'],
    ['a maxbuf that is no number', 'nonce="a",maxbuf=many,algorithm=md5-sess'],
    ['a realm that is not UTF-8', 'realm="\xff\xfe",nonce="a",charset=utf-8,algorithm=md5-sess'],
    ['an open quote', 'nonce="a,algorithm=md5-sess'],
    ['a backslash at the end', 'nonce="a\\'],
    ['a control character', 'nonce="a\x00b",algorithm=md5-sess'],
    ['no equals sign', 'nonce'],
    ['no comma', 'nonce="a" algorithm=md5-sess'],
    ['no value', 'nonce=,algorithm=md5-sess'],
    ['an HTTP answer', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['a Kerberos token', '\x60\x82\x02\x6e\x06\x09\x2a\x86'],
    ['a huge challenge', `nonce="${'a'.repeat(2048)}",algorithm=md5-sess`],
  ])('refuses a challenge with %s', async (_, challenge) => {
    expect(await failure(answer(challenge))).toMatchObject({ code: 'AUTH_FAILED', exitCode: 4 });
  });

  it('takes what the RFC allows: empty list parts, spaces, any case, unknown directives, several qops', () => {
    const challenge =
      ' ,, Nonce = "a\\"\\\\b" ,foo="bar", QOP="auth-conf, AUTH",ALGORITHM=MD5-SESS,realm="1",realm=two ,';
    expect(parseChallenge(bytes(challenge))).toEqual({ nonce: 'a"\\b', realms: ['1', 'two'], utf8: false });
  });

  it('picks the realm asked for, else ZooKeeper’s own, else the first', async () => {
    const challenge = 'realm="one",realm="zk-sasl-md5",realm="two",nonce="n",algorithm=md5-sess';
    expect((await answer(challenge)).fields.get('realm')).toBe('zk-sasl-md5');
    expect((await answer(challenge, { realm: 'two' })).fields.get('realm')).toBe('two');
    expect((await answer('realm="one",realm="two",nonce="n",algorithm=md5-sess')).fields.get('realm')).toBe('one');
    expect((await answer('nonce="n",algorithm=md5-sess')).fields.has('realm')).toBe(false);
    expect((await failure(answer(challenge, { realm: 'three' }))).hint).toContain('"one", "zk-sasl-md5", "two"');
  });

  it('refuses a user or password the server has no charset for', async () => {
    const plain = 'nonce="n",algorithm=md5-sess';
    expect(await failure(answer(plain, { username: '日本' }))).toMatchObject({ code: 'AUTH_FAILED' });
    const error = await failure(answer(plain, { password: '秘密' }));
    expect(error.message).not.toContain('秘密');
    expect((await answer(plain, { username: 'é' })).text).toContain('username="\xe9"');
  });

  it('refuses an empty user name and tokens after the end', async () => {
    expect(() => digestMd5({ username: '', password: 'x' })).toThrow(/user name/);
    const { exchange, fields } = await answer(JAVA_CHALLENGE);
    await exchange.step(bytes(`rspauth=${serverProof(fields, 'bobsecret')}`));
    expect(await failure(exchange.step(EMPTY))).toMatchObject({ code: 'AUTH_FAILED' });
  });

  it('quotes any user name so that it reads back the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1 }), async (username) => {
        fc.pre(!/[\x00-\x1f\x7f]/.test(username) && username.isWellFormed());
        const { fields } = await answer(JAVA_CHALLENGE, { username });
        expect(Buffer.from(field(fields, 'username'), 'latin1').toString('utf8')).toBe(username);
      }),
    );
  });

  it('meets any bytes with a challenge read or AUTH_FAILED, nothing else', () => {
    const token = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.string({ unit: fc.constantFrom(...'nonce="\\,= abc\t\x00') }).map((text) => bytes(text)),
      fc.record({ at: fc.nat(JAVA_CHALLENGE.length), byte: fc.nat(255) }).map(({ at, byte }) => {
        const mutated = bytes(JAVA_CHALLENGE);
        mutated[at] = byte;
        return mutated;
      }),
    );
    fc.assert(
      fc.property(token, (message) => {
        try {
          expect(parseChallenge(message).nonce.length).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toMatchObject({ code: 'AUTH_FAILED', exitCode: 4 });
        }
      }),
      { numRuns: 2000 },
    );
  });
});
