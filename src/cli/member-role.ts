import type { MemberStatus } from '../ensemble/ensemble-status.ts';
import type { Role } from '../output/theme.ts';

const PAINTED: Readonly<Record<string, Role>> = {
  leader: 'name',
  follower: 'good',
  observer: 'good',
  standalone: 'good',
  serving: 'good',
  'read-only': 'warn',
};

/** How what a member is at present is painted. */
export function paintOf({ role }: Pick<MemberStatus, 'role'>): Role {
  return PAINTED[role] ?? 'bad';
}
