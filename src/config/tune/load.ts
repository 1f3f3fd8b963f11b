import { memorySize, snapshotSize } from '../live/load.ts';
import { HEAP_BASE, HEAP_FACTOR, TRANSFER_RATE } from '../rules/live.ts';
import { bytes, rate } from './amounts.ts';
import { decided, type Proposal, type TuneInput, undecided } from './proposal.ts';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
/** Snapshots closer than this, in seconds, keep the disk from the log. */
const SNAPSHOT_INTERVAL = 300;
const LOG_AHEAD_SECONDS = 5;
const LARGEST_SNAP_COUNT = 5_000_000;
const DAY = 86_400;

/** Connections of one address, against the busiest. */
export function maxClientCnxns(input: TuneInput): Proposal {
  const { busiest } = input.worst;
  if (busiest === undefined) return undecided(input, 'maxClientCnxns', 'no member tells its connections');
  const now = input.now('maxClientCnxns')?.number;
  const proposed = Math.max(60, Math.ceil((3 * busiest) / 10) * 10);
  const fine = now !== undefined && now > 0 && now >= 2 * busiest && now >= 10;
  return decided(input, {
    key: 'maxClientCnxns',
    proposed: fine ? undefined : proposed,
    formula: `3 × ${busiest} of the busiest address, 60 at least = ${proposed}`,
    why: 'it keeps one client from taking all, and leaves room to connect anew elsewhere',
  });
}

/** Requests that wait, against those that did. */
export function globalOutstandingLimit(input: TuneInput): Proposal {
  const key = 'globalOutstandingLimit';
  const { outstanding } = input.worst;
  const now = input.now(key)?.number;
  if (outstanding === undefined) return undecided(input, key, 'no member tells what is outstanding');
  const limit = now ?? 1000;
  const held = 2 * limit * (input.worst.largestProposal ?? 1024);
  const fits = input.heap === undefined || held < input.heap / 10;
  const raise = 2 * outstanding > limit && fits;
  return decided(input, {
    key,
    proposed: raise ? 2 * limit : undefined,
    formula: `${outstanding} outstanding of ${limit}; ${2 * limit} would hold ${bytes(held)} at most${fits ? '' : ', over a tenth of the heap'}`,
    why: 'over it a server stops reading from clients: raised only where more than half was in use',
    missing: [...(input.heap === undefined ? ['the heap of the JVM'] : [])],
  });
}

/** Transactions from snapshot to snapshot, against writes and size. */
export function snapCount(input: TuneInput): Proposal {
  const { writes } = input.measured;
  const { dataSize, znodes } = input.worst;
  if (writes === undefined) return undecided(input, 'snapCount', 'no zxid was told twice in one epoch');
  const size = snapshotSize({ dataSize: dataSize ?? 0, znodes }) ?? 0;
  const interval = Math.max(SNAPSHOT_INTERVAL, (10 * size) / TRANSFER_RATE / 1000);
  const needed = Math.min(LARGEST_SNAP_COUNT, Math.ceil((writes * interval) / 10_000) * 10_000);
  const now = input.now('snapCount')?.number;
  const least = Math.max(100_000, needed);
  return decided(input, {
    key: 'snapCount',
    proposed: now === undefined || now < Math.max(1000, needed) || now > LARGEST_SNAP_COUNT ? least : undefined,
    formula: `${rate(writes, 'transactions')} × ${Math.round(interval)} s, ${size === 0 ? '' : `ten times what ${bytes(size)} take to write, `}${SNAPSHOT_INTERVAL} s at least = ${Math.round(writes * interval)}`,
    why: 'snapshots should not follow each other so closely that the log waits for them',
    missing: [...(dataSize === undefined ? ['the size of the data'] : [])],
  });
}

/** Growth of the log, against the bytes that come in. */
export function preAllocSize(input: TuneInput): Proposal {
  const { bytesIn } = input.worst;
  const now = input.now('preAllocSize')?.number;
  if (bytesIn === undefined)
    return undecided(input, 'preAllocSize', 'bytes are not counted before 3.6, or nobody told them');
  const needed = LOG_AHEAD_SECONDS * bytesIn;
  const proposed = Math.max(65_536, 2 ** Math.ceil(Math.log2(Math.max(1, needed / 1024))));
  return decided(input, {
    key: 'preAllocSize',
    proposed: now === undefined || now * 1024 < needed ? proposed : undefined,
    formula: `${LOG_AHEAD_SECONDS} s × ${bytes(bytesIn)}/s of requests = ${bytes(needed)}`,
    why: 'the log grows by so much at a time, and each time the disk writes its metadata, too',
  });
}

