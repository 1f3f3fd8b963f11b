import type { Departure } from '../../baseline/baseline.ts';
import { METRICS } from '../../baseline/metrics.ts';
import type { MemberStatus } from '../../ensemble-status.ts';
import { shortName } from '../../member.ts';
import { type Check, found, type HealthView, unjudged } from '../check.ts';
import { nameOf } from '../evidence.ts';

/** Checks against what was usual, made only where a file of it is named. */
export const USUAL_CHECKS: readonly Check[] = [
  {
    code: 'unusual-value',
    title: 'a metric far from what it usually is',
    severity: 'warning',
    why: 'No limit was crossed, and yet something is not as it was: a new client, a disk that begins to fail, a deployment.',
    todo: 'Ask what changed. If it is meant to stay, go on looking: the baseline learns it within some days.',
    judge: (view) => {
      const { usual } = view;
      if (usual === undefined) return { skipped: 'it is made with --baseline' };
      if ('failure' in usual) {
        return found({
          members: [],
          message: 'the baseline cannot be used, so nothing was compared with it',
          evidence: usual.failure,
          todo: 'Name another file, or move this one away: a new one is learnt then.',
        });
      }
      const hits = usual.departures.map((one) => {
        const member = memberOf(one.member, view);
        return {
          members: member === undefined ? [] : [member],
          message: `${one.metric} of ${member === undefined ? one.member : nameOf(member)} is ${numberText(one.value)}, ${Math.round(one.deviations)} deviations from its median ${numberText(one.median)}`,
          evidence: evidenceOf(one),
        };
      });
      const [first] = usual.learning;
      if (first === undefined) return { hits, unjudged: [] };
      const metrics = new Set(usual.learning.map(({ metric }) => metric));
      const reason = `still learning ${metrics.size} metrics (${first.metric}: ${first.samples} of ${first.needed} looks)`;
      return { hits, unjudged: unjudgedOf(reason) };
    },
  },
];

function unjudgedOf(reason: string) {
  const judgement = unjudged(reason);
  return 'unjudged' in judgement ? judgement.unjudged : [];
}

function evidenceOf({ metric, mad, hour, samples }: Departure): string {
  const when = hour === undefined ? 'at all hours' : `between ${hour}:00 and ${hour + 1}:00 UTC`;
  return `median absolute deviation ${numberText(mad)} ${METRICS[metric].unit}, of ${samples} looks ${when}`;
}

function memberOf(key: string, { status }: HealthView): MemberStatus | undefined {
  return status.members.find((member) => key === shortName(member));
}

function numberText(value: number): string {
  return `${Number(value.toPrecision(4))}`;
}
