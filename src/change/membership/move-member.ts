import { withServer } from '../../ensemble/next-membership.ts';
import { isWildcard } from '../../ensemble/places.ts';
import { quorumOf } from '../../ensemble/quorum.ts';
import { formatServerLine, type ServerLine } from '../../ensemble/server-line.ts';
import { ExitCode, ZkshError } from '../../protocol/errors.ts';
import { AFTER_COMING_BACK, BEFORE_TAKING_AWAY, type GateName } from '../gates/gates.ts';
import type { Plan, Step } from '../plan.ts';
import { committedConfig, type MembershipChange, memberLine, membershipPlan, reconfigStep } from './membership.ts';

const RESTART_MS = 10_000;

/** Of a member that listens elsewhere. */
const AFTER_MOVE: readonly GateName[] = [
  'member-serves',
  'broadcasting',
  'role-as-configured',
  'lag-stable',
  'reachable-by-others',
  'commits-through-member',
];

/**
 * Works out how a member gets other ports, or other addresses of its machine, by one reconfiguration. A server takes them
 * while it runs (QuorumPeer.processReconfig, 3.5 to 3.9): every member starts its election anew, where it listens at the new
 * election port; a quorum port is bound by who leads; the client port is given up and bound anew, and sessions stay.
 *
 * @throws ZkshError `NO_MEMBER`, `NO_CONFIG_VERSION`, `LEADER_REBINDS`
 */
export function planMove(change: MembershipChange, line: ServerLine): Plan {
  const { id } = line;
  const { status } = change;
  const config = committedConfig(status);
  const now = memberLine(config, id);
  const leads = status.leader?.id === id;
  const next = withServer(config, line);
  const kind = 'member move';
  const outsiders = [line];
  if (formatServerLine(now) === formatServerLine(line)) {
    return membershipPlan(change, kind, { steps: [], next, outsiders, risks: [] });
  }
  const elsewhere = places(now) !== places(line);
  const alone = quorumOf(config).voters.length === 1;
  const rebinds = needsRestart(now, line);
  if (rebinds && leads) throw leaderRebinds(id);
  const move = reconfigStep(config, next, {
    id: `move-${id}`,
    title: `give member ${id} other addresses`,
    why: elsewhere && leads ? 'it leads: another is elected in the same step' : 'it takes them while it runs',
    member: id,
    // One that should not bind its ports among members must be one that can be done without. Its vote needs no client port,
    // but what became of the only voter nobody else could tell.
    before: ['member-serves', ...(elsewhere || alone ? (['quorum-without-target'] as const) : []), 'new-ports-free'],
    after: rebinds ? [] : AFTER_MOVE,
  });
  const steps = rebinds ? [move, restartStep(id)] : [move];
  const risks = risksOf(now, line, leads && elsewhere);
  return membershipPlan(change, kind, { steps, next, outsiders, risks });
}

/**
 * NettyServerCnxnFactory binds the new address before it gives the old one up: with the same port and an address that the
 * other includes it fails, and the member stays without a client port until it is started again.
 */
function needsRestart({ client: before }: ServerLine, { client: after }: ServerLine): boolean {
  return before?.port === after?.port && hostOf(before) !== hostOf(after);
}

function hostOf(client: ServerLine['client']): string {
  return isWildcard(client?.host) ? '' : (client?.host ?? '');
}

function places({ addresses }: ServerLine): string {
  return JSON.stringify(addresses);
}

function restartStep(member: bigint): Step {
  return {
    id: `restart-${member}`,
    title: `restart member ${member}`,
    why: 'the client port stays and its address does not: not every server can bind that while it runs',
    member,
    action: { do: 'restart', member },
    before: BEFORE_TAKING_AWAY,
    after: [...AFTER_COMING_BACK, 'role-as-configured', 'reachable-by-others'],
    undo: [],
    mend: [{ do: 'start', member }],
    expected: RESTART_MS,
  };
}

function risksOf(now: ServerLine, line: ServerLine, electsAnother: boolean): string[] {
  const { id } = line;
  const [from, to] = [now.client, line.client].map((client) => `${hostOf(client) || '*'}:${client?.port}`);
  return [
    `From ${formatServerLine(now)} to ${formatServerLine(line)}`,
    ...(electsAnother
      ? [`Member ${id} leads: leadership moves to another with the reconfiguration, and nobody can write meanwhile.`]
      : []),
    ...(from === to
      ? []
      : [`Clients that are connected stay. Those that connect later must know ${to} in the place of ${from}.`]),
    ...(needsRestart(now, line)
      ? [`When it is aborted after its restart, restart it once more: zksh rolling restart --only ${id}.`]
      : []),
  ];
}

function leaderRebinds(id: bigint): ZkshError {
  return new ZkshError(`member ${id} leads, and another client address with the same port may need its restart`, {
    code: 'LEADER_REBINDS',
    exitCode: ExitCode.unhealthy,
    hint: `Let another lead first (zksh rolling restart --only ${id}), or give it another port.`,
  });
}
