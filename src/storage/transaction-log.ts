import { JuteReader } from '../jute/reader.ts';
import { adler32 } from './adler32.ts';
import { ByteStream } from './byte-stream.ts';
import { chunksOf, type StorageReader } from './storage-reader.ts';
import { TxnHeader, transactionName } from './transactions.ts';

// FileTxnLog: magic 'ZKLG', int version, long dbid,
//   (long Adler-32 of the entry, int length, entry = TxnHeader record [TxnDigest], byte 'B')*, zeros to the end

const MAGIC = Buffer.from('ZKLG');
const HEADER = 16;
const ENTRY_HEAD = 12;
const END_MARK = 0x42;
/** A transaction is at most a few jute.maxbuffer (1 MiB by default); what claims to be more is damage. */
const MAX_ENTRY = 128 * 1024 * 1024;
/** jute.maxbuffer and what is allowed beyond it by default: servers refuse what claims more before they read it. */
const USUAL_ENTRY = 0xfffff + 1024;

/** A transaction where it stands. The body, what follows the header, is a view that is good during the call only. */
export interface LoggedTransaction {
  readonly header: TxnHeader;
  readonly body: Buffer;
  /** Of its checksum, in bytes from the beginning of the file. */
  readonly offset: number;
}

/**
 * How a log ends. `whole`: at the end of the file or in the zeros that a server writes in advance. `cut`: in the middle
 * of a transaction, as a crash leaves it; every server takes that for the end and goes on. `corrupt`: at something that
 * is no transaction; no server starts with it.
 */
interface LogEnd {
  readonly kind: 'whole' | 'cut' | 'corrupt';
  /** Of the first byte behind the last good transaction. */
  readonly offset: number;
  /** What is wrong there; absent for `whole`. */
  readonly reason?: string;
  /** Where behind it there are bytes that no server reads any more, when there are. */
  readonly leftover?: number;
}

/** What a log holds. */
export interface TransactionLog {
  readonly path: string;
  /** Bytes on disk, the zeros included. */
  readonly size: number;
  /** Version of the format, 2 since 3.0, and a database id that is always 0; absent where the file has none. */
  readonly format: { readonly version: number; readonly dbid: bigint } | undefined;
  readonly transactions: number;
  readonly first: TxnHeader | undefined;
  readonly last: TxnHeader | undefined;
  readonly end: LogEnd;
}

/**
 * Reads a log from beginning to end with bounded memory. Damage is part of the answer, not an error.
 *
 * @param see called with every good transaction, in the order they stand
 * @throws what the reader throws for a file that cannot be read
 */
export async function readTransactionLog(
  reader: StorageReader,
  path: string,
  see: (transaction: LoggedTransaction) => void = () => undefined,
): Promise<TransactionLog> {
  const { size } = await reader.facts(path);
  const file = await reader.open(path);
  const stream = new ByteStream(chunksOf(file));
  const log = { path, size, format: undefined, transactions: 0, first: undefined, last: undefined };
  try {
    const format = await readFormat(stream);
    if ('kind' in format) return { ...log, end: format };
    return { ...log, format, ...(await readEntries(stream, see)) };
  } finally {
    await stream.close();
    await file.close();
  }
}

async function readFormat(stream: ByteStream): Promise<{ version: number; dbid: bigint } | LogEnd> {
  if (!(await stream.has(HEADER))) {
    const what = stream.ready === 0 ? 'the file is empty' : `the file ends after ${stream.ready} bytes, in its header`;
    return { kind: 'corrupt', offset: 0, reason: what };
  }
  const header = stream.take(HEADER);
  if (!header.subarray(0, 4).equals(MAGIC)) {
    return { kind: 'corrupt', offset: 0, reason: 'it does not begin as a transaction log' };
  }
  return { version: header.readInt32BE(4), dbid: header.readBigInt64BE(8) };
}

