import { type DynamicConfig, parseDynamicConfig } from '../../../ensemble/dynamic-config.ts';
import { isQuorum, type Quorum, quorumOf, toleranceOf } from '../../../ensemble/quorum.ts';
import type { Acks } from './releases.ts';

/** The list of members that each server has, as a dynamic file has it, by its id; servers that have left are in none. */
export interface MixedLists {
  readonly of: Readonly<Record<string, string>>;
  /** Stopped in between: they have a list and do not run. */
  readonly away: readonly bigint[];
}

/** What is done to one server. */
export interface ListStep {
  before: MixedLists;
  after: MixedLists;
  /** It does not run in between. */
  target: bigint;
  leader: bigint;
  acks: Acks;
}

interface Server {
  id: bigint;
  quorum: Quorum;
  voters: ReadonlySet<bigint>;
  /** A voter by its own list: what others think of it does not matter to how it behaves. */
  votes: boolean;
  away: boolean;
}

/** The list a server has. */
export function listOf({ of }: MixedLists, id: bigint): DynamicConfig | undefined {
  const text = of[`${id}`];
  return text === undefined ? undefined : parseDynamicConfig(text);
}

/** Whether not all servers take the same ones for voters: then an election may have no winner. */
export function votersDiffer(lists: MixedLists): boolean {
  const [first, ...others] = Object.keys(lists.of).flatMap((id) => listOf(lists, BigInt(id)) ?? []);
  return first !== undefined && others.some((one) => !sameVoters(first, one));
}

/** Whether the same servers vote by both lists. */
export function sameVoters(a: DynamicConfig, b: DynamicConfig): boolean {
  return quorumOf(a).voters.join() === quorumOf(b).voters.join();
}

/**
 * Why a step must not be made while members have different lists; undefined when it may. A leader counts by its own list,
 * and a server elects and follows by its own list, so all three are worked out from who has which:
 *
 * - what is left while the target is away goes on, or elects where the target leads;
 * - the target finds its way back: a server that starts follows only whom a quorum of its own list follows already
 *   (FastLeaderElection, out of election), and only a leader that its list has as a voter;
 * - whatever set of servers acknowledges a write, every set that may elect another leader has one of them: else that
 *   leader lacks the write.
 */
export function listProblem({ before, after, target, leader, acks }: ListStep): string | undefined {
  const was = serversOf(before);
  const then = serversOf(after);
  const others = was.filter(({ id, away }) => id !== target && !away);
  return (
    goesOn(others, target, leader) ??
    comesBack(
      then.find(({ id }) => id === target),
      others,
      leader === target ? undefined : leader,
    ) ??
    losesWrites(was, leadersOf(was, target, leader), acks) ??
    losesWrites(then, leadersOf(then, target, leader), acks)
  );
}

/** How many more may fail while the target is away, by the list of who leads then; −1 when there is no quorum. */
export function toleranceWhile({ before, target, leader }: ListStep): number {
  const others = serversOf(before).filter(({ id, away, votes }) => id !== target && !away && votes);
  const counts = others.find(({ id }) => id === leader) ?? others[0];
  if (counts === undefined) return -1;
  const { quorum, tolerance } = toleranceOf(counts.quorum, idsOf(others));
  return quorum ? tolerance : -1;
}

function goesOn(others: readonly Server[], target: bigint, leader: bigint): string | undefined {
  const voting = others.filter(({ votes }) => votes);
  const leading = voting.find(({ id }) => id === leader);
  if (leader === target) {
    const electable = voting.some((one) => settles(one, voting));
    return electable ? undefined : `while member ${target}, which leads, is away the others cannot elect another`;
  }
  if (leading === undefined) return `member ${leader}, which leads, has no list with a vote for itself`;
  if (isQuorum(leading.quorum, idsOf(voting))) return undefined;
  const left = [...idsOf(voting)].filter((id) => leading.voters.has(id));
  return `while member ${target} is away ${left.length} of the ${leading.voters.size} voters in the list of member ${leader}, which leads, are no quorum`;
}

function comesBack(
  target: Server | undefined,
  others: readonly Server[],
  leader: bigint | undefined,
): string | undefined {
  if (target === undefined || target.away) return undefined;
  const { id, quorum, voters } = target;
  if (leader !== undefined && !voters.has(leader))
    return `member ${id} would not follow member ${leader}, which leads: its new list does not have it as a voter`;
  const following = idsOf(others.filter(({ votes }) => votes));
  if (isQuorum(quorum, following)) return undefined;
  const known = [...following].filter((one) => voters.has(one));
  return `member ${id} would not find a leader again: of the ${voters.size} voters in its new list ${known.length} others serve, which is no quorum`;
}

/** Whether that one may be elected by all of these: others follow it only by a quorum of their own lists. */
function settles(candidate: Server, all: readonly Server[]): boolean {
  const supporters = all.filter(({ voters }) => voters.has(candidate.id));
  const votes = idsOf(supporters);
  const followers = supporters.filter(({ quorum }) => isQuorum(quorum, votes));
  return followers.includes(candidate) && isQuorum(candidate.quorum, idsOf(followers));
}

function losesWrites(servers: readonly Server[], leaders: readonly Server[], acks: Acks): string | undefined {
  const voting = servers.filter(({ votes }) => votes);
  for (const leader of leaders) {
    for (const acked of smallestSets(voting, (set) => set.includes(leader) && commits(leader, set, acks))) {
      const rest = voting.filter((one) => !acked.includes(one));
      const elected = rest.find((one) => settles(one, rest));
      if (elected === undefined) continue;
      const [some, others] = [acked, rest].map((set) => set.map(({ id }) => id).join(' and '));
      return `a write acknowledged by members ${some} alone would be lost when members ${others} elect another leader`;
    }
  }
  return undefined;
}

/** Leader.processAck: 3.4 counts whoever follows, later releases the voters of the list (SyncedLearnerTracker.addAck). */
function commits({ quorum, voters }: Server, set: readonly Server[], acks: Acks): boolean {
  if (acks === 'all' && quorum.kind === 'majority') return 2 * set.length > voters.size;
  return isQuorum(quorum, idsOf(set));
}

/** Who may lead while the target is away, or after it is back. */
function leadersOf(servers: readonly Server[], target: bigint, leader: bigint): Server[] {
  return servers.filter(({ id, votes, away }) => votes && !away && (leader === target ? id !== target : id === leader));
}

/** Every set that fits of which no part fits; ensembles are small. */
function smallestSets(servers: readonly Server[], fits: (set: readonly Server[]) => boolean): Server[][] {
  const present = servers.filter(({ away }) => !away);
  const found: Server[][] = [];
  for (let bits = 1; bits < 1 << present.length; bits += 1) {
    const set = present.filter((_, i) => ((bits >> i) & 1) === 1);
    if (fits(set) && !set.some((one) => fits(set.filter((other) => other !== one)))) found.push(set);
  }
  return found;
}

function serversOf(lists: MixedLists): Server[] {
  return Object.keys(lists.of).flatMap((key) => {
    const id = BigInt(key);
    const list = listOf(lists, id);
    if (list === undefined) return [];
    const quorum = quorumOf(list);
    const voters = new Set(quorum.voters);
    return [{ id, quorum, voters, votes: voters.has(id), away: lists.away.includes(id) }];
  });
}

function idsOf(servers: readonly Server[]): Set<bigint> {
  return new Set(servers.map(({ id }) => id));
}
