import type { EnsembleStatus, MemberStatus } from '../../ensemble/ensemble-status.ts';
import { shortName } from '../../ensemble/member.ts';
import type { History } from '../../ensemble/sampling/history.ts';
import type { Sample } from '../../ensemble/sampling/sample.ts';
import { hex64 } from '../../protocol/zxid.ts';

/** Something that was otherwise in the look before. */
export interface Happening {
  /** Milliseconds since the epoch: of the look that found it. */
  at: number;
  what: string;
  /** Less than before serves, or anew. */
  bad: boolean;
}

/** What changed from one look to the next; nothing in the first. The history has the newer of them already. */
export function happenings(before: Sample | undefined, { at, status }: Sample, history: History): Happening[] {
  if (before === undefined) return [];
  const found = [...configChange(before.status, status), ...leaderChange(before.status, status)];
  for (const { member, points } of history) {
    const [was, is] = points.slice(-2);
    if (was === undefined || is === undefined || is.at !== at) continue;
    if (was.role !== is.role) found.push(roleChange(member, was.role));
    else if (was.rates !== undefined && is.rates === undefined && is.role !== 'unreachable') {
      found.push({ what: `member ${shortName(member)} began to count anew: a restart, or an election`, bad: true });
    }
  }
  const gone = before.status.members.filter(({ id, host }) =>
    status.members.every((one) => one.id !== id || one.host !== host),
  );
  found.push(...gone.map((member) => ({ what: `member ${shortName(member)} is a member no more`, bad: false })));
  return found.map((one) => ({ at, ...one }));
}

type Change = Omit<Happening, 'at'>;

function configChange(before: EnsembleStatus, after: EnsembleStatus): Change[] {
  const [was, is] = [before.config?.version, after.config?.version];
  if (was === undefined || is === undefined || was === is) return [];
  return [{ what: `the configuration is version ${hex64(is)}, no longer ${hex64(was)}`, bad: false }];
}

function leaderChange(before: EnsembleStatus, after: EnsembleStatus): Change[] {
  const [was, is] = [before.leader, after.leader].map((one) => one && shortName(one));
  if (was === is) return [];
  if (is === undefined) return [{ what: `no member is the one leader; it was ${was}`, bad: true }];
  return [{ what: `member ${is} leads${was === undefined ? '' : `, no longer ${was}`}`, bad: was !== undefined }];
}

function roleChange(member: MemberStatus, was: string): Change {
  const lost = /^(unreachable|not serving|read-only)$/.test(member.role);
  return { what: `member ${shortName(member)} is ${member.role}, no longer ${was}`, bad: lost };
}
