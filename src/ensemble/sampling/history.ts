import type { MemberStatus } from '../ensemble-status.ts';
import { type Moment, type Rates, ratesBetween } from './rates.ts';
import type { Sample } from './sample.ts';

/** What is kept of a member's past: no more than can be drawn. */
export interface Point extends Pick<MemberStatus, 'role' | 'lag' | 'facts'> {
  /** Milliseconds since the epoch. */
  at: number;
  /** Since it was last seen; undefined when nothing can be said. */
  rates: Rates | undefined;
}

export interface MemberHistory {
  /** As in the newest sample that has it. */
  member: MemberStatus;
  /** Oldest first; one for each sample that has it, be it unreachable. */
  points: readonly Point[];
  /** When it last answered. */
  seen: Moment | undefined;
}

/** The past of an ensemble's members: those of the newest sample in its order, then those that are in it no more. */
export type History = readonly MemberHistory[];

/** The history with one more sample; of each member the newest `keep` points stay. */
export function withSample(history: History, { at, status }: Sample, keep: number): History {
  const present = status.members.map((member): MemberHistory => {
    const past = history.find((one) => isSame(one.member, member));
    const answered = member.role !== 'unreachable';
    const rates = answered && past?.seen !== undefined ? ratesBetween(past.seen, { at, member }) : undefined;
    const point = { at, role: member.role, lag: member.lag, facts: member.facts, rates };
    return {
      member,
      points: [...(past?.points ?? []), point].slice(-keep),
      seen: answered ? { at, member } : past?.seen,
    };
  });
  const gone = history.filter((one) => !status.members.some((member) => isSame(one.member, member)));
  return [...present, ...gone];
}

/** By address; by id where a member of the configuration answers at another of its addresses. */
function isSame(a: MemberStatus, b: MemberStatus): boolean {
  if (a.host === b.host) return a.id === b.id || a.id === undefined || b.id === undefined;
  return a.id !== undefined && a.id === b.id && a.configured !== undefined && b.configured !== undefined;
}
