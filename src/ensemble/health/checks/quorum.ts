import type { EnsembleStatus, MemberStatus } from '../../ensemble-status.ts';
import { type Check, found, unjudged } from '../check.ts';
import { nameOf, namesOf } from '../evidence.ts';

/** Checks about who serves, and how much more may fail. */
export const QUORUM_CHECKS: readonly Check[] = [
  {
    code: 'nothing-serves',
    title: 'no member serves',
    severity: 'critical',
    vital: true,
    why: 'No client can read or write; sessions begin to expire, and with them the ephemeral znodes of every service.',
    todo: 'Start the voters that are down, one after the other, and look at their logs. With a majority of them back the ensemble elects a leader by itself. If their disks are lost, do not start empty ones before you have read how a quorum is recovered.',
    judge: ({ status }) => {
      if (status.serving) return found();
      const silent = status.members.filter(({ role }) => role === 'unreachable').length;
      return found({
        members: [],
        message:
          silent === status.members.length
            ? 'every member is unreachable'
            : `none of ${status.members.length} members serves, ${silent} of them ${silent === 1 ? 'is' : 'are'} unreachable`,
        evidence: status.members.map((member) => `${nameOf(member)}: ${member.role}`).join('; '),
        // The members that are up may be a quorum that has not found its leader yet.
        todo:
          2 * silent < status.members.length
            ? 'Enough members may be up, and an election under way: look again in some seconds. If it stays, read their logs, check that they reach each other on the quorum and election ports, and start those that are down.'
            : undefined,
      });
    },
  },
  {
    code: 'quorum-lost',
    title: 'fewer voters serve than a quorum takes',
    severity: 'critical',
    vital: true,
    why: 'Nothing can be written, and unless read-only mode is on nothing can be read.',
    todo: 'Bring back the voters that are down; zksh quorum shows which of them would be enough.',
    judge: ({ status }) => {
      const { quorum } = status;
      if (quorum !== undefined) {
        if (quorum.quorum) return found();
        const serving = status.members.filter(({ role }) => ['leader', 'follower'].includes(role));
        if (serving.length === 0)
          return found({ members: [], message: 'there is no quorum', evidence: votersText(quorum) });
        // A leader without followers steps down within syncLimit: that some serve means that others do, or did just now.
        return found({
          members: serving,
          message: `fewer voters answer than a quorum takes, and yet ${namesOf(serving)} ${serving.length === 1 ? 'serves' : 'serve'}`,
          evidence: votersText(quorum),
          todo: 'Look again after syncLimit: without a quorum they stop serving. If they go on, the silent voters run and do not answer you: look from another machine, or open their client ports to this one.',
        });
      }
      if (!status.serving) return { skipped: 'nothing serves, whoever votes' };
      // Who follows or leads does so as one of a quorum; a stranger's quorum is not this one.
      const ours = status.members.some(({ role, configured }) => configured !== undefined && JOINED.includes(role));
      return status.unasked.length === 0 || ours ? found() : unjudged(unaskedText(status));
    },
  },
  {
    code: 'tolerance-zero',
    title: 'the next loss ends the quorum',
    severity: 'critical',
    vital: true,
    why: 'The ensemble serves, but not one more voter may fail, restart or be cut off. Any maintenance now is an outage.',
    todo: 'Bring back the voters that are down before anything else, and put off every restart. zksh quorum --without ID shows what a stop would do.',
    judge: ({ status }) => {
      const { quorum } = status;
      if (quorum === undefined) {
        if (status.members.every(({ role }) => role === 'standalone'))
          return { skipped: 'a standalone server has no quorum' };
        if (status.unasked.length > 0) return unjudged(`${unaskedText(status)}, so how many may fail is not known`);
        return status.serving
          ? unjudged(
              'nobody told the configuration, so how many voters may fail is not known; name all voters with --members',
            )
          : { skipped: 'there is no quorum' };
      }
      if (!quorum.quorum) return { skipped: 'there is no quorum' };
      if (quorum.tolerance > 0) return found();
      const complete = quorum.live.length === quorum.voters.length;
      return found({
        members: [],
        // With one or two voters it is so by design, and no page at night mends that.
        severity: complete ? 'warning' : 'critical',
        message: `the loss of ${quorum.critical.join(' or ')} ends the quorum`,
        evidence: votersText(quorum),
        todo: complete ? 'Add voters: three are the fewest that survive the loss of one.' : undefined,
      });
    },
  },
  {
    code: 'member-unreachable',
    title: 'a member does not answer',
    severity: 'warning',
    vital: true,
    why: 'It is down, cut off, or too busy to answer. What the other checks say does not include it.',
    todo: 'Look at its process and its log; where it runs, try its client port from another member. A member that answers others but not you is behind a firewall, or its port wants TLS: --tls.',
    judge: ({ status }) =>
      found(
        ...status.members
          .filter(({ role }) => role === 'unreachable')
          .map((member) => ({
            members: [member],
            message: `${nameOf(member)} is unreachable`,
            evidence: silenceOf(member),
          })),
      ),
  },
  {
    code: 'member-not-serving',
    title: 'a member is up and does not serve',
    severity: 'warning',
    vital: true,
    why: 'It looks for a leader, or loads its data. If it stays so while others serve, it cannot reach their quorum or election ports, or has data that does not fit.',
    todo: 'Read its log: it says who it tries to reach. Check from its machine that the others’ quorum and election ports are open, and that its myid and server lines agree with theirs.',
    judge: ({ status }) => {
      const idle = status.members.filter(({ role }) => role === 'not serving');
      return found(
        idle.length === 0
          ? undefined
          : {
              members: idle,
              message: `${namesOf(idle)} ${idle.length === 1 ? 'is' : 'are'} up and ${idle.length === 1 ? 'does' : 'do'} not serve`,
              evidence: idle.map(({ facts }) => facts.role?.source).join('; '),
            },
      );
    },
  },
  {
    code: 'member-read-only',
    title: 'a member serves reads only',
    severity: 'warning',
    why: 'It is cut off from the quorum and gives clients that accept it what it knew at that time, which grows older.',
    todo: 'Restore its connection to the others’ quorum and election ports; it joins again by itself.',
    judge: ({ status }) =>
      found(
        ...status.members
          .filter(({ role }) => role === 'read-only')
          .map((member) => ({
            members: [member],
            message: `${nameOf(member)} is in read-only mode`,
            evidence: `mode read-only, ${member.facts.role?.source}`,
          })),
      ),
  },
  {
    code: 'two-leaders',
    title: 'more than one member says it leads',
    severity: 'critical',
    vital: true,
    why: 'Either a leader that was cut off has not noticed yet, which ends within syncLimit, or the servers are of different ensembles, and clients write to both.',
    todo: 'Look again in some seconds. If it stays, compare the server lines and the data of the members; stop no member before you know which side holds the quorum.',
    judge: ({ status }) => {
      const leaders = status.members.filter(({ role }) => role === 'leader');
      if (leaders.length > 1) {
        return found({
          members: leaders,
          message: `${namesOf(leaders)} all say that they lead`,
          evidence: leaders.map(({ facts }) => facts.role?.source).join('; '),
        });
      }
      const silent = status.members.filter(({ role }) => role === 'serving');
      return silent.length === 0 ? found() : unjudged('only a session answered, which does not tell the role', silent);
    },
  },
  {
    code: 'leader-unknown',
    title: 'members serve, and none says it leads',
    severity: 'warning',
    why: 'Somebody leads, or nothing would serve, but lag and what only a leader counts are not known. The leader may be the member that does not answer.',
    todo: 'Look at all members: give --members, or open srvr or the AdminServer of the silent one.',
    judge: ({ status }) => {
      if (!status.serving) return { skipped: 'nothing serves' };
      if (status.members.every(({ role }) => role === 'standalone'))
        return { skipped: 'a standalone server has no leader' };
      if (status.members.some(({ role }) => role === 'leader')) return found();
      const silent = status.members.filter(({ role }) => role === 'serving');
      if (silent.length > 0) return unjudged('only a session answered, which does not tell the role', silent);
      if (status.unasked.length > 0) return unjudged(`${unaskedText(status)}, and one of them may lead`);
      return found({
        members: [],
        message: 'no member that answers leads',
        evidence: status.members.map((member) => `${nameOf(member)}: ${member.role}`).join('; '),
      });
    },
  },
  {
    code: 'even-voters',
    title: 'an even number of voters',
    severity: 'advice',
    why: 'Four voters bear the loss of one, as three do, and one more server can fail. An odd number is the better use of them.',
    todo: 'Add a voter, or make one an observer.',
    judge: ({ status }) => {
      const { quorum } = status;
      if (status.unasked.length > 0) return unjudged(unaskedText(status));
      if (quorum === undefined) return noMembership(status);
      if (quorum.kind !== 'majority') return { skipped: 'with groups and weights, the number of voters says nothing' };
      const { voters } = quorum;
      return found(
        voters.length % 2 === 1
          ? undefined
          : {
              members: [],
              message: `${voters.length} voters`,
              evidence: `voters ${voters.join(', ')} in the committed configuration`,
            },
      );
    },
  },
  {
    code: 'single-server',
    title: 'one server, and no ensemble',
    severity: 'advice',
    why: 'When it stops or its disk is lost, everything that depends on it stops, and what it stored since the last backup is gone.',
    todo: 'For anything but trials, run three.',
    judge: ({ status }) => {
      const alone = status.members.filter(({ role }) => role === 'standalone');
      if (alone.length === 0 || status.members.length > 1) return found();
      return found({
        members: alone,
        message: 'a standalone server',
        evidence: `mode standalone, ${alone[0]?.facts.role?.source}`,
      });
    },
  },
];

