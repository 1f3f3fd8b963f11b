import { join } from 'node:path';
import { type DataFileName, epochOf } from './file-names.ts';
import { type StorageReader, type Unreadable, whyUnreadable } from './storage-reader.ts';
import { readTransactionLog, type TransactionLog } from './transaction-log.ts';
import { decodeTransaction, RECONFIG, type TxnHeader } from './transactions.ts';

/** Transactions that should be in the logs and are not. */
interface Gap {
  /** The last one before, which may be the snapshot's. */
  readonly after: bigint;
  readonly before: bigint;
  /** How many are missing; undefined across epochs, where that can't be told. */
  readonly missing: bigint;
  readonly path: string;
}

/** What a server plays back after it has loaded its snapshot. */
export interface History {
  /** The logs it reads, in order: the last that begins at or before the snapshot, and all after it. */
  readonly logs: readonly TransactionLog[];
  /** How many transactions it plays back. */
  readonly transactions: number;
  readonly last: TxnHeader | undefined;
  /** What the last reconfiguration among them wrote to /zookeeper/config. */
  readonly config: string | undefined;
  readonly gaps: readonly Gap[];
  /** The headers of the last transactions in these logs, at most {@link KEPT}: two members' can be compared. */
  readonly recent: readonly TxnHeader[];
}

const KEPT = 2000;
const MAX_GAPS = 100;

/**
 * Reads the logs that a server reads, FileTxnIterator's way.
 *
 * @param from the zxid of the snapshot it has loaded
 */
export async function readHistory(
  reader: StorageReader,
  directory: string,
  names: readonly DataFileName[],
  from: bigint | undefined,
  unreadable: Unreadable[],
): Promise<History> {
  const first = names.findLastIndex(({ zxid }) => zxid <= (from ?? 0n));
  const playback = createPlayback(from);
  const logs: TransactionLog[] = [];
  for (const { name } of names.slice(Math.max(0, first))) {
    const path = join(directory, name);
    try {
      logs.push(await readTransactionLog(reader, path, ({ header, body }) => playback.see(header, body, path)));
    } catch (error) {
      unreadable.push({ path, why: whyUnreadable(error) });
    }
    // A server that meets this does not start: what stands behind it is not played back.
    if (logs.at(-1)?.end.kind === 'corrupt') break;
  }
  return { logs, ...playback.result() };
}

interface Playback {
  see(header: TxnHeader, body: Buffer, path: string): void;
  result(): Omit<History, 'logs'>;
}

function createPlayback(from: bigint | undefined): Playback {
  let transactions = 0;
  let last: TxnHeader | undefined;
  let config: string | undefined;
  const gaps: Gap[] = [];
  let recent: TxnHeader[] = [];
  let highest = from ?? 0n;
  return {
    see: (header, body, path) => {
      recent.push(header);
      if (recent.length >= 2 * KEPT) recent = recent.slice(-KEPT);
      if (from !== undefined && header.zxid <= from) return;
      const missing = missingBetween(highest, header.zxid);
      if (missing > 0n && gaps.length < MAX_GAPS) gaps.push({ after: highest, before: header.zxid, missing, path });
      transactions += 1;
      if (header.zxid >= highest) {
        highest = header.zxid;
        last = header;
      }
      if (header.type === RECONFIG) config = configIn(body) ?? config;
    },
    result: () => ({ transactions, last, config, gaps, recent: recent.slice(-KEPT) }),
  };
}

/**
 * Every transaction gets the next zxid and every one is logged, failed ones too. The first of an epoch has counter 1; how
 * many there were in the epoch before cannot be seen.
 */
function missingBetween(before: bigint, after: bigint): bigint {
  const expected = epochOf(before) === epochOf(after) ? before + 1n : (epochOf(after) << 32n) + 1n;
  return after - expected;
}

function configIn(body: Buffer): string | undefined {
  try {
    const { data } = decodeTransaction(RECONFIG, body).fields as { data?: Buffer | null };
    return data === undefined || data === null ? undefined : Buffer.from(data).toString('utf8');
  } catch {
    // Its checksum was right, so no server reads it any better; the configuration before it stands.
    return undefined;
  }
}
