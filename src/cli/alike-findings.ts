import type { MemberStatus } from '../ensemble/ensemble-status.ts';
import type { Finding, NotJudged } from '../ensemble/health/judge.ts';

/** What one check found at several members is told once, with what was seen at each. */
export type Alike = readonly [Finding, ...Finding[]];

export function alike(findings: readonly Finding[]): Alike[] {
  const groups = new Map<string, [Finding, ...Finding[]]>();
  for (const finding of findings) {
    const key = `${finding.severity} ${finding.check.code} ${finding.todo}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  return [...groups.values()];
}

/** The message of one finding, or for several what their check finds, and at whom. */
export function headOf(group: Alike): string {
  const [{ check, message }] = group;
  if (group.length === 1) return message;
  return `${check.title}: ${shortNames(group.flatMap(({ members }) => members)).join(', ')}`;
}

/** What was seen, one text a finding. */
export function seenOf(group: Alike): string[] {
  return group.map(({ message, evidence }) => (group.length === 1 ? evidence : `${message}: ${evidence}`));
}

/** Checks that lack the same thing at the same members, and what they lack. */
export function notJudgedGroups(notJudged: readonly NotJudged[]): { codes: string[]; at: string; reason: string }[] {
  const groups = new Map<string, { codes: string[]; at: string; reason: string }>();
  for (const { check, members, reason } of notJudged) {
    const at = shortNames(members).join(', ');
    const group = groups.get(`${at}: ${reason}`);
    if (group === undefined) groups.set(`${at}: ${reason}`, { codes: [check.code], at, reason });
    else group.codes.push(check.code);
  }
  return [...groups.values()];
}

/** Ids of members, or where they are reached: a server of another ensemble in the list may have the id of one of ours. */
export function shortNames(members: readonly MemberStatus[]): string[] {
  const clashing = (member: MemberStatus): boolean =>
    members.some(({ id, host }) => id === member.id && host !== member.host);
  return members.map((member) => (member.id === undefined || clashing(member) ? member.host : `${member.id}`));
}
