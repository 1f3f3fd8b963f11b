import { ByteStream, DamageError } from './byte-stream.ts';
import { type Compression, compressionOf, contentOf, looksValid } from './snapshot-content.ts';
import { type PersistedStat, readAcls, readPath, readSessions, readStat, STAT_BYTES } from './snapshot-parts.ts';
import type { StorageReader } from './storage-reader.ts';

// FileSnap: magic 'ZKSN', int version, long dbid, sessions, ACLs, (path, data, long acl, StatPersisted)*, path "/",
//   seal [digest, seal [long last zxid, seal]]; seal = long Adler-32 of all before it, string "/"

const MAGIC = Buffer.from('ZKSN');
const CONFIG_NODE = '/zookeeper/config';
/** Data of a znode that somebody wants to see is held in one piece up to this. */
const MAX_DATA = 64 * 1024 * 1024;

/** A znode as it stands in a snapshot. */
export interface SnapshotNode {
  /** The root's is empty. */
  readonly path: string;
  /** A view, good during the call only; null as ZooKeeper has it, undefined where it was not asked for. */
  readonly data: Buffer | null | undefined;
  readonly dataLength: number;
  /** The key of its ACL; -1 is open to all. */
  readonly acl: bigint;
  readonly stat: PersistedStat;
}

/** Who is shown what while a snapshot is read. */
export interface SnapshotVisitor {
  session?(id: bigint, timeout: number): void;
  acl?(key: bigint, entries: readonly { perms: number; scheme: string; id: string }[]): void;
  /** Whether a znode's data is to be held for `node`; else it is only summed up. */
  wantsData?(path: string): boolean;
  node?(node: SnapshotNode): void;
}

/** Where the content stops being a snapshot, in bytes of it unpacked, and why. */
interface SnapshotDamage {
  readonly offset: number;
  readonly reason: string;
}

/** What a snapshot holds. */
export interface Snapshot {
  readonly path: string;
  /** Bytes on disk. */
  readonly size: number;
  readonly compression: Compression;
  /** Whether a server would try it at all. */
  readonly plausible: boolean;
  readonly sessions: number;
  readonly acls: number;
  readonly nodes: number;
  readonly ephemerals: number;
  /** Bytes of data of all znodes. */
  readonly dataBytes: number;
  /** What /zookeeper/config holds; undefined where there is no such znode, as in those of 3.4. */
  readonly config: string | undefined;
  /** Since 3.6: what the tree summed up to at that zxid; 0 when it was not known. */
  readonly digest: { readonly zxid: bigint; readonly version: number; readonly value: bigint } | undefined;
  /** Since 3.9: the last transaction in it. */
  readonly lastZxid: bigint | undefined;
  /** Undefined when every byte was read and every checksum is right. */
  readonly damage: SnapshotDamage | undefined;
}

type Counts = { -readonly [K in keyof Snapshot]: Snapshot[K] };

/**
 * Reads a snapshot from beginning to end without building its tree, and checks it as a server that loads it does. Damage
 * is part of the answer; the counts then say how far it was good.
 *
 * @throws what the reader throws for a file that cannot be read
 */
export async function readSnapshot(
  reader: StorageReader,
  path: string,
  visitor: SnapshotVisitor = {},
): Promise<Snapshot> {
  const { size } = await reader.facts(path);
  const compression = compressionOf(path);
  const file = await reader.open(path);
  const counts: Counts = {
    ...{ path, size, compression, plausible: false, sessions: 0, acls: 0, nodes: 0, ephemerals: 0, dataBytes: 0 },
    ...{ config: undefined, digest: undefined, lastZxid: undefined, damage: undefined },
  };
  try {
    counts.plausible = await looksValid(file, size, compression);
    const stream = new ByteStream(contentOf(file, compression));
    try {
      await readContent(stream, visitor, counts);
    } catch (error) {
      if (!(error instanceof DamageError)) throw error;
      counts.damage = { offset: error.offset, reason: error.message };
    } finally {
      await stream.close();
    }
  } finally {
    await file.close();
  }
  return counts;
}

async function readContent(stream: ByteStream, visitor: SnapshotVisitor, counts: Counts): Promise<void> {
  const magic = await stream.need(4);
  if (!magic.equals(MAGIC)) throw new DamageError(0, 'it does not begin as a snapshot');
  await stream.need(12);
  await readSessions(stream, (id, timeout) => {
    counts.sessions += 1;
    visitor.session?.(id, timeout);
  });
  await readAcls(stream, (key, entries) => {
    counts.acls += 1;
    visitor.acl?.(key, entries);
  });
  await readNodes(stream, visitor, counts);
  await readSeal(stream);
  await readTrailers(stream, counts);
}

