import type { MemberChange, Reconfiguration } from './reconfiguration.ts';
import { formatServerLine } from './server-line.ts';

const SIGN = { add: '+', remove: '-', change: '~', same: ' ' } as const;

/** A change of membership for a person: every member with what becomes of it, and what failures it will survive. */
export function reconfigurationLines({ fromVersion, changes, voters }: Reconfiguration): string[] {
  return [
    `from version ${fromVersion.toString(16)}`,
    ...changes.flatMap(changeLines),
    `voters ${voters.before} -> ${voters.after}, failures they survive ${survives(voters.before)} -> ${survives(voters.after)}`,
  ];
}

function changeLines({ what, before, after }: MemberChange): string[] {
  const old = before === undefined ? [] : [`${SIGN[what]} ${formatServerLine(before)}`];
  if (what !== 'change' || after === undefined)
    return after === undefined ? old : [`${SIGN[what]} ${formatServerLine(after)}`];
  return [...old, `  -> ${formatServerLine(after)}`];
}

function survives(voters: number): number {
  return Math.ceil(voters / 2) - 1;
}
