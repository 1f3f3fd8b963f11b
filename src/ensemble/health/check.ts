import type { Acl } from '../../protocol/acl.ts';
import type { Departure, Learning } from '../baseline/baseline.ts';
import type { Certificates } from '../certificates.ts';
import type { CommitProof } from '../commit-proof.ts';
import type { EnsembleStatus, MemberStatus } from '../ensemble-status.ts';
import type { Limits } from './limits.ts';

export const SEVERITIES = ['critical', 'warning', 'advice'] as const;

/** `critical`: it does not serve, or the next failure ends it; `warning`: it will hurt soon; `advice`: it could be better. */
export type Severity = (typeof SEVERITIES)[number];

/** All that a health check may look at; gathered before any of them judges. */
export interface HealthView {
  status: EnsembleStatus;
  limits: Limits;
  /** Milliseconds since the epoch, by our clock. */
  now: number;
  /** The ACL of `/`, or why it could not be read. */
  rootAcl: readonly Acl[] | { reason: string };
  /** The address with the most connections to a member; asked only where they are many. */
  busiest: ReadonlyMap<MemberStatus, { address: string; count: number }>;
  /** What writes through every member brought; undefined where nobody asked for them. */
  proof?: CommitProof | undefined;
  certificates: Certificates;
  /** What departs from what a file has learnt to be usual; undefined where nobody named one. */
  usual?: { departures: readonly Departure[]; learning: readonly Learning[] } | { failure: string } | undefined;
  /** The disks of members that run on this machine. */
  disks: ReadonlyMap<MemberStatus, readonly Disk[]>;
}

/** A file system that a server writes to; sizes in bytes. */
export interface Disk {
  directory: string;
  free: number;
  size: number;
}

/** Something found by a check. */
export interface Hit {
  /** At whom; empty for what concerns the ensemble as a whole. */
  members: readonly MemberStatus[];
  /** The check's own where absent. */
  severity?: Severity | undefined;
  message: string;
  /** What was seen, and who told it. */
  evidence: string;
  /** What to do, where it is more exact than the check's own. */
  todo?: string | undefined;
}

/** Where a check could not judge, and why. */
export interface Unjudged {
  members: readonly MemberStatus[];
  reason: string;
}

/** What came of a check: it passed only when both lists are empty. `skipped` where there is nothing to judge. */
export type Judgement =
  | { readonly hits: readonly Hit[]; readonly unjudged: readonly Unjudged[] }
  | { readonly skipped: string };

/** One thing that may be wrong with an ensemble. */
export interface Check {
  /** Stable: `--explain`, `--ignore` and scripts name it. */
  readonly code: string;
  /** What it finds: a fragment. */
  readonly title: string;
  readonly severity: Severity;
  /** Why it matters: sentences. */
  readonly why: string;
  /** What to do about it: sentences. */
  readonly todo: string;
  /** Where it cannot be judged, nobody may call the ensemble healthy. */
  readonly vital?: boolean | undefined;
  judge(view: HealthView): Judgement;
}

export function found(...hits: readonly (Hit | undefined)[]): Judgement {
  return { hits: hits.filter((hit) => hit !== undefined), unjudged: [] };
}

export function unjudged(reason: string, members: readonly MemberStatus[] = []): Judgement {
  return { hits: [], unjudged: [{ members, reason }] };
}

/** A value that a member told, or why it could not be had. */
export type Told<T> = { value: T; source: string } | { reason: string };

/** Judges member by member, those that answer; who does not tell is not judged, with one line for each reason. */
export function eachMember<T>(
  { status }: HealthView,
  told: (member: MemberStatus) => Told<T> | undefined,
  judge: (value: T, source: string, member: MemberStatus) => Omit<Hit, 'members'> | undefined,
): Judgement {
  const answering = status.members.filter(({ role }) => role !== 'unreachable');
  if (answering.length === 0) return unjudged('no member answers');
  const hits: Hit[] = [];
  const reasons = new Map<string, MemberStatus[]>();
  let judged = 0;
  for (const member of answering) {
    const one = told(member);
    if (one === undefined) continue;
    judged += 1;
    if ('reason' in one) reasons.set(one.reason, [...(reasons.get(one.reason) ?? []), member]);
    else {
      const hit = judge(one.value, one.source, member);
      if (hit !== undefined) hits.push({ ...hit, members: [member] });
    }
  }
  if (judged === 0) return { skipped: 'it concerns none of the members' };
  return { hits, unjudged: [...reasons].map(([reason, members]) => ({ members, reason })) };
}
