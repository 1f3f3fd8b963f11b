import { isEnsemble, numberOf, settingOf } from '../member.ts';
import { guide } from '../parameters/parameter.ts';
import { sessionTimeouts } from './boot.ts';
import { hitAt, type Rule, type Subject, when } from './rule.ts';

/** Rules about ticks, limits and timeouts. */
export const TIMING_RULES: readonly Rule[] = [
  {
    id: 'tick-time-odd',
    severity: 'advice',
    summary: 'a tickTime under 500 ms or over 10 s',
    why: 'Members and sessions are watched in ticks: a short one takes a pause of the JVM for a death, a long one finds the dead late.',
    reference: guide('min'),
    check: (subject) => {
      const { tick } = sessionTimeouts(subject);
      return when(tick > 0 && (tick < 500 || tick > 10_000), () =>
        hitAt(subject, 'tickTime', `a tick takes ${tick} ms`),
      );
    },
  },
  {
    id: 'sync-limit-short',
    severity: 'warning',
    summary: 'a syncLimit under 4 s',
    why: 'A follower that is silent for so long is dropped, and a garbage collection or a slow disk takes as long: the ensemble elects anew without need.',
    reference: guide('cluster'),
    check: (subject) => {
      const { limit, ms } = limitOf(subject, 'syncLimit');
      return when(ms > 0 && ms < 4000, () =>
        hitAt(subject, 'syncLimit', `syncLimit is ${ms} ms (${limit} × tickTime)`),
      );
    },
  },
  {
    id: 'sync-limit-long',
    severity: 'advice',
    summary: 'a syncLimit over a minute',
    why: 'For so long a leader counts on a follower that does not answer, and its clients wait with it.',
    reference: guide('cluster'),
    check: (subject) => {
      const { limit, ms } = limitOf(subject, 'syncLimit');
      return when(ms > 60_000, () => hitAt(subject, 'syncLimit', `syncLimit is ${ms} ms (${limit} × tickTime)`));
    },
  },
  {
    id: 'init-limit-short',
    severity: 'warning',
    summary: 'an initLimit under 10 s',
    why: 'In that time a follower must have loaded the whole of the data from the leader; where it takes longer, it starts again for ever.',
    reference: guide('cluster'),
    check: (subject) => {
      const { limit, ms } = limitOf(subject, 'initLimit');
      return when(ms > 0 && ms < 10_000, () =>
        hitAt(subject, 'initLimit', `initLimit is ${ms} ms (${limit} × tickTime)`),
      );
    },
  },
  {
    id: 'limits-crossed',
    severity: 'warning',
    summary: 'an initLimit under syncLimit',
    why: 'To load all data at the start takes longer than to stay in step later.',
    reference: guide('cluster'),
    check: (subject) => {
      const [init, sync] = [limitOf(subject, 'initLimit').limit, limitOf(subject, 'syncLimit').limit];
      return when(init > 0 && init < sync, () =>
        hitAt(subject, 'initLimit', `initLimit is ${init}, syncLimit ${sync} ticks`),
      );
    },
  },
  {
    id: 'session-timeout-in-ticks',
    severity: 'warning',
    summary: 'a minSessionTimeout under two ticks',
    why: 'Sessions expire at whole ticks and clients ping at a third of their timeout: so short a session dies of a single delay.',
    reference: guide('adv'),
    check: (subject) => {
      const { min, tick } = sessionTimeouts(subject);
      return when(min < 2 * tick, () =>
        hitAt(subject, 'minSessionTimeout', `sessions of ${min} ms with ticks of ${tick} ms`),
      );
    },
  },
  {
    id: 'session-timeout-low',
    severity: 'advice',
    summary: 'a maxSessionTimeout under 20 s',
    why: 'Clients that ask for more, as most do, get no more than this and lose their sessions in pauses they were made to survive.',
    reference: guide('adv'),
    check: (subject) => {
      const { max } = sessionTimeouts(subject);
      return when(max > 0 && max < 20_000, () =>
        hitAt(subject, 'maxSessionTimeout', `no session lasts longer than ${max} ms`),
      );
    },
  },
  {
    id: 'session-timeout-high',
    severity: 'advice',
    summary: 'a maxSessionTimeout over ten minutes',
    why: 'For so long the ephemeral nodes of a client that died stand there: its locks are held and its services listed.',
    reference: guide('adv'),
    check: (subject) => {
      const { max } = sessionTimeouts(subject);
      return when(max > 600_000, () => hitAt(subject, 'maxSessionTimeout', `sessions may last ${max / 1000} s`));
    },
  },
];

/** A limit of an ensemble in ticks and in milliseconds; 0 where it is not set. */
function limitOf(subject: Subject, key: 'initLimit' | 'syncLimit'): { limit: number; ms: number } {
  const { member, release } = subject;
  if (settingOf(member, key) === undefined || !isEnsemble(member, release)) return { limit: 0, ms: 0 };
  const limit = numberOf(member, key, release) ?? 0;
  return { limit, ms: limit * sessionTimeouts(subject).tick };
}
