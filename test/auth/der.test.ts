import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { children, DerError, type DerNode, octets, oid, readDer, smallInteger, Tag } from '../../src/auth/der.ts';
import { readStore } from '../../src/auth/store.ts';
import { Material, STORE_PASSWORD } from './material.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('DER', () => {
  it('is read into tags and contents', () => {
    const node = readDer(hex('30 0b 02 01 03 06 06 2a 86 48 86 f7 0d ff ff'));
    const [three, id] = children(node);
    expect(node.content).toHaveLength(11);
    expect(three && smallInteger(three)).toBe(3);
    expect(id && oid(id)).toBe('1.2.840.113549');
  });

  it('may have long and indefinite lengths, and octet strings in pieces', () => {
    const node = readDer(hex('30 80 24 80 04 01 61 04 81 02 62 63 00 00 00 00'));
    expect(children(node).map((piece) => octets(piece).toString())).toEqual(['abc']);
  });

  it.each([
    ['nothing', ''],
    ['a cut-off value', '04 05 00'],
    ['a length of five bytes', '04 85 00 00 00 00 01 00'],
    ['a length beyond the end', '04 84 ff ff ff ff'],
    ['an indefinite primitive', '04 80 00 00'],
    ['an indefinite value without end', '30 80 02 01 00'],
    ['a tag of many bytes', '1f 81 00 00'],
  ])('is refused when it is %s', (_, bytes) => {
    expect(() => readDer(hex(bytes))).toThrow(DerError);
  });

  it('of any bytes is a value or a DerError', () => {
    const walk = (node: DerNode): void => {
      if ((node.tag & 0x20) !== 0) children(node).forEach(walk);
    };
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .array(fc.constantFrom(0x30, 0x80, 0x24, 0x04, 0, 1, 2, 5), { maxLength: 400 })
        .map((all) => Uint8Array.from(all)),
    );
    fc.assert(
      fc.property(bytes, (input) => {
        try {
          walk(readDer(Buffer.from(input)));
        } catch (error) {
          expect(error).toBeInstanceOf(DerError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe('a PKCS12 store in BER, as Bouncy Castle writes it', () => {
  let made: Material;
  beforeAll(async () => {
    made = await Material.create();
    await made.authority('ca');
    await made.openssl(
      ...['pkcs12', '-export', '-in', 'ca.pem', '-inkey', 'ca.key', '-out', 'der.p12'],
      ...['-passout', `pass:${STORE_PASSWORD}`],
    );
  });
  afterAll(() => made?.remove());

  /** Every constructed value with an indefinite length, every octet string in two pieces. */
  function toBer(node: DerNode): Buffer {
    const end = Buffer.from([0, 0]);
    if (node.tag === Tag.octetString) {
      const half = node.content.length >> 1;
      const pieces = [node.content.subarray(0, half), node.content.subarray(half)].map((piece) => {
        return Buffer.concat([Buffer.from([Tag.octetString, 0x82, piece.length >> 8, piece.length & 0xff]), piece]);
      });
      return Buffer.concat([Buffer.from([0x24, 0x80]), ...pieces, end]);
    }
    if ((node.tag & 0x20) === 0) return node.raw;
    return Buffer.concat([Buffer.from([node.tag, 0x80]), ...children(node).map(toBer), end]);
  }

  it('is read like one in DER', async () => {
    const ber = toBer(readDer(await readFile(made.path('der.p12'))));
    await writeFile(made.path('ber.p12'), ber);
    // OpenSSL agrees that it is a PKCS12 store.
    execFileSync('openssl', ['pkcs12', '-in', made.path('ber.p12'), '-noout', '-passin', `pass:${STORE_PASSWORD}`]);
    const store = await readStore(made.path('ber.p12'), { password: STORE_PASSWORD }, { wantKeys: true });
    expect(store).toMatchObject({ kind: 'PKCS12', keys: { length: 1 }, certificates: { length: 1 } });
  });
});
