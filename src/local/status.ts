import type { LocalEnsemble, LocalMember } from './description.ts';
import { open } from './ensemble.ts';
import { requireRecord } from './record.ts';
import { askMember, isAgreement } from './serving.ts';
import type { EnsembleRef } from './spec.ts';

/** A member and what it says of itself. */
export interface MemberStatus extends LocalMember {
  /** `standalone`, `leader`, `follower`, `observer`, `read-only`; undefined while it does not serve. */
  mode: string | undefined;
  zxid: bigint | undefined;
  connections: number | undefined;
}

export interface EnsembleStatus extends Omit<LocalEnsemble, 'members'> {
  members: MemberStatus[];
  /** All serve, and agree on one leader. */
  healthy: boolean;
}

/** Looks at every process and asks every server; throws `NO_ENSEMBLE`. */
export async function status(ref: EnsembleRef, signal?: AbortSignal): Promise<EnsembleStatus> {
  const [ensemble, record] = await Promise.all([open(ref), requireRecord(ref)]);
  const answers = await Promise.all(record.members.map((member) => askMember(member, signal)));
  const members = ensemble.members.map((member, index): MemberStatus => {
    const { mode, zxid, connections } = answers[index] ?? {};
    return { ...member, mode, zxid, connections };
  });
  return { ...ensemble, members, healthy: isAgreement(members.map(({ mode }) => mode)) };
}
