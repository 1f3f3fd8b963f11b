import type { EffectiveConfig, EffectiveParameter } from '../live/effective.ts';
import { type MemberLoad, memorySize, snapshotSize } from '../live/load.ts';
import { guide } from '../parameters/parameter.ts';
import { type Hit, type RuleText, when } from './rule.ts';

/** A running member with what it carries. */
interface LiveSubject {
  readonly effective: EffectiveConfig;
  readonly load: MemberLoad;
  /** Of all members, the longest wait for a quorum's acknowledgement, in milliseconds. */
  readonly quorumAck: number | undefined;
}

/** A rule about a running member; it answers with why it cannot judge where something was not told. */
export interface LiveRule extends RuleText {
  check(subject: LiveSubject): readonly Hit[] | string;
}

/** A conservative rate at which a follower takes a snapshot over the network and reads it in: bytes a millisecond. */
export const TRANSFER_RATE = 20_000;
const MIB = 1024 * 1024;
/** What a server takes besides its data. */
export const HEAP_BASE = 256 * MIB;
/** Garbage collection needs room, and a snapshot being sent or written copies. */
export const HEAP_FACTOR = 3;

/** Rules that set what members have in force against what they carry. */
export const LIVE_RULES: readonly LiveRule[] = [
  {
    id: 'init-limit-for-data',
    severity: 'warning',
    summary: 'an initLimit too short for the data there are',
    why: 'Within initLimit a member that comes back must have taken all data from the leader and read them in. At 20 MB/s, a rate that slow disks and busy networks still give, it would take more than half of it; beyond it the member starts again for ever.',
    reference: guide('cluster'),
    check: ({ effective, load }) => {
      const [ticks, tick, size] = [
        numberIn(effective, 'initLimit'),
        numberIn(effective, 'tickTime'),
        snapshotSize(load),
      ];
      if (effective.role === 'standalone') return [];
      if (ticks === undefined || tick === undefined) return 'initLimit is not told';
      if (size === undefined) return 'the size of the data is not told';
      const needed = size / TRANSFER_RATE;
      return when(2 * needed > ticks * tick, () => ({
        message: `initLimit is ${seconds(ticks * tick)}; ${mib(size)} take ${seconds(needed)} at 20 MB/s`,
      }));
    },
  },
  {
    id: 'sync-limit-for-delays',
    severity: 'warning',
    summary: 'a syncLimit under four times the delays that were measured',
    why: 'A follower whose disk, network or JVM keeps it from answering for syncLimit is dropped, and its clients with it. What was measured is what the server told since its start: the longest write of the log to the disk, the 99th percentile of a quorum acknowledgement, the longest stop of the JVM.',
    reference: guide('cluster'),
    check: ({ effective, load, quorumAck }) => {
      const [ticks, tick] = [numberIn(effective, 'syncLimit'), numberIn(effective, 'tickTime')];
      if (effective.role === 'standalone') return [];
      if (ticks === undefined || tick === undefined) return 'syncLimit is not told';
      const delays = [load.fsyncMax, quorumAck, load.jvmPauseMax].filter((one) => one !== undefined);
      if (delays.length === 0) return 'no delay of the disk or of a quorum is told';
      const sum = delays.reduce((total, one) => total + one, 0);
      return when(4 * sum > ticks * tick, () => ({
        message: `syncLimit is ${seconds(ticks * tick)}; delays of ${seconds(sum)} were measured (${parts(load, quorumAck)})`,
      }));
    },
  },
  {
    id: 'heap-for-data',
    severity: 'warning',
    summary: 'a heap too small for the data there are',
    why: 'All data are in memory, with about 500 bytes around each znode, and garbage collection needs room beside them. A server whose heap is full stops for long and then for ever. The heap should be three times the data and 256 MiB.',
    check: ({ effective: { answers }, load }) => {
      const size = memorySize(load);
      if (answers.heap === undefined) return 'the heap of the JVM is not told';
      if (size === undefined) return 'the size of the data is not told';
      const needed = HEAP_FACTOR * size + HEAP_BASE;
      const { heap } = answers;
      // A heap with the default size and no data is no fault: only data make one too small.
      return when(HEAP_FACTOR * size > heap, () => ({
        message: `the heap is ${mib(heap)}; ${mib(size)} of data in memory want ${mib(needed)}`,
        fix: `SERVER_JVMFLAGS="-Xmx${Math.ceil(needed / MIB)}m" in java.env`,
      }));
    },
  },
  {
    id: 'buffer-nearly-full',
    severity: 'warning',
    summary: 'requests or answers near jute.maxbuffer',
    why: 'A request over jute.maxbuffer is refused and ends its session, and so is an answer over the limit of the client, which is 1 MiB where nobody set it: getChildren of a growing parent gets there by itself.',
    reference: guide('unsafe'),
    check: ({ effective, load }) => {
      const limit = numberIn(effective, 'jute.maxbuffer');
      const largest = Math.max(load.largestResponse ?? 0, load.largestProposal ?? 0);
      if (limit === undefined) return 'jute.maxbuffer is not told';
      if (largest === 0) return 'the size of the largest request or answer is not told';
      return when(largest > 0.7 * limit, () => ({
        message: `the largest ${largest === load.largestResponse ? 'answer' : 'transaction'} had ${largest} bytes; jute.maxbuffer is ${limit}`,
      }));
    },
  },
  {
    id: 'snapshots-all-the-time',
    severity: 'warning',
    summary: 'a server that writes snapshots for a tenth of its time',
    why: 'A snapshot is written every snapCount transactions: with much data and many writes one follows the other, and the disk has no time for the log. Raise snapCount.',
    reference: guide('adv'),
    check: ({ load: { snapshots, snapshotTime, uptime } }) => {
      if (snapshots === undefined || uptime === undefined || uptime <= 0) return 'snapshots are not counted before 3.6';
      const share = (snapshots * (snapshotTime ?? 0)) / uptime;
      // The first few belong to the start.
      return when(snapshots > 3 && share > 0.1, () => ({
        message: `${snapshots} snapshots took ${Math.round(100 * share)} % of the time since the start`,
      }));
    },
  },
  {
    id: 'connections-nearly-full',
    severity: 'warning',
    summary: 'more than four fifths of maxCnxns in use',
    why: 'Over maxCnxns the server closes every new connection, also those of clients that lost another member.',
    reference: guide('adv'),
    check: ({ effective, load }) => {
      const limit = numberIn(effective, 'maxCnxns');
      if (effective.parameters.get('maxCnxns') === undefined || limit === 0) return [];
      if (limit === undefined) return 'maxCnxns is not told';
      if (load.connections === undefined) return 'connections are not told';
      const { connections } = load;
      return when(connections > 0.8 * limit, () => ({ message: `${connections} of ${limit} connections are in use` }));
    },
  },
];

/** A parameter in force that is a whole number. */
function numberIn({ parameters }: EffectiveConfig, key: string): number | undefined {
  return numberOfParameter(parameters.get(key));
}

function numberOfParameter(one: EffectiveParameter | undefined): number | undefined {
  const text = one?.value ?? '';
  return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function parts({ fsyncMax, jvmPauseMax }: MemberLoad, quorumAck: number | undefined): string {
  const named: [string, number | undefined][] = [
    ['disk', fsyncMax],
    ['quorum', quorumAck],
    ['JVM', jvmPauseMax],
  ];
  return named.flatMap(([name, ms]) => (ms === undefined ? [] : [`${name} ${ms} ms`])).join(', ');
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toPrecision(3))} s`;
}

function mib(bytes: number): string {
  return bytes < MIB ? `${Math.ceil(bytes / 1024)} KiB` : `${Math.round(bytes / MIB)} MiB`;
}
