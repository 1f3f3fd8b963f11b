import { metricNumber } from '../metrics.ts';
import type { Asking, MemberObservation } from '../observe-member.ts';
import type { Dump, TrackedSession } from './dump.ts';
import { askFor, DUMP, type Told } from './lists.ts';
import { type MemberMissing, nameOf } from './places.ts';

/** All sessions and ephemerals, as one member told of them. */
export interface Tracked extends Told<Dump> {
  readonly member: MemberObservation;
}

/** Best first: the leader keeps track of every session, a learner of 3.5 and later knows of them. */
const ORDER: readonly (string | undefined)[] = ['leader', 'standalone', 'follower', 'observer', 'read-only'];
/** A list that tells no sessions tells ephemerals: one more member may be asked, not all of them. */
const ANSWERS = 2;

/** Asks the leader, or else others, for what no connection shows: sessions without one, and who owns which ephemeral. */
export async function askTracked(
  members: readonly MemberObservation[],
  asking: Asking,
): Promise<{ tracked: Tracked | undefined; missing: MemberMissing[] }> {
  const place = ({ facts }: MemberObservation) => ORDER.indexOf(facts.role?.value);
  const candidates = members.filter((member) => place(member) >= 0).sort((a, b) => place(a) - place(b));
  const missing: MemberMissing[] = [];
  const answers: Tracked[] = [];
  for (const member of candidates) {
    const reply = await askFor(DUMP, member, asking);
    if (!('value' in reply)) {
      missing.push(...reply.missing.map((one) => ({ member: nameOf(member), ...one })));
      continue;
    }
    answers.push({ ...reply, member });
    if (reply.value.sessions !== undefined || answers.length === ANSWERS) break;
  }
  const tracked = answers.find(({ value }) => value.sessions !== undefined) ?? answers[0];
  return { tracked, missing: tracked === undefined ? missing : missing.slice(0, 0) };
}

/**
 * Whether a session is known to the whole ensemble or to one member alone. An AdminServer tells those of its leader in
 * one list: they are all global when it counts no local ones, which servers do from 3.6 on.
 */
export function kindOfTracked(session: TrackedSession, { member }: Tracked): TrackedSession['kind'] {
  if (session.kind !== undefined) return session.kind;
  return metricNumber(member.metrics, 'local_sessions') === 0 ? 'global' : undefined;
}
