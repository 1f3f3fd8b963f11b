import { proveCommits } from '../../ensemble/commit-proof.ts';
import { metricNumber } from '../../ensemble/metrics.ts';
import { withoutServer } from '../../ensemble/next-membership.ts';
import { quorumOf, toleranceOf } from '../../ensemble/quorum.ts';
import { formatServerLine } from '../../ensemble/server-line.ts';
import { Errno, isServerError } from '../../protocol/server-errors.ts';
import { SERVING } from '../serving.ts';
import { type Gate, label, targetOf, verdict } from './gate.ts';

const VOTING: readonly string[] = ['leader', 'follower'];

/** A version that no ensemble has: versions are zxids, and this is the greatest. */
const NO_VERSION = 2n ** 63n - 1n;

/** What a person is told who has no right to reconfigure. */
export const NOT_PERMITTED =
  'the ACL of /zookeeper/config does not permit it: the super user is needed (--auth digest:super:file:PATH)';

/** What must hold before and after the membership is changed by a reconfiguration. */
export const MEMBERSHIP = {
  'rest-is-quorum': {
    name: 'rest-is-quorum',
    reason: 'Without the vote that goes, the voters that serve must be a quorum of those that are left.',
    judge: ({ status: { config, members }, target }) => {
      if (config === undefined) return verdict(false, 'nobody told the committed configuration');
      const quorum = quorumOf(target === undefined ? config : withoutServer(config, target));
      const live = members.flatMap(({ id, role }) =>
        id !== undefined && quorum.voters.includes(id) && VOTING.includes(role) ? [id] : [],
      );
      const { quorum: holds, tolerance } = toleranceOf(quorum, new Set(live));
      const evidence = `${live.length} of the ${quorum.voters.length} voters that are left serve`;
      return verdict(holds, holds ? `${evidence}, ${tolerance} more may fail` : `${evidence}, which is no quorum`);
    },
  },
  'reconfig-enabled': {
    name: 'reconfig-enabled',
    reason:
      'The leader must take reconfigurations, and none may be pending: one for a version that is none is refused.',
    attempt: async ({ status }, { client, signal }) => {
      const [line] = status.config?.servers ?? [];
      if (line === undefined) return verdict(false, 'nobody told the committed configuration');
      try {
        const session = await client();
        await session.reconfig({ joining: formatServerLine(line), fromVersion: NO_VERSION, signal });
        return verdict(false, 'a reconfiguration for a version that is none was taken');
      } catch (error) {
        signal.throwIfAborted();
        if (isServerError(error, Errno.badVersion)) return verdict(true, 'the leader takes reconfigurations');
        return verdict(false, error instanceof Error ? error.message : String(error));
      }
    },
  },
  'reconfig-permitted': {
    name: 'reconfig-permitted',
    reason:
      'Who may not reconfigure must learn so before anything is done: the ACL of /zookeeper/config is asked by a write for a version that it never has.',
    attempt: async (_, { client, signal }) => {
      try {
        if (await (await client()).mayReconfigure({ signal }))
          return verdict(true, 'the ACL of /zookeeper/config permits it');
        return { ...verdict(false, NOT_PERMITTED), hopeless: 'denied' };
      } catch (error) {
        signal.throwIfAborted();
        return verdict(false, error instanceof Error ? error.message : String(error));
      }
    },
  },
  'role-as-configured': {
    name: 'role-as-configured',
    reason: 'A member whose part was changed elects or observes anew: it must have taken the part it was given.',
    judge: (view) => {
      const member = targetOf(view);
      if (member === undefined) return verdict(false, `member ${view.target} is not seen`);
      const { role, configured } = member;
      const fits =
        configured === 'participant' ? VOTING.includes(role) : configured === 'observer' && role === configured;
      return verdict(fits, `${label(member)} is ${role}, and ${configured ?? 'nothing'} in the configuration`);
    },
  },
  'counted-non-voting': {
    name: 'counted-non-voting',
    reason: 'The leader itself must count those without a vote as synced before one of them is given a vote.',
    judge: ({ status: { leader, members } }) => {
      if (leader === undefined) return verdict(false, 'there is no one leader to ask');
      // One that joins follows, or observes, without being configured.
      const seen = members.filter(
        ({ role, configured }) => role === 'observer' || (role === 'follower' && configured === undefined),
      ).length;
      const { metrics } = leader.observation;
      const observers = metricNumber(metrics, 'synced_observers');
      if (observers === undefined)
        return verdict(true, 'the leader does not tell how many it counts: the lag stands for it');
      const counted = observers + (metricNumber(metrics, 'synced_non_voting_followers') ?? 0);
      return verdict(counted >= seen, `the leader counts ${counted} without a vote, ${seen} are seen`);
    },
  },
  'not-a-member': {
    name: 'not-a-member',
    reason: 'Only the service of a server that the committed configuration no longer has may be stopped.',
    judge: ({ status: { config }, target }) => {
      if (config === undefined) return verdict(false, 'nobody told the committed configuration');
      const still = config.servers.some(({ id }) => id === target);
      return verdict(!still, `the configuration ${still ? 'still has' : 'does not have'} member ${target}`);
    },
  },
  activated: {
    name: 'activated',
    reason:
      'A write committed after the reconfiguration and read back through every member proves that each has taken the new membership: commits come in order.',
    attempt: async ({ status }, { asking, proofPath, random }) => {
      const members = status.members.filter(
        ({ configured, role }) => configured !== undefined && SERVING.includes(role),
      );
      const observations = members.map(({ observation }) => observation);
      const proof = await proveCommits(observations, asking, { parent: proofPath, random });
      const refused = proof.unproven.map(({ member, reason }) => `${member.host}: ${reason}`);
      const failed = proof.writers.flatMap(({ writer, ok, error, readers }) => [
        ...(ok ? [] : [`a write through ${writer.host}: ${error?.message ?? 'not read back'}`]),
        ...readers.flatMap((one) => (one.ok ? [] : [`not read through ${one.reader.host}`])),
      ]);
      const wrong = [...refused, ...failed];
      if (wrong.length > 0 || proof.writers.length === 0) return verdict(false, wrong.join(', ') || 'no member serves');
      return verdict(true, `a write through each of ${proof.writers.length} members, read back through all of them`);
    },
  },
} as const satisfies Record<string, Gate>;