async function readEntries(
  stream: ByteStream,
  see: (transaction: LoggedTransaction) => void,
): Promise<Pick<TransactionLog, 'transactions' | 'first' | 'last' | 'end'>> {
  let transactions = 0;
  let first: TxnHeader | undefined;
  let last: TxnHeader | undefined;
  const jute = new JuteReader(Buffer.alloc(0));
  for (;;) {
    const offset = stream.position;
    // Most of the time the next entry is at hand: waiting for it would cost more than reading it.
    if (stream.ready < ENTRY_HEAD) await stream.has(ENTRY_HEAD);
    const size = claimedSize(stream);
    if (stream.ready < size) await stream.has(size);
    const found = takeEntry(stream);
    if (!Buffer.isBuffer(found)) {
      const { kind, reason } = found;
      const told = reason === undefined ? {} : { reason };
      return { transactions, first, last, end: { kind, offset, ...told, ...(await leftoverOf(stream, found)) } };
    }
    jute.open(found);
    const header = TxnHeader.read(jute);
    if (transactionName(header.type) === undefined) {
      const reason = `transactions of type ${header.type} are not known`;
      return { transactions, first, last, end: { kind: 'corrupt', offset, reason } };
    }
    transactions += 1;
    first ??= header;
    last = header;
    see({ header, body: found.subarray(TxnHeader.minBytes), offset });
  }
}

/** How a log ends there, and how many bytes belong to what stands there. */
type Ending = Pick<LogEnd, 'kind' | 'reason'> & { readonly piece: number };

/** How many bytes the next entry says it takes; 0 when that makes no sense. */
function claimedSize(stream: ByteStream): number {
  const length = stream.ready < ENTRY_HEAD ? 0 : stream.peek(ENTRY_HEAD).readInt32BE(8);
  return length <= 0 || length > MAX_ENTRY ? 0 : ENTRY_HEAD + length + 1;
}

/** The next entry, or how the log ends there, as FileTxnIterator.next and Util.readTxnBytes judge it. */
function takeEntry(stream: ByteStream): Buffer | Ending {
  if (stream.ready < ENTRY_HEAD) {
    const rest = stream.peek(stream.ready);
    return isZero(rest) ? { kind: 'whole', piece: 0 } : cut('the file ends in the head of a transaction', rest.length);
  }
  const head = stream.peek(ENTRY_HEAD);
  const checksum = head.readBigInt64BE(0);
  const length = head.readInt32BE(8);
  if (length === 0) {
    return checksum === 0n ? { kind: 'whole', piece: 0 } : cut('a checksum with nothing behind it', ENTRY_HEAD);
  }
  // Java's null buffer, which the server takes for the end of the file, too.
  if (length === -1) return cut('a transaction of length -1', ENTRY_HEAD);
  if (length < 0 || length > MAX_ENTRY) return corrupt(`a transaction of ${length} bytes`);
  const all = ENTRY_HEAD + length + 1;
  const broken = stream.ready < all || stream.peek(all)[all - 1] !== END_MARK;
  // A large one that is whole was written with a larger jute.maxbuffer; a broken one is no length at all.
  if (broken && length > USUAL_ENTRY) return corrupt(`a transaction of ${length} bytes`);
  if (stream.ready < all) return cut(`the file ends in a transaction of ${length} bytes`, stream.ready);
  const whole = stream.peek(all);
  const entry = whole.subarray(ENTRY_HEAD, ENTRY_HEAD + length);
  if (whole[all - 1] !== END_MARK) return cut(`a transaction of ${length} bytes without its end mark`, all);
  if (checksum !== BigInt(adler32(1, entry))) return corrupt('a transaction whose checksum is wrong');
  if (length < TxnHeader.minBytes) return cut(`a transaction of ${length} bytes has no room for its header`, all);
  stream.take(all);
  return entry;
}

function cut(reason: string, piece: number): Ending {
  return { kind: 'cut', reason, piece };
}

function corrupt(reason: string): Ending {
  return { kind: 'corrupt', reason, piece: 0 };
}

/** The first byte behind the end that is not one of the zeros written in advance. */
async function leftoverOf(stream: ByteStream, { kind, piece }: Ending): Promise<{ leftover?: number }> {
  if (kind === 'corrupt') return {};
  await stream.pass(piece);
  while (await stream.has(1)) {
    const base = stream.position;
    const bytes = stream.take(stream.ready);
    if (!isZero(bytes)) return { leftover: base + bytes.findIndex((byte) => byte !== 0) };
  }
  return {};
}

const ZEROS = Buffer.alloc(256 * 1024);

function isZero(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += ZEROS.length) {
    const piece = bytes.subarray(at, at + ZEROS.length);
    if (!piece.equals(ZEROS.subarray(0, piece.length))) return false;
  }
  return true;
}
