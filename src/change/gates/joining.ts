import { newPlaces, type Place, placesBetween } from '../../ensemble/places.ts';
import { ZkshError } from '../../protocol/errors.ts';
import type { ChangeContext } from '../context.ts';
import { type Gate, type GateView, label, targetOf, verdict } from './gate.ts';

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
  'reachable-by-others': {
    name: 'reachable-by-others',
    reason:
      'Following needs one connection to the leader; an election needs one from every member. A closed port shows only then.',
    attempt: async (view, context) => {
      const line = view.outsiders.find(({ id }) => id === view.target);
      if (line === undefined) return verdict(false, `the line of member ${view.target} is not known`);
      // The leader alone listens at its quorum port.
      const leads = view.status.leader?.id === line.id;
      const places = placesBetween(line).filter(({ use }) => use === 'election' || (use === 'quorum' && leads));
      const others = membersOf(view).filter((id) => id !== line.id);
      const { tried, answers } = await tryAll(others, places, context);
      const shut = answers.flatMap(({ state, text }) => (state === 'open' || state === 'unknown' ? [] : [text]));
      if (shut.length > 0) return verdict(false, shut.join(', '));
      return verdict(true, `its election port is open from ${tried} of ${others.length} members`);
    },
  },
  'new-ports-free': {
    name: 'new-ports-free',
    reason:
      'A server that cannot bind a port it is given stays without it: it must be free there, and the way to it from the others open.',
    attempt: async (view, context) => {
      const line = view.outsiders.find(({ id }) => id === view.target);
      const now = view.status.config?.servers.find(({ id }) => id === view.target);
      if (line === undefined || now === undefined)
        return verdict(false, `the lines of member ${view.target} are not known`);
      const places = newPlaces(now, line);
      const between = places.filter(({ use }) => use !== 'client');
      const here = await tryAll([line.id], places, context);
      const there = await tryAll(
        membersOf(view).filter((id) => id !== line.id),
        between,
        context,
      );
      const wrong = [...here.answers, ...there.answers].filter(
        ({ state }) => state !== 'closed' && state !== 'unknown',
      );
      if (wrong.length > 0) return verdict(false, wrong.map(({ text }) => text).join(', '));
      if (here.tried === 0 && places.length > 0)
        return verdict(false, `whether they are free cannot be told: ${here.answers[0]?.text}`);
      return verdict(true, `${places.map(({ host, port }) => `${host}:${port}`).join(', ') || 'none'} free`);
    },
  },
} as const satisfies Record<string, Gate>;

function membersOf({ status }: GateView): bigint[] {
  return status.members.flatMap(({ id, configured }) => (id !== undefined && configured !== undefined ? [id] : []));
}

/** Asks the machines of those members for these ports; `tried` is how many of them could. */
async function tryAll(
  members: readonly bigint[],
  places: readonly Place[],
  context: ChangeContext,
): Promise<{ tried: number; answers: { state: string; text: string }[] }> {
  const found = await Promise.all(
    members.map((id) => Promise.all(places.map(({ host, port }) => tryFrom(id, host, port, context)))),
  );
  const tried = found.filter((answers) => answers.some(({ state }) => state !== 'unknown')).length;
  return { tried, answers: found.flat() };
}

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
