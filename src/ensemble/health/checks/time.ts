import { shortDuration } from '../../../protocol/measures.ts';
import { apart } from '../../clock.ts';
import { type Check, type Hit, unjudged } from '../check.ts';
import { nameOf } from '../evidence.ts';

/** Checks about the members' clocks. */
export const TIME_CHECKS: readonly Check[] = [
  {
    code: 'clock-skew',
    title: 'the clocks of two members are apart',
    severity: 'warning',
    why: 'ZooKeeper itself counts ticks, but ctime and mtime are the leader’s clock, TTL znodes are ended by it, and certificates and logs are compared by it: a change of leader makes time jump.',
    todo: 'Look at chrony or ntpd on the machine whose clock is off.',
    judge: ({ status, limits }) => {
      const answering = status.members.filter(({ role }) => role !== 'unreachable');
      const told = answering.filter(({ observation }) => observation.clock !== undefined);
      const silent = answering.filter(({ observation }) => observation.clock === undefined);
      if (answering.length < 2) return { skipped: 'there is one server' };
      if (told.length < 2)
        return unjudged('the clocks of fewer than two members are told (AdminServers would)', silent);
      const hits: Hit[] = [];
      const [first, ...others] = [...told].sort(
        (a, b) => (a.observation.clock?.offset ?? 0) - (b.observation.clock?.offset ?? 0),
      );
      for (const member of others) {
        const [a, b] = [first?.observation.clock, member.observation.clock];
        if (first === undefined || a === undefined || b === undefined) continue;
        const { least, most } = apart(a, b);
        if (least <= limits.skew) continue;
        hits.push({
          members: [first, member],
          message: `the clock of ${nameOf(member)} is ahead of that of ${nameOf(first)} by at least ${shortDuration(least)}`,
          evidence: `between ${shortDuration(least)} and ${shortDuration(most)}, ${b.source}`,
        });
      }
      return {
        hits,
        unjudged:
          silent.length === 0 ? [] : [{ members: silent, reason: 'its clock is not told (its AdminServer would)' }],
      };
    },
  },
];