/** Hours between purges, against what is written. */
export function purgeInterval(input: TuneInput): Proposal {
  const key = 'autopurge.purgeInterval';
  const { writes } = input.measured;
  const { dataSize, znodes, bytesIn } = input.worst;
  const now = input.now(key)?.number;
  if (now === undefined) return undecided(input, key, 'no member of an ensemble tells it; name its zoo.cfg');
  const count = input.now('snapCount')?.number ?? 100_000;
  const size = snapshotSize({ dataSize: dataSize ?? 0, znodes }) ?? 0;
  const daily = ((writes ?? 0) * DAY * size) / count + DAY * (bytesIn ?? 0);
  const hours = Math.max(1, Math.min(24, Math.floor((24 * 20 * GIB) / Math.max(daily, 1))));
  const known = (writes !== undefined && dataSize !== undefined) || bytesIn !== undefined;
  const amount = known ? `${bytes(daily)} of snapshots and logs a day; ` : '';
  return decided(input, {
    key,
    proposed: now <= 0 || now > Math.max(24, hours) ? hours : now > hours ? hours : undefined,
    formula: `${amount}20 GiB between purges, 24 hours at most = ${hours} hours`,
    why: 'a server deletes nothing by itself until the disk is full',
    missing: [
      ...(writes === undefined ? ['transactions a second'] : []),
      ...(dataSize === undefined ? ['the size of the data'] : []),
      ...(bytesIn === undefined ? ['bytes of requests a second'] : []),
    ],
  });
}

/** Snapshots that are kept, against their size. */
export function snapRetainCount(input: TuneInput): Proposal {
  const key = 'autopurge.snapRetainCount';
  const now = input.now(key)?.number;
  if (now === undefined) return undecided(input, key, 'no member of an ensemble tells it; name its zoo.cfg');
  const size = snapshotSize({ dataSize: input.worst.dataSize ?? 0, znodes: input.worst.znodes }) ?? 0;
  const fine = now >= 3 && (now <= 10 || now * size <= 20 * GIB);
  return decided(input, {
    key,
    proposed: fine ? undefined : 3,
    formula: `${size === 0 ? '' : `${now} × ${bytes(size)} = ${bytes(now * size)}; `}3 at least, 20 GiB at most`,
    why: 'older snapshots are of use only while a newer one may be broken',
    missing: input.worst.dataSize === undefined ? ['the size of the data'] : [],
  });
}

/** The largest message, against the largest so far. */
export function juteMaxbuffer(input: TuneInput): Proposal {
  const { largestResponse, largestProposal } = input.worst;
  const largest = Math.max(largestResponse ?? 0, largestProposal ?? 0);
  const now = input.now('jute.maxbuffer')?.number;
  if (largest === 0)
    return undecided(input, 'jute.maxbuffer', 'the largest answer and transaction are not told', 'java.env');
  const proposed = 2 ** Math.ceil(Math.log2(Math.max(2 * largest, MIB)));
  return decided(input, {
    key: 'jute.maxbuffer',
    place: 'java.env',
    proposed: 2 * largest > (now ?? 0) ? proposed : undefined,
    formula: `2 × ${bytes(largest)}, the largest so far, as a power of two, 1 MiB at least = ${proposed}`,
    why: 'what is larger is refused and ends the session; set it alike on all members and clients, or make the data smaller',
  });
}

/** The heap, against the data. */
export function heap(input: TuneInput): Proposal {
  const { dataSize, znodes } = input.worst;
  const key = '-Xmx';
  const now = input.heap;
  const said = {
    ...input,
    now: () => (now === undefined ? undefined : { text: `${Math.round(now / MIB)}m`, number: now }),
  };
  if (dataSize === undefined) return undecided(said, key, 'the size of the data is not told', 'java.env');
  const size = memorySize({ dataSize, znodes }) ?? 0;
  const needed = HEAP_FACTOR * size + HEAP_BASE;
  const proposed = Math.max(1024, Math.ceil(needed / (256 * MIB)) * 256);
  return decided(said, {
    key,
    place: 'java.env',
    // What a JVM tells is less than -Xmx by what its collector keeps.
    proposed: now === undefined || now < 0.9 * needed ? `${proposed}m` : undefined,
    formula: `${HEAP_FACTOR} × ${bytes(size)} in memory + ${bytes(HEAP_BASE)} = ${bytes(needed)}`,
    why: 'all data are in memory, and garbage collection needs room beside them',
  });
}
