import { ZkshError } from '../../protocol/errors.ts';
import type { ChangeContext } from '../context.ts';
import { type Gate, label, targetOf, verdict } from './gate.ts';

/** What must hold of a server that joins before it becomes a member. */
export const JOINING = {
  'right-server': {
    name: 'right-server',
    reason: 'What answers at the address must be the server that was started, of a release near that of the others.',
    judge: (view) => {
      const member = targetOf(view);
      if (member === undefined) return verdict(false, `member ${view.target} is not seen`);
      const { serverId, version } = member.facts;
      // A session tells its lowest 8 bits alone.
      const same =
        serverId?.source === 'client'
          ? serverId.value === BigInt.asUintN(8, member.id ?? 0n)
          : serverId?.value === member.id;
      if (serverId !== undefined && !same)
        return verdict(false, `${member.host} says that it is server ${serverId.value}`);
      const theirs = view.status.leader?.facts.version?.value;
      if (version === undefined || theirs === undefined)
        return verdict(true, `${label(member)}; a release is not told`);
      const near =
        Math.abs(minorOf(version.value) - minorOf(theirs)) <= 1 && majorOf(version.value) === majorOf(theirs);
      return verdict(near, `${label(member)} runs ${version.value}, the leader ${theirs}`);
    },
  },
  'joiner-reachable': {
    name: 'joiner-reachable',
    reason:
      'Following needs one connection to the leader; an election needs one from every member. A closed port shows only then.',
    attempt: async (view, context) => {
      const line = view.outsiders.find(({ id }) => id === view.target);
      if (line === undefined) return verdict(false, `the line of member ${view.target} is not known`);
      const others = view.status.members.flatMap(({ id, configured }) =>
        id !== undefined && configured !== undefined ? [id] : [],
      );
      const answers = await Promise.all(
        others.flatMap((id) =>
          line.addresses.map(({ host, electionPort }) => tryFrom(id, host, electionPort, context)),
        ),
      );
      const shut = answers.flatMap(({ state, text }) => (state === 'open' || state === 'unknown' ? [] : [text]));
      if (shut.length > 0) return verdict(false, shut.join(', '));
      const tried = answers.filter(({ state }) => state === 'open').length;
      return verdict(true, `its election port is open from ${tried} of ${others.length} members`);
    },
  },
} as const satisfies Record<string, Gate>;

async function tryFrom(
  id: bigint,
  host: string,
  port: number,
  context: ChangeContext,
): Promise<{ state: string; text: string }> {
  try {
    const { state, detail } = await context.host(id).portOpen(host, port, { signal: context.signal });
    return { state, text: `${host}:${port} is ${state} from member ${id} (${detail})` };
  } catch (error) {
    context.signal.throwIfAborted();
    // What cannot be asked tells nothing: a machine that the inventory does not have.
    if (error instanceof ZkshError) return { state: 'unknown', text: error.message };
    throw error;
  }
}

function majorOf(version: string): string | undefined {
  return version.split('.')[0];
}

function minorOf(version: string): number {
  return Number(version.split('.')[1] ?? 0);
}
