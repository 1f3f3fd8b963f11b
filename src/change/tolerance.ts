import type { EnsembleStatus } from '../ensemble/ensemble-status.ts';
import { quorumOf, toleranceOf } from '../ensemble/quorum.ts';

/** How many more voters may fail while these are away; −1 when what is left is no quorum. Undefined without a configuration. */
export function toleranceWithout(status: EnsembleStatus, away: readonly bigint[]): number | undefined {
  if (status.config === undefined) return undefined;
  const live = (status.quorum?.live ?? []).filter((id) => !away.includes(id));
  const { quorum, tolerance } = toleranceOf(quorumOf(status.config), new Set(live));
  return quorum ? tolerance : -1;
}
