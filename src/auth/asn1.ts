import type * as forge from 'node-forge';

export type Forge = typeof forge;
export type Asn1 = forge.asn1.Asn1;

/** The types of node-forge 1.3 know no options. */
type FromDer = (bytes: string, options: boolean | { parseAllBytes: boolean; decodeBitStrings: boolean }) => Asn1;

export async function loadForge(): Promise<Forge> {
  const { default: forge } = await import('node-forge');
  return forge;
}

/**
 * Reads the one DER or BER value that starts `bytes`; what follows is ignored, as Java's key stores do.
 *
 * @throws Error when the bytes are no ASN.1.
 */
export function parseAsn1(forge: Forge, bytes: Buffer): Asn1 {
  const fromDer = forge.asn1.fromDer as FromDer;
  return joinStrings(forge, fromDer(bytes.toString('latin1'), { parseAllBytes: false, decodeBitStrings: false }));
}

/** BER encoders such as Bouncy Castle's split octet strings into many, and forge only decrypts whole ones. */
export function joinStrings(forge: Forge, node: Asn1): Asn1 {
  if (typeof node.value === 'string') return node;
  const { Class, Type } = forge.asn1;
  const parts = node.value.map((part) => joinStrings(forge, part));
  const isString = node.tagClass === Class.UNIVERSAL && node.type === Type.OCTETSTRING;
  if (!isString) return { ...node, value: parts };
  return forge.asn1.create(node.tagClass, node.type, false, parts.map(contentOf).join(''));
}

/** The values inside a constructed value. */
export function children(node: Asn1): Asn1[] {
  if (typeof node.value === 'string') throw new RangeError('an ASN.1 value holds no others');
  return node.value;
}

/** The value that a walk down from `node` ends at: `at(node, 1, 0)` is the first in its second. */
export function at(node: Asn1, ...path: number[]): Asn1 {
  let found = node;
  for (const index of path) {
    const next = children(found)[index];
    if (next === undefined) throw new RangeError(`nothing at ${index} in an ASN.1 value`);
    found = next;
  }
  return found;
}

/** The bytes of a primitive value, one character for each as forge has them; those of a split string, joined. */
export function contentOf(node: Asn1): string {
  return typeof node.value === 'string' ? node.value : node.value.map(contentOf).join('');
}

export function bytesOf(node: Asn1): Buffer {
  return Buffer.from(contentOf(node), 'latin1');
}

/** An OBJECT IDENTIFIER in dotted form. */
export function oidOf(forge: Forge, node: Asn1): string {
  if (node.type !== forge.asn1.Type.OID) throw new RangeError('expected an object identifier');
  return forge.asn1.derToOid(contentOf(node));
}

/** The largest INTEGER anywhere within a value, 0 when there is none. */
export function largestInteger(forge: Forge, node: Asn1): number {
  if (typeof node.value !== 'string') return Math.max(0, ...node.value.map((part) => largestInteger(forge, part)));
  const { Class, Type, derToInteger } = forge.asn1;
  return node.tagClass === Class.UNIVERSAL && node.type === Type.INTEGER ? derToInteger(node.value) : 0;
}
