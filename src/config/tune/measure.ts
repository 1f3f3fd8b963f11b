import { setTimeout as sleep } from 'node:timers/promises';
import { metricNumber } from '../../ensemble/metrics.ts';
import type { Wanted } from '../../ensemble/observe.ts';
import { observeEnsemble } from '../../ensemble/observe.ts';
import type { Asking, MemberObservation } from '../../ensemble/observe-member.ts';
import { CONFIG_WISHES } from '../live/answers.ts';
import type { EffectiveConfig } from '../live/effective.ts';
import { loadOf, type MemberLoad } from '../live/load.ts';
import { type LiveConfigs, readLiveConfigs } from '../live/read.ts';
import { type ClientCensus, censusOf } from './census.ts';
import { measureRoundTrip, type RoundTrip } from './round-trip.ts';

/** What one member was seen to do in the window. Rates are a second. */
export interface MemberMeasure {
  readonly effective: EffectiveConfig;
  /** At the end of the window. */
  readonly load: MemberLoad;
  readonly requests: number | undefined;
  /** Bytes that clients sent; counted from 3.6 on. */
  readonly bytesIn: number | undefined;
  /** Of reads on a session with this member; a reason where none could be had. */
  readonly roundTrip: RoundTrip | string;
  readonly clients: ClientCensus | undefined;
}

/** An ensemble as it was over the window. */
export interface Measured extends Pick<LiveConfigs, 'silent'> {
  readonly members: readonly MemberMeasure[];
  /** Milliseconds. */
  readonly window: number;
  /** Transactions of the ensemble a second, by the zxids; undefined when no zxid was told twice in one epoch. */
  readonly writes: number | undefined;
}

/** What is asked of members for a measurement; the first of two looks. */
const TUNE_WISHES = {
  words: [...(CONFIG_WISHES.words ?? []), 'cons'],
  admin: [...(CONFIG_WISHES.admin ?? []), 'connections'],
};

/**
 * Looks twice at the members, measures round trips between, and tells what went on.
 *
 * @param window milliseconds from look to look
 * @throws ZkshError as `readLiveConfigs` does; `INTERRUPTED`
 */
export async function measureEnsemble(
  wanted: Wanted,
  asking: Asking,
  { named, window, tick }: { named: readonly string[]; window: number; tick?: ((done: number) => void) | undefined },
): Promise<Measured> {
  const { members, silent } = await readLiveConfigs(wanted, { ...asking, wishes: TUNE_WISHES }, named);
  const started = performance.now();
  const [roundTrips] = await Promise.all([
    Promise.all(members.map(({ observation }) => measureRoundTrip(observation, asking))),
    passing(window, asking.signal, tick),
  ]);
  const again = await observeEnsemble(wanted, { ...asking, wishes: undefined });
  const took = performance.now() - started;
  const after = members.map(({ observation }) => again.members.find((one) => isSame(one, observation)));
  return {
    silent,
    window: took,
    writes: writesIn(members, after, took),
    members: members.map((effective, i): MemberMeasure => {
      const { observation } = effective;
      const later = after[i];
      const rate = (name: string) => rateOf(observation, later, name, took);
      return {
        effective,
        load: loadOf(later ?? observation),
        requests: rate('packets_received'),
        bytesIn: rate('bytes_received_count'),
        roundTrip: roundTrips[i] ?? 'it was not asked',
        clients: censusOf(observation),
      };
    }),
  };
}

/** Lets the window pass. @throws the signal's reason */
async function passing(
  window: number,
  signal: AbortSignal | undefined,
  tick: ((done: number) => void) | undefined,
): Promise<void> {
  const started = performance.now();
  for (let left = window; left > 0; left = window - (performance.now() - started)) {
    await sleep(Math.min(left, 250), undefined, { signal }).catch(() => signal?.throwIfAborted());
    tick?.(Math.min(window, performance.now() - started));
  }
}

function isSame(a: MemberObservation, b: MemberObservation): boolean {
  return a.member.id === b.member.id && a.member.name === b.member.name;
}

function rateOf(
  before: MemberObservation,
  after: MemberObservation | undefined,
  name: string,
  took: number,
): number | undefined {
  const [first, second] = [metricNumber(before.metrics, name), metricNumber(after?.metrics, name)];
  // Fewer than before: it was restarted, or its counters were reset.
  return first === undefined || second === undefined || second < first ? undefined : ((second - first) * 1000) / took;
}

/** The lower half of a zxid counts the transactions of an epoch; the member that saw most is nearest to the truth. */
function writesIn(
  members: readonly EffectiveConfig[],
  after: readonly (MemberObservation | undefined)[],
  took: number,
): number | undefined {
  const counts = members.flatMap(({ observation }, i) => {
    const [first, second] = [observation.facts.zxid?.value, after[i]?.facts.zxid?.value];
    if (first === undefined || second === undefined || first >> 32n !== second >> 32n || second < first) return [];
    return [(Number(second - first) * 1000) / took];
  });
  return counts.length === 0 ? undefined : Math.max(...counts);
}