async function readNodes(stream: ByteStream, visitor: SnapshotVisitor, counts: Counts): Promise<void> {
  let previous: string | undefined;
  for (;;) {
    const at = stream.position;
    const path = await readPath(stream);
    if (path === '/') return;
    checkParent(path, previous, at);
    previous = path;
    const { data, dataLength } = await readData(stream, path === CONFIG_NODE || visitor.wantsData?.(path) === true);
    const fixed = await stream.need(8 + STAT_BYTES);
    const node = { path, data, dataLength, acl: fixed.readBigInt64BE(0), stat: readStat(fixed, 8) };
    counts.nodes += 1;
    counts.dataBytes += dataLength;
    if (isEphemeral(node.stat.ephemeralOwner)) counts.ephemerals += 1;
    if (path === CONFIG_NODE) counts.config = data?.toString('utf8') ?? '';
    visitor.node?.(node);
  }
}

/**
 * A tree is written parent before child (DataTree.serializeNode), so the parent of a znode is the one before it, or one
 * that it is under. A server refuses a znode whose parent it has not seen.
 */
function checkParent(path: string, previous: string | undefined, offset: number): void {
  if (path === '') return;
  const parent = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  const known = previous !== undefined && (previous === parent || previous.startsWith(`${parent}/`));
  if (!known) throw new DamageError(offset, `a znode without its parent: ${JSON.stringify(path.slice(0, 200))}`);
}

async function readData(
  stream: ByteStream,
  wanted: boolean,
): Promise<{ data: Buffer | null | undefined; dataLength: number }> {
  const at = stream.position;
  const length = (await stream.need(4)).readInt32BE(0);
  if (length === -1) return { data: null, dataLength: 0 };
  if (length < 0) throw new DamageError(at, `data of ${length} bytes`);
  // What is taken next may move what this is a view of: it is copied only for the few that are wanted.
  if (wanted && length <= MAX_DATA) return { data: Buffer.from(await stream.need(length)), dataLength: length };
  await stream.pass(length);
  return { data: undefined, dataLength: length };
}

async function readSeal(stream: ByteStream): Promise<void> {
  const at = stream.position;
  const sum = stream.checksum;
  const written = (await stream.need(8)).readBigInt64BE(0);
  await readPath(stream);
  if (written !== sum) throw new DamageError(at, `its checksum is ${written}, that of its content ${sum}`);
}

const LAST_ZXID_BYTES = 8 + 8 + 5;
const DIGEST_BYTES = 8 + 4 + 8 + 8 + 5;

/**
 * What newer releases write behind the first seal. Each piece can be switched off, so what is there is told by its size.
 * Nothing at all is right, too; a server takes an end in the middle of a piece for an older snapshot.
 */
async function readTrailers(stream: ByteStream, counts: Counts): Promise<void> {
  await stream.has(DIGEST_BYTES + LAST_ZXID_BYTES + 1);
  if (stream.ready >= DIGEST_BYTES || (stream.ready > 0 && stream.ready !== LAST_ZXID_BYTES)) {
    const zxid = (await stream.need(8)).readBigInt64BE(0);
    const version = (await stream.need(4)).readInt32BE(0);
    // The first form of it was a hexadecimal text; its only release was a preview.
    const value = version < 2 ? hexadecimal(await readPath(stream)) : (await stream.need(8)).readBigInt64BE(0);
    counts.digest = { zxid, version, value };
    await readSeal(stream);
  }
  if (!(await stream.has(1))) return;
  counts.lastZxid = (await stream.need(8)).readBigInt64BE(0);
  await readSeal(stream);
}

function hexadecimal(text: string): bigint {
  return /^[0-9a-f]{1,16}$/i.test(text) ? BigInt.asIntN(64, BigInt(`0x${text}`)) : 0n;
}

const CONTAINER = -(2n ** 63n);
const TTL = 0xffn;

/** 0 is persistent; containers and znodes with a time to live hide in the same field (EphemeralType). */
function isEphemeral(owner: bigint): boolean {
  return owner !== 0n && owner !== CONTAINER && BigInt.asUintN(64, owner) >> 56n !== TTL;
}
