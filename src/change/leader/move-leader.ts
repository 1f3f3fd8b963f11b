import type { DynamicConfig } from '../../ensemble/dynamic-config.ts';
import type { EnsembleStatus } from '../../ensemble/ensemble-status.ts';
import { placeOf, withServer } from '../../ensemble/next-membership.ts';
import { isQuorum, quorumOf } from '../../ensemble/quorum.ts';
import { ExitCode, ZkshError } from '../../protocol/errors.ts';
import { BEFORE_VOTE } from '../membership/change-role.ts';
import {
  committedConfig,
  type MembershipChange,
  memberLine,
  membershipPlan,
  reconfigStep,
} from '../membership/membership.ts';
import type { Plan, Step } from '../plan.ts';
import { likelyHeir, routeTo } from './heir.ts';

/**
 * Works out how the leader hands over: its vote is taken by a reconfiguration, which names the next leader without an
 * election, and given back when it has caught up. In the end the membership is what it was, but for its version.
 *
 * A certain member cannot be asked for: where the servers commonly choose another, the way may lead over a second hand-over.
 * When they choose otherwise all the same the change stops with every vote in its place; it is not tried again by itself,
 * since each try is a pause for whoever writes.
 *
 * @throws ZkshError `NO_LEADER`, `NO_MEMBER`, `NO_CONFIG_VERSION`, `VOTE_NEEDED`, `SAME_ROLE`, `NO_VOTE`, `NOT_STEERABLE`
 */
export function planLeaderMove(change: MembershipChange, to: bigint | undefined): Plan {
  const { status } = change;
  const leader = leaderOf(status);
  const config = committedConfig(status);
  const route = routeOf(config, status, leader, to);
  const givers = [leader, ...route.slice(0, -1)];
  for (const giver of givers) refuseNeededVote(config, status, giver);
  const handOvers = givers.map((giver, i) => handOver(config, giver, i === givers.length - 1 ? to : undefined));
  const steps = handOvers.flatMap((one) => one.steps);
  const plan = membershipPlan(change, 'leader move', { steps, next: config, outsiders: [], risks: [] });
  return { ...plan, risks: risksOf(route, to, givers.length, plan.tolerance.least) };
}

function leaderOf({ leader }: EnsembleStatus): bigint {
  if (leader?.id !== undefined) return leader.id;
  throw new ZkshError('there is no one leader that could hand over', {
    code: 'NO_LEADER',
    exitCode: ExitCode.unhealthy,
    hint: 'Look at it with zksh status. A standalone server has no other to hand over to.',
  });
}

/** Who is to lead one after the other. */
function routeOf(config: DynamicConfig, status: EnsembleStatus, leader: bigint, to: bigint | undefined): bigint[] {
  const { voters } = quorumOf(config);
  if (to === undefined) {
    const heir = likelyHeir(voters, leader);
    return heir === undefined ? [] : [heir];
  }
  const { role } = memberLine(config, to);
  if (to === leader) {
    throw new ZkshError(`member ${to} leads already`, {
      code: 'SAME_ROLE',
      exitCode: ExitCode.conflict,
      hint: 'There is nothing to move.',
    });
  }
  if (role !== 'participant') {
    throw new ZkshError(`member ${to} has no vote: it cannot lead`, {
      code: 'NO_VOTE',
      exitCode: ExitCode.conflict,
      hint: `Give it one first: zksh member promote ${to}.`,
    });
  }
  const seen = status.members.find(({ id }) => id === to)?.role ?? 'not seen';
  if (seen !== 'follower') {
    throw new ZkshError(`member ${to} cannot take over: it is ${seen}`, {
      code: 'NOT_SERVING',
      exitCode: ExitCode.unhealthy,
      hint: 'Whoever takes over must follow, and be synced.',
    });
  }
  const route = routeTo(voters, leader, to);
  if (route !== undefined) return [...route];
  throw notSteerable(to, leader, voters);
}

