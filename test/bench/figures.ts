/** What makes figures of measurements. Ratios are only ever made of runs that took turns on one machine. */

/** The middle value; between two middle ones, their mean. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle] ?? Number.NaN;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

/** The smallest value that at least `percent` of all are not above (nearest rank). NaN of nothing. */
export function percentile(values: ArrayLike<number>, percent: number): number {
  const sorted = Float64Array.from(values).sort();
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/** The median of the ratios of each round: what slowed a whole round down slowed both, and cancels out. */
export function ratio(ours: readonly number[], theirs: readonly number[]): number {
  const rounds = Math.min(ours.length, theirs.length);
  return median(Array.from({ length: rounds }, (_, i) => (ours[i] ?? Number.NaN) / (theirs[i] ?? Number.NaN)));
}

/**
 * Measures every subject once a round, round after round, so that a slow minute falls on all of them. Each round
 * begins with another subject: none always runs in the wake of the same one.
 *
 * @returns each subject's measurements in the order of rounds
 */
export async function interleave<S, M>(
  subjects: readonly S[],
  rounds: number,
  measure: (subject: S, round: number) => Promise<M>,
): Promise<Map<S, M[]>> {
  const taken = new Map<S, M[]>(subjects.map((subject) => [subject, []]));
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < subjects.length; i++) {
      const subject = subjects[(i + round) % subjects.length] as S;
      taken.get(subject)?.push(await measure(subject, round));
    }
  }
  return taken;
}
