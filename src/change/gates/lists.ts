import { type DynamicConfig, formatDynamicConfig } from '../../ensemble/dynamic-config.ts';
import { listOf, listProblem } from '../membership/static/mixed-lists.ts';
import { type Gate, label, verdict } from './gate.ts';

const VOTING: readonly string[] = ['leader', 'follower'];

/** What must hold while members are given another list one by one. */
export const LISTS = {
  'lists-overlap': {
    name: 'lists-overlap',
    reason:
      'Each server counts by its own list: whoever acknowledged a write and whoever elects a leader must have a server in common, and the one that restarts must find a quorum by its new list.',
    judge: ({ lists, status, target }) => {
      const leader = status.leader?.id;
      if (lists === undefined || target === undefined) return verdict(false, 'the lists of the members are not known');
      if (leader === undefined) return verdict(false, 'there is no one leader');
      const problem = listProblem({ before: lists.now, after: lists.next, acks: lists.acks, target, leader });
      return verdict(problem === undefined, problem ?? `by the lists of ${Object.keys(lists.now.of).length} servers`);
    },
  },
  'lists-as-planned': {
    name: 'lists-as-planned',
    reason: 'What a member holds for the membership must be what it was given: somebody else may have changed it.',
    judge: ({ lists, status: { members } }) => {
      if (lists === undefined) return verdict(false, 'the lists of the members are not known');
      const told = members.flatMap((member) => {
        const { config } = member.observation;
        const { id } = member;
        const planned = id === undefined || id === lists.unsure ? undefined : listOf(lists.now, id);
        return config === undefined || planned === undefined
          ? []
          : [{ member, same: shapeOf(config) === shapeOf(planned) }];
      });
      const other = told.filter(({ same }) => !same).map(({ member }) => label(member));
      if (other.length > 0) return verdict(false, `${other.join(', ')} tells another membership than it was given`);
      if (told.length === 0)
        return verdict(true, 'no member tells its list: 3.4 and servers that keep conf to themselves do not');
      return verdict(true, `${told.length} members tell the list they were given`);
    },
  },
  'role-as-listed': {
    name: 'role-as-listed',
    reason: 'A member takes the part that its own list gives it: with another one it runs with another file.',
    judge: ({ lists, target, status: { members } }) => {
      if (lists === undefined) return verdict(false, 'the lists of the members are not known');
      const { of, away } = lists.now;
      const running = Object.keys(of)
        .map(BigInt)
        .filter((id) => !away.includes(id));
      const meant = target === undefined ? running : [target];
      const parts = meant.map((id) => {
        const role = members.find((member) => member.id === id)?.role ?? 'not seen';
        const listed = listOf(lists.now, id)?.servers.find((line) => line.id === id)?.role;
        const fits = listed === 'participant' ? VOTING.includes(role) : role === listed;
        return { fits, text: `member ${id} is ${role}, and ${listed ?? 'not'} in its list` };
      });
      const wrong = parts.filter(({ fits }) => !fits);
      if (wrong.length > 0) return verdict(false, wrong.map(({ text }) => text).join(', '));
      return verdict(
        true,
        target === undefined ? `all ${parts.length} servers do` : parts.map(({ text }) => text).join(),
      );
    },
  },
} as const satisfies Record<string, Gate>;

/**
 * What must be the same of two lists: a server resolves names (QuorumServer.toString prints addresses), has a name of its
 * own for itself, and knows its own client port alone.
 */
function shapeOf(config: DynamicConfig): string {
  const servers = config.servers.map(({ id, role, addresses }) => ({
    id,
    role,
    addresses: addresses.map((one) => ({ ...one, host: '*' })),
  }));
  return formatDynamicConfig({ ...config, version: undefined, servers });
}
