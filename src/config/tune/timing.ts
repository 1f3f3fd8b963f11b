import { snapshotSize } from '../live/load.ts';
import { TRANSFER_RATE } from '../rules/live.ts';
import { type Amount, bytes, ms, parts } from './amounts.ts';
import { decided, type Proposal, type TuneInput, undecided } from './proposal.ts';

/** Delays come together: what was measured is taken four times. */
const MARGIN = 4;
/** Least times, in milliseconds: pauses that were not seen in the window happen. */
const INIT_LEAST = 10_000;
const SYNC_LEAST = 4000;

/** A tick against the slowest exchange. */
export function tickTime(input: TuneInput): Proposal {
  const now = input.now('tickTime')?.number;
  const { roundTrip, quorumAck } = input.worst;
  const slowest = Math.max(roundTrip ?? 0, quorumAck ?? 0);
  if (roundTrip === undefined && quorumAck === undefined)
    return undecided(input, 'tickTime', 'no round trip was measured');
  const needed = 10 * slowest;
  const proposed = Math.max(2000, Math.ceil(needed / 500) * 500);
  const fine = now !== undefined && now >= needed && now >= 500 && now <= 10_000;
  return decided(input, {
    key: 'tickTime',
    proposed: fine ? undefined : proposed,
    formula: `10 × ${ms(slowest)} = ${ms(needed)}, 2000 ms at least where it is set anew`,
    why: 'sessions and members are watched in ticks: a tick has room for ten exchanges',
    missing: quorumAck === undefined && input.ensemble ? ['what a quorum takes to acknowledge'] : [],
  });
}

/** The time to take all data, against their size. @param tick milliseconds */
export function initLimit(input: TuneInput, tick: number): Proposal {
  const { dataSize, znodes, snapshotTime, roundTrip } = input.worst;
  if (!input.ensemble) return undecided(input, 'initLimit', alone(input));
  if (dataSize === undefined) return undecided(input, 'initLimit', 'the size of the data is not told');
  const size = snapshotSize({ dataSize, znodes }) ?? 0;
  const delays: Amount[] = [
    ['loading', snapshotTime],
    ['round trip', roundTrip],
  ];
  const needed = MARGIN * (size / TRANSFER_RATE + sum(delays));
  const ticks = Math.ceil(Math.max(needed, INIT_LEAST) / tick);
  const now = input.now('initLimit')?.number;
  return decided(input, {
    key: 'initLimit',
    proposed: now !== undefined && now >= ticks ? undefined : ticks,
    formula: `${MARGIN} × (${bytes(size)} / 20 MB/s${parts(delays)}) = ${ms(needed)}, ${ms(INIT_LEAST)} at least: ${ticks} ticks of ${ms(tick)}`,
    why: 'a member that comes back takes and loads all data within it',
    missing: unmeasured(delays),
  });
}

/** The time to stay in step, against the delays. @param tick milliseconds */
export function syncLimit(input: TuneInput, tick: number): Proposal {
  const { fsyncMax, quorumAck, jvmPauseMax, roundTrip } = input.worst;
  if (!input.ensemble) return undecided(input, 'syncLimit', alone(input));
  const delays: Amount[] = [
    ['disk', fsyncMax],
    ['quorum', quorumAck],
    ['JVM', jvmPauseMax],
    ['round trip', roundTrip],
  ];
  // A round trip from here is none between members, and alone it would say nothing.
  if ([fsyncMax, quorumAck, jvmPauseMax].every((one) => one === undefined)) {
    return undecided(input, 'syncLimit', 'no delay of the disk, of a quorum or of the JVM is told');
  }
  const needed = MARGIN * sum(delays);
  const ticks = Math.ceil(Math.max(needed, SYNC_LEAST) / tick);
  const now = input.now('syncLimit')?.number;
  return decided(input, {
    key: 'syncLimit',
    proposed: now !== undefined && now >= ticks && now * tick <= 60_000 ? undefined : ticks,
    formula: `${MARGIN} × (${parts(delays, '')}) = ${ms(needed)}, ${ms(SYNC_LEAST)} at least: ${ticks} ticks of ${ms(tick)}`,
    why: 'a follower silent for longer is dropped: it covers the longest delays together',
    missing: unmeasured(delays),
  });
}

/** The longest session, against those that have all they may. @param tick milliseconds */
export function maxSessionTimeout(input: TuneInput, tick: number): Proposal {
  const { sessions, longest, withLongest } = input.worst;
  const set = input.now('maxSessionTimeout')?.number;
  if (set === undefined) return undecided(input, 'maxSessionTimeout', 'it is not told');
  const inForce = set === -1 ? 20 * tick : set;
  if (sessions === undefined) return undecided(input, 'maxSessionTimeout', 'no member tells its sessions');
  // A session at the limit may have asked for more and been cut.
  const cut = longest !== undefined && longest >= inForce && inForce < 40_000 ? withLongest : 0;
  return decided(input, {
    key: 'maxSessionTimeout',
    proposed: cut > 0 || inForce < 20_000 ? 40_000 : undefined,
    formula: `${cut} sessions have all that ${ms(inForce)} allow; 40 s, the 20 ticks of a usual tickTime, survive a pause`,
    why: 'clients that ask for more are cut to it, and lose their sessions in pauses they were made for',
  });
}

function sum(amounts: readonly Amount[]): number {
  return amounts.reduce((total, [, one]) => total + (one ?? 0), 0);
}

function unmeasured(amounts: readonly Amount[]): string[] {
  return amounts.flatMap(([name, one]) => (one === undefined ? [name] : []));
}

/** Where no member tells of an ensemble, there is one server, or members that look for their quorum and tell nothing. */
function alone({ measured }: TuneInput): string {
  return measured.members.some(({ effective }) => effective.role === 'standalone')
    ? 'a standalone server has no use for it'
    : 'no member tells whether it is one of an ensemble';
}
