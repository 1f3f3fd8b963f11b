import { happenings } from '../../../src/cli/report/happenings.ts';
import type { Report } from '../../../src/cli/report/report.ts';
import { type DynamicConfig, parseDynamicConfig } from '../../../src/ensemble/dynamic-config.ts';
import { ensembleStatus } from '../../../src/ensemble/ensemble-status.ts';
import type { MemberObservation } from '../../../src/ensemble/observe-member.ts';
import { type History, withSample } from '../../../src/ensemble/sampling/history.ts';
import type { Sample } from '../../../src/ensemble/sampling/sample.ts';
import { silent } from '../../ensemble/sampling/members.ts';
import { healthOf } from '../../support/health-views.ts';
import { busy, NOW } from '../top/states.ts';

const CONFIG: DynamicConfig = parseDynamicConfig(
  [1, 2, 3]
    .map((id) => `server.${id}=zk${id}:2888:3888:participant;zk${id}:2181`)
    .join('\n')
    .concat('\nversion=100000003'),
);

/** Three findings, one of each kind, and something that could not be judged. */
const HEALTH = healthOf([
  { role: 'leader', words: { gtmk: '1' }, admin: { last_snapshot: { zxid: '100000000', timestamp: 1 } } },
  { mntr: { outstanding_requests: 210 } },
  { role: 'unreachable', missing: [{ source: '4lw', reason: 'connection refused' }] },
]);

/** A report of looks two seconds apart. */
export function reportOf(looks: readonly MemberObservation[][], more: Partial<Report> = {}): Report {
  let history: History = [];
  const happened: Report['happenings'][number][] = [];
  let last: Sample | undefined;
  for (const [i, members] of looks.entries()) {
    const sample = { at: NOW + 2000 * i, status: ensembleStatus({ members, config: CONFIG, took: 1 }) };
    history = withSample(history, sample, looks.length);
    happened.push(...happenings(last, sample, history));
    last = sample;
  }
  if (last === undefined) throw new Error('no look');
  return {
    name: 'prod',
    command: 'zksh report --window 30s --interval 2s',
    version: '0.1.0',
    begun: NOW,
    ended: last.at,
    interval: 2000,
    samples: looks.length,
    status: last.status,
    history,
    happenings: happened,
    health: HEALTH,
    ...more,
  };
}

/** Half a minute of three members, the third of which died in the middle of it. */
export function usual(more: Partial<Report> = {}): Report {
  const looks = Array.from({ length: 16 }, (_, i) => [
    busy(1, 1000 + 400 * i + 100 * (i % 3)),
    busy(2, 500 + 300 * i + 80 * (i % 4)),
    i < 8 ? busy(3, 200 + 200 * i) : silent(3),
  ]);
  return reportOf(looks, more);
}