/** Roles that nobody has without a quorum. */
const JOINED: readonly string[] = ['leader', 'follower', 'observer'];

function unaskedText({ unasked }: EnsembleStatus): string {
  const [plural, was] = unasked.length === 1 ? ['', 'was'] : ['s', 'were'];
  return `the voter${plural} ${unasked.join(', ')} ${was} not asked`;
}

/** An id that is not known yet makes every AdminServer a candidate: one reason of theirs is enough. */
function silenceOf({ observation: { missing } }: MemberStatus): string {
  const admin = missing.filter(({ source }) => source === 'admin');
  const own = admin.find(({ reason }) => !/does not say whose|is of the server/.test(reason)) ?? admin[0];
  const told = missing.filter((one) => one.source !== 'admin' || one === own);
  return told.map(({ source, reason }) => `${source}: ${reason}`).join('; ') || 'it has no client address';
}

function votersText({ live, voters, kind }: NonNullable<EnsembleStatus['quorum']>): string {
  const gone = voters.filter((id) => !live.includes(id));
  const counted = `${live.length} of ${voters.length} voters serve`;
  return `${counted}${gone.length === 0 ? '' : `; not ${gone.join(', ')}`}${kind === 'majority' ? '' : '; quorum groups and weights counted'}`;
}

function noMembership({ members }: EnsembleStatus): ReturnType<Check['judge']> {
  if (members.every(({ role }) => role === 'standalone')) return { skipped: 'a standalone server has no voters' };
  return unjudged('nobody told the configuration');
}
