import type { Client } from '../client/client.ts';
import type { EnsembleStatus } from '../ensemble/ensemble-status.ts';
import type { Asking } from '../ensemble/observe-member.ts';
import type { ServerLine } from '../ensemble/server-line.ts';
import type { HostDriver } from '../hosts/host.ts';

/** What a change works with; everything that waits or looks is handed in. */
export interface ChangeContext {
  /** Looks at every member now, and at servers that are not in the committed configuration, or no longer. */
  observe(also?: readonly ServerLine[]): Promise<EnsembleStatus>;
  /** A session that outlives the restarts: it holds the lock and makes the reconfigurations. A new one after it expired. */
  client(): Promise<Client>;
  asking: Asking;
  /** The machine and the service of a member. @throws ZkshError `NO_MEMBER` for one that the inventory does not have */
  host(member: bigint): HostDriver;
  /** Below which znode proofs are written. */
  proofPath: string;
  random(): number;
  now(): number;
  /** @throws when the signal is aborted meanwhile */
  sleep(ms: number): Promise<void>;
  /** Aborted when a person wants it ended at once. */
  signal: AbortSignal;
}
