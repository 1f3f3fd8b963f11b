import { proveCommits } from '../../ensemble/commit-proof.ts';
import { SERVING } from '../serving.ts';
import { BEFORE } from './before.ts';
import { type Gate, label, targetOf, verdict } from './gate.ts';

/** What must hold after a member came back, before the next one is touched. */
export const AFTER = {
  'member-serves': {
    name: 'member-serves',
    reason: 'A process that runs is not a member that serves: it must say its mode.',
    judge: (view) => {
      const member = targetOf(view);
      if (member === undefined) return verdict(false, `member ${view.target} is not seen`);
      return verdict(
        SERVING.includes(member.role),
        `${label(member)} is ${member.role}${member.facts.role === undefined ? '' : ` (${member.facts.role.source})`}`,
      );
    },
  },
  broadcasting: {
    name: 'broadcasting',
    reason: 'Until its state is broadcast, a member may answer reads and still be taking in the leader’s history.',
    judge: (view) => {
      const member = targetOf(view);
      const state = member?.observation.metrics?.get('peer_state');
      // 3.4, 3.5 and servers that keep mntr to themselves do not tell: that it serves, and its lag, stand for it.
      if (state === undefined)
        return verdict(
          member !== undefined && SERVING.includes(member.role),
          'its peer_state is not told (3.6 and later do)',
        );
      return verdict(/broadcast$/.test(state), `peer_state ${state}`);
    },
  },
  'counted-synced': {
    name: 'counted-synced',
    reason: 'The leader itself must count the followers as synced again: that is what the quorum stands on.',
    judge: BEFORE['all-synced'].judge,
  },
  'lag-stable': {
    name: 'lag-stable',
    reason: 'A member that keeps falling behind must not be called back.',
    judge: (view) => {
      const member = targetOf(view);
      if (member?.role === 'leader') return verdict(true, `${label(member)} leads`);
      if (member?.lag === undefined) return verdict(false, `the lag of member ${view.target} is not known`);
      return verdict(member.lag <= BigInt(view.limits.lag), `${label(member)} is ${member.lag} transactions behind`);
    },
  },
  'commits-through-member': {
    name: 'commits-through-member',
    reason: 'A write through that very member, read back through the others, is the proof that it is a member again.',
    attempt: async (view, { asking, proofPath, random }) => {
      const observations = view.status.members
        .filter(({ role }) => role !== 'unreachable')
        .map(({ observation }) => observation);
      const proof = await proveCommits(observations, asking, { parent: proofPath, random });
      const own = proof.writers.find(({ writer }) => writer.id === view.target);
      const refused = proof.unproven.find(({ member }) => member.id === view.target);
      if (own === undefined)
        return verdict(false, `no write through member ${view.target}: ${refused?.reason ?? 'it has no session'}`);
      const lacking = own.readers.filter(({ ok }) => !ok);
      if (!own.ok && own.readers.length === 0)
        return verdict(false, `a write through member ${view.target} failed: ${own.error?.message ?? 'no answer'}`);
      if (lacking.length > 0)
        return verdict(
          false,
          `what was written through it is not read through ${lacking.map(({ reader }) => reader.host).join(', ')}`,
        );
      return verdict(true, `written in ${Math.round(own.took)} ms, read back through ${own.readers.length} members`);
    },
  },
} as const satisfies Record<string, Gate>;
