import { ZNODE_ON_HEAP } from '../../ensemble/heap.ts';
import { type Metrics, metricNumber } from '../../ensemble/metrics.ts';
import type { MemberObservation } from '../../ensemble/observe-member.ts';

/** What one member carries and how it fares, as it told at one moment. Sizes are bytes, times milliseconds. */
export interface MemberLoad {
  readonly znodes: number | undefined;
  /** Paths and data, without what the server keeps around them. */
  readonly dataSize: number | undefined;
  readonly connections: number | undefined;
  readonly outstanding: number | undefined;
  readonly latencyMax: number | undefined;
  readonly latencyP99: number | undefined;
  /** Of the transaction log to the disk, the longest and the mean since the start; from 3.6 on. */
  readonly fsyncMax: number | undefined;
  readonly fsyncAvg: number | undefined;
  /** From proposal to the acknowledgement of a quorum, the 99th percentile; the leader's, from 3.6 on. */
  readonly quorumAck: number | undefined;
  /** The longest of the garbage collections and other stops the server noticed; with jvm.pause.monitor. */
  readonly jvmPauseMax: number | undefined;
  /** How long a snapshot took to write, on average, and how many were since the start; from 3.6 on. */
  readonly snapshotTime: number | undefined;
  readonly snapshots: number | undefined;
  /** The largest answer to a client and the largest transaction since the start. */
  readonly largestResponse: number | undefined;
  readonly largestProposal: number | undefined;
  /** Requests refused for their size. */
  readonly largeRefused: number | undefined;
  readonly uptime: number | undefined;
  /** Of one question from here, connecting included. */
  readonly roundTrip: number | undefined;
}

/** Of a znode in a snapshot besides path and data: its stat, the number of its ACL, lengths. */
const ZNODE_ON_DISK = 100;

/** Reads the load of a member from what every look at it brings. */
export function loadOf({ facts, metrics, roundTrip }: MemberObservation): MemberLoad {
  return {
    znodes: facts.znodes?.value,
    dataSize: facts.dataSize?.value,
    connections: facts.connections?.value,
    outstanding: facts.outstanding?.value,
    latencyMax: facts.latencyMax?.value,
    latencyP99: facts.latencyP99?.value,
    fsyncMax: counted(metrics, 'fsynctime', 'max'),
    fsyncAvg: counted(metrics, 'fsynctime', 'avg'),
    quorumAck: counted(metrics, 'quorum_ack_latency', 'p99'),
    jvmPauseMax: counted(metrics, 'jvm_pause_time_ms', 'max'),
    snapshotTime: counted(metrics, 'snapshottime', 'avg'),
    snapshots: metricNumber(metrics, 'cnt_snapshottime'),
    largestResponse: positive(metricNumber(metrics, 'max_client_response_size')),
    largestProposal: positive(metricNumber(metrics, 'max_proposal_size')),
    largeRefused: metricNumber(metrics, 'large_requests_rejected'),
    uptime: facts.uptime?.value,
    roundTrip,
  };
}

/** About the bytes of a snapshot of these data; undefined when their size is not known. */
export function snapshotSize({ dataSize, znodes }: Pick<MemberLoad, 'dataSize' | 'znodes'>): number | undefined {
  return dataSize === undefined ? undefined : dataSize + ZNODE_ON_DISK * (znodes ?? 0);
}

/** About the bytes these data take in the memory of a server. */
export function memorySize({ dataSize, znodes }: Pick<MemberLoad, 'dataSize' | 'znodes'>): number | undefined {
  return dataSize === undefined ? undefined : dataSize + ZNODE_ON_HEAP * (znodes ?? 0);
}

/** A summary that counted nothing yet says 0, which is no measurement. */
function counted(metrics: Metrics | undefined, name: string, what: 'max' | 'avg' | 'p99'): number | undefined {
  const count = metricNumber(metrics, `cnt_${name}`) ?? 0;
  return count > 0 ? metricNumber(metrics, `${what}_${name}`) : undefined;
}

/** Sizes are -1 until there was one. */
function positive(size: number | undefined): number | undefined {
  return size !== undefined && size > 0 ? size : undefined;
}
