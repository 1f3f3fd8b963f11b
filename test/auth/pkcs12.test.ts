import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import forge from 'node-forge';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStore } from '../../src/auth/store.ts';
import { Material, PASSWORD, STORE_PASSWORD } from './material.ts';

let made: Material;

beforeAll(async () => {
  made = await Material.create();
  await made.authority('ca');
  await exportStore('der', STORE_PASSWORD);
});
afterAll(() => made?.remove());

async function exportStore(name: string, password: string, ...options: string[]): Promise<void> {
  await made.openssl(
    ...['pkcs12', '-export', '-in', 'ca.pem', '-inkey', 'ca.key', '-out', `${name}.p12`],
    ...['-passout', `pass:${password}`, ...options],
  );
}

const read = (name: string, password: string, wantKeys = true, keyPassword?: string) =>
  readStore(made.path(`${name}.p12`), { password, keyPassword }, { wantKeys });

const whole = { kind: 'PKCS12', keys: { length: 1 }, certificates: { length: 1 } };

describe('a PKCS12 store in BER, as Bouncy Castle writes it', () => {
  /** Every constructed value with an indefinite length, every octet string in two pieces. */
  function toBer(node: forge.asn1.Asn1): Buffer {
    const end = Buffer.from([0, 0]);
    const { Class, Type } = forge.asn1;
    if (typeof node.value !== 'string') {
      const tag = node.tagClass | node.type | 0x20;
      return Buffer.concat([Buffer.from([tag, 0x80]), ...node.value.map(toBer), end]);
    }
    if (node.tagClass !== Class.UNIVERSAL || node.type !== Type.OCTETSTRING) return derOf(node);
    const half = node.value.length >> 1;
    const pieces = [node.value.slice(0, half), node.value.slice(half)].map((piece) =>
      derOf(forge.asn1.create(Class.UNIVERSAL, Type.OCTETSTRING, false, piece)),
    );
    return Buffer.concat([Buffer.from([0x24, 0x80]), ...pieces, end]);
  }

  const derOf = (node: forge.asn1.Asn1) => Buffer.from(forge.asn1.toDer(node).getBytes(), 'latin1');

  it('is read like one in DER', async () => {
    const ber = toBer(forge.asn1.fromDer(await readFile(made.path('der.p12'), 'latin1')));
    await writeFile(made.path('ber.p12'), ber);
    // OpenSSL agrees that it is a PKCS12 store.
    execFileSync('openssl', ['pkcs12', '-in', made.path('ber.p12'), '-noout', '-passin', `pass:${STORE_PASSWORD}`]);
    expect(await read('ber', STORE_PASSWORD)).toMatchObject(whole);
  });
});

describe('a PKCS12 store', () => {
  it.each<[string, string[]]>([
    ['in the legacy form', ['-legacy']],
    ['without a MAC', ['-nomac']],
    ['with AES 128 and a SHA-512 MAC', ['-keypbe', 'AES-128-CBC', '-certpbe', 'AES-128-CBC', '-macalg', 'sha512']],
    ['with nothing encrypted', ['-keypbe', 'NONE', '-certpbe', 'NONE']],
  ])('%s opens with a password beyond ASCII', async (_, options) => {
    await exportStore('made', PASSWORD, ...options);
    expect(await read('made', PASSWORD)).toMatchObject(whole);
  });

  it('may have bytes after it, which Java ignores too', async () => {
    await writeFile(made.path('longer.p12'), Buffer.concat([await readFile(made.path('der.p12')), Buffer.from('\n')]));
    expect(await read('longer', STORE_PASSWORD)).toMatchObject(whole);
  });

  it('does not open with a wrong password, with or without a MAC', async () => {
    await exportStore('no-mac', STORE_PASSWORD, '-nomac');
    // A wrong password decrypts to noise whose end may look like padding; several passwords meet that, too.
    const passwords = Array.from({ length: 8 }, (_, i) => `wrong${i}`);
    for (const [name, password] of [['der', 'wrong'], ...passwords.map((wrong) => ['no-mac', wrong])] as const) {
      await expect(read(name!, password!)).rejects.toMatchObject({ code: 'TLS_STORE_PASSWORD' });
    }
  });

  it('keeps the key’s own password apart', async () => {
    await expect(read('der', STORE_PASSWORD, true, 'wrong')).rejects.toThrow(/does not open the private key in/);
    expect(await read('der', STORE_PASSWORD, false, 'wrong')).toMatchObject({ keys: [], certificates: { length: 1 } });
  });

  it('is refused with its cipher’s name when that is unknown', async () => {
    await exportStore('camellia', STORE_PASSWORD, '-certpbe', 'CAMELLIA-128-CBC');
    const refused = read('camellia', STORE_PASSWORD);
    await expect(refused).rejects.toMatchObject({ code: 'TLS_STORE', hint: expect.stringContaining('keytool') });
    await expect(refused).rejects.toThrow(/an algorithm that zksh does not read: .*1\.2\.392\.200011\.61\.1\.1\.1\.2/);
  });

  it('is refused when opening it would take minutes', async () => {
    await exportStore('slow', STORE_PASSWORD, '-nomac', '-iter', '2000000');
    await expect(read('slow', STORE_PASSWORD)).rejects.toMatchObject({ code: 'TLS_STORE' });
  });
});
