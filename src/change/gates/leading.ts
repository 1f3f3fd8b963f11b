import { type Gate, label, verdict } from './gate.ts';

/** Who must lead, or must not, when leadership is handed over. */
export const LEADING = {
  'target-leads': {
    name: 'target-leads',
    reason: 'The vote of a member that does not lead would be taken for nothing: leadership would stay where it is.',
    judge: ({ status: { leader }, target }) => {
      if (leader === undefined) return verdict(false, 'there is no one leader');
      const leads = leader.id === target;
      return { ...verdict(leads, leads ? `${label(leader)} leads` : notIt(leader, target)), hopeless: 'otherwise' };
    },
  },
  'another-leads': {
    name: 'another-leads',
    reason: 'Leadership must have gone to another member: that is what this was made for.',
    judge: ({ status: { leader }, target }) => {
      if (leader === undefined) return verdict(false, 'there is no one leader');
      return verdict(leader.id !== target, `${label(leader)} leads (${leader.facts.role?.source})`);
    },
  },
  'heir-leads': {
    name: 'heir-leads',
    reason: 'The servers choose who takes over; where a certain one was asked for, it must be that one.',
    judge: ({ status: { leader }, wanted }) => {
      const heir = wanted?.leader;
      if (leader === undefined) return verdict(false, 'there is no one leader');
      const leads = leader.id === heir;
      return {
        ...verdict(leads, leads ? `${label(leader)} leads, as was asked for` : notIt(leader, heir)),
        hopeless: 'otherwise',
      };
    },
  },
} as const satisfies Record<string, Gate>;

function notIt(leader: Parameters<typeof label>[0], wanted: bigint | undefined): string {
  return `${label(leader)} leads, not member ${wanted}: the servers chose it`;
}
