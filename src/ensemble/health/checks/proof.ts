import type { WriteProof } from '../../commit-proof.ts';
import type { MemberStatus } from '../../ensemble-status.ts';
import type { ProofMember, Unproven } from '../../unproven.ts';
import { type Check, type HealthView, type Hit, unjudged } from '../check.ts';
import { nameOf, namesOf } from '../evidence.ts';

/** Checks by writes, made only where somebody asks for them. */
export const PROOF_CHECKS: readonly Check[] = [
  {
    code: 'commit-unproven',
    title: 'a write through a member that the others do not have',
    severity: 'critical',
    vital: true,
    why: 'What a member says of itself is one thing; that it commits, and that every other one has what it committed, is shown by a write alone.',
    todo: 'Look at the member through which the write failed, or which lacks it: its disk, its connection to the leader, its log. Send no clients there.',
    judge: (view) => {
      const { proof, status } = view;
      if (proof === undefined) return { skipped: 'it is made with --commit-proof' };
      if (!status.serving) return unjudged('nothing serves, so nothing was written');
      const hits = proof.writers.flatMap((writer) => hitsOf(writer, view));
      // Who is down or cut off is found by other checks; who may not be written through was asked for nothing.
      const refused = proof.unproven.filter(({ why }) => !['unreachable', 'not serving', 'read-only'].includes(why));
      const silent =
        proof.writers.length === 0 && refused.length === 0 ? [{ members: [], reason: 'no member took a write' }] : [];
      return { hits, unjudged: [...refused.map((one) => refusal(one, view)), ...silent] };
    },
  },
];

function hitsOf({ writer, ok, took, error, outcome, readers }: WriteProof, view: HealthView): Hit[] {
  const through = membersOf([writer], view);
  const name = namesOf(through);
  if (!ok && readers.length === 0) {
    return [
      {
        members: through,
        message:
          // A write that failed says what it may have done; one without was made, and reading it back failed.
          outcome === undefined
            ? `a write through ${name} was acknowledged, and could not be read back there`
            : `a write through ${name} was not acknowledged${outcome === 'unknown' ? ', and may have happened' : ''}`,
        evidence: `${error?.message ?? 'no answer'}, after ${Math.round(took)} ms, client`,
      },
    ];
  }
  const lacking = readers.filter((one) => !one.ok);
  if (lacking.length === 0) return [];
  return [
    {
      members: membersOf(
        lacking.map(({ reader }) => reader),
        view,
      ),
      message: `what was written through ${name} could not be read through ${lacking.map(({ reader }) => labelOf(reader, view)).join(', ')}`,
      evidence: lacking
        .map(
          ({ reader, stale, error: why }) =>
            `${labelOf(reader, view)}: ${stale === true ? 'it does not have it after sync' : (why?.message ?? 'other data')}`,
        )
        .join('; '),
    },
  ];
}

function refusal({ member, reason, hint }: Unproven, view: HealthView): { members: MemberStatus[]; reason: string } {
  return { members: membersOf([member], view), reason: `${reason}${hint === undefined ? '' : `: ${hint}`}` };
}

function membersOf(asked: readonly ProofMember[], { status }: HealthView): MemberStatus[] {
  return asked.flatMap(
    ({ id, host }) =>
      status.members.find((member) => (id === undefined ? member.host === host : member.id === id)) ?? [],
  );
}

function labelOf(asked: ProofMember, view: HealthView): string {
  const [member] = membersOf([asked], view);
  return member === undefined ? asked.host : nameOf(member);
}
