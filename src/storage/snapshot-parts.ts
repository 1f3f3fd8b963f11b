import { type ByteStream, DamageError } from './byte-stream.ts';

/** Paths, schemes and ids are far shorter; a server bounds them by jute.maxbuffer. */
const MAX_STRING = 16 * 1024 * 1024;

/** Far more entries than one request could carry. */
const MAX_ACL = 1_000_000;

/** StatPersisted: what is kept of a znode's Stat. */
export interface PersistedStat {
  readonly czxid: bigint;
  readonly mzxid: bigint;
  /** Milliseconds since 1970. */
  readonly ctime: bigint;
  readonly mtime: bigint;
  readonly version: number;
  readonly cversion: number;
  readonly aversion: number;
  readonly ephemeralOwner: bigint;
  readonly pzxid: bigint;
}

export const STAT_BYTES = 60;

export function readStat(bytes: Buffer, at: number): PersistedStat {
  return {
    czxid: bytes.readBigInt64BE(at),
    mzxid: bytes.readBigInt64BE(at + 8),
    ctime: bytes.readBigInt64BE(at + 16),
    mtime: bytes.readBigInt64BE(at + 24),
    version: bytes.readInt32BE(at + 32),
    cversion: bytes.readInt32BE(at + 36),
    aversion: bytes.readInt32BE(at + 40),
    ephemeralOwner: bytes.readBigInt64BE(at + 44),
    pzxid: bytes.readBigInt64BE(at + 52),
  };
}

/** int count, (long id, int timeout in ms)*. */
export async function readSessions(stream: ByteStream, see: (id: bigint, timeout: number) => void): Promise<void> {
  // A negative count is none to a server.
  for (let left = (await stream.need(4)).readInt32BE(0); left > 0; left--) {
    const session = await stream.need(12);
    see(session.readBigInt64BE(0), session.readInt32BE(8));
  }
}

/** int count, (long key, vector of {int perms, string scheme, string id})*: ReferenceCountedACLCache. */
export async function readAcls(
  stream: ByteStream,
  see: (key: bigint, entries: readonly { perms: number; scheme: string; id: string }[]) => void,
): Promise<void> {
  for (let left = (await stream.need(4)).readInt32BE(0); left > 0; left--) {
    const at = stream.position;
    const key = (await stream.need(8)).readBigInt64BE(0);
    const count = (await stream.need(4)).readInt32BE(0);
    if (count < 0 || count > MAX_ACL) throw new DamageError(at, `an ACL of ${count} entries`);
    const entries = [];
    for (let index = 0; index < count; index++) {
      const perms = (await stream.need(4)).readInt32BE(0);
      entries.push({ perms, scheme: await readPath(stream), id: await readPath(stream) });
    }
    see(key, entries);
  }
}

/** A string. Bytes that are no UTF-8 become U+FFFD, as in Java. */
export async function readPath(stream: ByteStream): Promise<string> {
  const at = stream.position;
  const length = (await stream.need(4)).readInt32BE(0);
  if (length < 0 || length > MAX_STRING) throw new DamageError(at, `a string of ${length} bytes`);
  return (await stream.need(length)).toString('utf8');
}