function notSteerable(to: bigint, leader: bigint, voters: readonly bigint[]): ZkshError {
  const greatest = voters.filter((id) => id !== leader).every((id) => id <= to);
  return new ZkshError(
    `leadership cannot be handed to member ${to}: the server would choose member ${likelyHeir(voters, leader)}`,
    {
      code: 'NOT_STEERABLE',
      exitCode: ExitCode.unhealthy,
      hint: greatest
        ? `An election prefers the greatest id among those with the latest transaction: zksh rolling restart --only ${leader} commonly brings member ${to}.`
        : `Nothing that keeps the other votes leads there. Move it without --to, or hold an election: zksh rolling restart --only ${leader}; no one can choose its winner.`,
    },
  );
}

/** Leader.isQuorumSynced does not count one that observes: without it the others must be a quorum of those that are to vote. */
function refuseNeededVote(config: DynamicConfig, { members }: EnsembleStatus, giver: bigint): void {
  const left = members.flatMap(({ id, role }) =>
    id !== undefined && id !== giver && ['leader', 'follower'].includes(role) ? [id] : [],
  );
  const quorum = quorumOf(config);
  if (quorum.voters.length > 2 && isQuorum(quorum, new Set(left))) return;
  throw new ZkshError(
    `the vote of member ${giver} cannot be given up: the other voters that serve would be no quorum of ${quorum.voters.length}, and could not give it back`,
    {
      code: 'VOTE_NEEDED',
      exitCode: ExitCode.unhealthy,
      hint:
        quorum.voters.length > 2
          ? `What remains is an election: zksh rolling restart --only ${giver}, when all other voters serve. No one can choose its winner.`
          : 'With two voters any restart of one stops the ensemble, too: add a third first (zksh member add).',
    },
  );
}

/** The two steps of one hand-over, and the membership between them. */
function handOver(
  config: DynamicConfig,
  giver: bigint,
  heir: bigint | undefined,
): { steps: Step[]; between: DynamicConfig } {
  const line = memberLine(config, giver);
  const between = { ...withServer(config, { ...line, role: 'observer' }), version: config.version };
  const steps: Step[] = [
    reconfigStep(config, between, {
      id: `demote-${giver}`,
      title: `take the vote of member ${giver}, which leads`,
      why: 'the server names another leader in the same transaction: there is no election',
      member: giver,
      before: ['rest-is-quorum', 'target-leads'],
      after: ['role-as-configured', 'lag-stable', 'another-leads'],
      serving: line,
    }),
    {
      ...reconfigStep(between, withServer(between, line, placeOf(config, giver)), {
        id: `promote-${giver}`,
        title: `give member ${giver} its vote back`,
        why: 'it has caught up as an observer: the membership is again what it was',
        member: giver,
        before: [...BEFORE_VOTE, 'commits-through-member'],
        after: [
          'role-as-configured',
          'lag-stable',
          'another-leads',
          ...(heir === undefined ? [] : (['heir-leads'] as const)),
        ],
      }),
      wanted: { leader: heir },
      // The vote stays where it belongs, also when the change is aborted.
      undo: [],
    },
  ];
  return { steps, between };
}

function risksOf(route: readonly bigint[], to: bigint | undefined, hops: number, least: number): string[] {
  return [
    'While leadership moves nobody can write; the canary measures how long. Clients of the member that leads move twice: when it becomes an observer, and when it votes again.',
    to === undefined
      ? `The server chooses who leads: commonly member ${route[0]}, the first of those that acknowledged; under load another may be.`
      : `No one can be sure that member ${to} will lead: the server takes the first of those that acknowledged, under load another. Then the change stops with all votes in place, and says who leads.`,
    ...(hops > 1
      ? [
          `There are ${hops} hand-overs, by way of member ${route[0]}: from where it is now leadership does not go to ${to}.`,
        ]
      : []),
    ...(least <= 0
      ? ['While a vote is missing the loss of one more voter ends the quorum. Nothing else should be done meanwhile.']
      : []),
    'Stopped between the steps, rolling resume gives the vote back, and so does rolling abort.',
  ];
}
