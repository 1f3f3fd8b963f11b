import { type MemberConfig, membershipOf, readableServers, type Setting } from '../member.ts';
import type { Hit } from './rule.ts';

/** What is wrong with group and weight lines: what a server refuses, and what it only cannot have been told on purpose. */
export function groupProblems(member: MemberConfig): { refused: Hit[]; odd: Hit[] } {
  const lines = membershipOf(member).filter(({ key }) => !key.startsWith('server.'));
  if (lines.length === 0) return { refused: [], odd: [] };
  const voters = readableServers(member).filter(({ role }) => role === 'participant');
  const groups = lines.filter(({ key }) => key.startsWith('group'));
  const weights = lines.filter(({ key }) => key.startsWith('weight'));
  const grouped = groups.flatMap((at) => at.value.split(':').map((id) => ({ id, at })));
  const isVoter = (id: string): boolean => isNumber(id) && voters.some((voter) => voter.id === BigInt(id));
  const weightOf = (id: bigint): string | undefined => weights.find(({ key }) => suffix(key) === `${id}`)?.value;
  const allZero = voters.length > 0 && voters.every(({ id }) => /^-?0+$/.test(weightOf(id) ?? '1'));
  return {
    refused: [
      ...lines
        .filter(({ key }) => !isNumber(suffix(key)))
        .map((at) => ({ at, message: `"${at.key}" ends in no number` })),
      ...weights.filter(({ value }) => !isNumber(value)).map((at) => ({ at, message: `"${at.value}" is no weight` })),
      ...grouped.filter(({ id }) => !isNumber(id)).map(({ id, at }) => ({ at, message: `"${id}" is no server id` })),
      ...twice(grouped).map(({ id, at }) => ({ at, message: `server ${id} is in more than one group` })),
      ...voters
        .filter((voter) => !grouped.some(({ id }) => isNumber(id) && BigInt(id) === voter.id))
        .map(({ id }) => ({ at: lines[0], message: `server ${id} is in no group` })),
    ],
    odd: [
      ...grouped
        .filter(({ id }) => isNumber(id) && !isVoter(id))
        .map(({ id, at }) => ({ at, message: `server ${id} is no voter` })),
      ...weights
        .filter(({ key }) => isNumber(suffix(key)) && !isVoter(suffix(key)))
        .map((at) => ({ at, message: `server ${suffix(at.key)} is no voter` })),
      ...(allZero ? [{ at: weights[0], message: 'every voter weighs 0' }] : []),
    ],
  };
}

function twice(grouped: readonly { id: string; at: Setting }[]): readonly { id: string; at: Setting }[] {
  return grouped.filter(({ id }, index) => grouped.findIndex((other) => other.id === id) < index);
}

/** What follows the first dot, all of it where there is none, as QuorumHierarchical cuts it. */
function suffix(key: string): string {
  return key.slice(key.indexOf('.') + 1);
}

function isNumber(text: string): boolean {
  return /^-?\d{1,18}$/.test(text);
}
