/** Deeper than any key store goes; a limit so that a crafted file can't exhaust the stack. */
const MAX_DEPTH = 64;

export const Tag = {
  integer: 0x02,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
  /** [0], constructed. */
  context0: 0xa0,
} as const;

/** One tag-length-value of a BER or DER encoding; `content` and `raw` (header included) are views, nothing is copied. */
export interface DerNode {
  readonly tag: number;
  readonly raw: Buffer;
  readonly content: Buffer;
}

/** The bytes are not the ASN.1 they should be. Callers turn it into an error that names the file. */
export class DerError extends Error {}

/** Reads the one value that starts `bytes`; what follows is ignored, as Java's key stores do. */
export function readDer(bytes: Buffer): DerNode {
  return readNode(bytes, 0, 0).node;
}

/** The values inside a constructed value. */
export function children(parent: DerNode): DerNode[] {
  const nodes: DerNode[] = [];
  for (let at = 0; at < parent.content.length; ) {
    const { node, next } = readNode(parent.content, at, 0);
    nodes.push(node);
    at = next;
  }
  return nodes;
}

/** The child at `index`, which must have `tag`. */
export function child(parent: DerNode, index: number, tag: number): DerNode {
  const node = children(parent)[index];
  if (node?.tag !== tag) throw new DerError(`expected tag ${tag} at ${index}, found ${node?.tag ?? 'nothing'}`);
  return node;
}

/** The bytes of an OCTET STRING; BER encoders such as Bouncy Castle's may split one into many. */
export function octets(node: DerNode): Buffer {
  const base = node.tag & ~0x20;
  if (base !== Tag.octetString && base !== 0x80) throw new DerError(`expected an octet string, found tag ${node.tag}`);
  return (node.tag & 0x20) === 0 ? node.content : Buffer.concat(children(node).map(octets));
}

/** The octet string that is the child at `index`. */
export function octetsAt(parent: DerNode, index: number): Buffer {
  const node = children(parent)[index];
  if (node === undefined) throw new DerError(`nothing at ${index}`);
  return octets(node);
}

/** A non-negative INTEGER that fits 31 bits: the counts and versions of key stores. */
export function smallInteger(node: DerNode): number {
  const { tag, content } = node;
  if (tag !== Tag.integer || content.length === 0 || content.length > 4 || content.readInt8(0) < 0) {
    throw new DerError('expected a small integer');
  }
  return content.readUIntBE(0, content.length);
}

/** An OBJECT IDENTIFIER in dotted form. */
export function oid(node: DerNode): string {
  if (node.tag !== Tag.oid || node.content.length === 0) throw new DerError('expected an object identifier');
  const arcs: number[] = [];
  let arc = 0;
  for (const byte of node.content) {
    arc = arc * 128 + (byte & 0x7f);
    if (!Number.isSafeInteger(arc)) throw new DerError('object identifier out of range');
    if ((byte & 0x80) === 0) {
      arcs.push(arc);
      arc = 0;
    }
  }
  const [first = 0, ...rest] = arcs;
  const root = Math.min(Math.floor(first / 40), 2);
  return [root, first - root * 40, ...rest].join('.');
}

function readNode(bytes: Buffer, at: number, depth: number): { node: DerNode; next: number } {
  const tag = bytes[at];
  const first = bytes[at + 1];
  if (tag === undefined || first === undefined) throw new DerError('cut off');
  if ((tag & 0x1f) === 0x1f) throw new DerError('a tag of many bytes');
  if (first === 0x80) return readIndefinite(bytes, at, tag, depth);
  let length = first;
  let start = at + 2;
  if (first > 0x80) {
    const size = first & 0x7f;
    if (size > 4 || start + size > bytes.length) throw new DerError('a length out of range');
    length = bytes.readUIntBE(start, size);
    start += size;
  }
  const end = start + length;
  if (end > bytes.length) throw new DerError('cut off');
  return { node: { tag, raw: bytes.subarray(at, end), content: bytes.subarray(start, end) }, next: end };
}

/** BER's indefinite length: values until two zero bytes. */
function readIndefinite(bytes: Buffer, from: number, tag: number, depth: number): { node: DerNode; next: number } {
  if ((tag & 0x20) === 0 || depth > MAX_DEPTH) throw new DerError('an indefinite length out of place');
  const start = from + 2;
  let at = start;
  while (bytes[at] !== 0 || bytes[at + 1] !== 0) at = readNode(bytes, at, depth + 1).next;
  return { node: { tag, raw: bytes.subarray(from, at + 2), content: bytes.subarray(start, at) }, next: at + 2 };
}
