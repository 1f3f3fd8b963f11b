import type { MemberStatus } from '../ensemble/ensemble-status.ts';
import type { Health } from '../ensemble/health/judge.ts';
import type { Limits } from '../ensemble/health/limits.ts';
import { countsText } from './health-view.ts';

/** What a plugin for Nagios, Icinga and their like exits with. */
export const NAGIOS = { ok: 0, warning: 1, critical: 2, unknown: 3 } as const;

const WORDS = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;

/** The state that a judgement comes to. Advice is no alarm; a vital check that could not judge is never "OK". */
export function nagiosState({ findings, verdict }: Health): 0 | 1 | 2 | 3 {
  if (findings.some(({ severity }) => severity === 'critical')) return NAGIOS.critical;
  if (findings.some(({ severity }) => severity === 'warning')) return NAGIOS.warning;
  return verdict === 'healthy' ? NAGIOS.ok : NAGIOS.unknown;
}

/** The plugin's output: one line with the state and, after `|`, the performance data; then a line for each finding. */
export function nagiosText(health: Health, limits: Limits): string {
  const { status, findings, notJudged } = health;
  const { quorum, members } = status;
  const serious = findings.filter(({ severity }) => severity !== 'advice');
  const vital = notJudged.filter(({ check }) => check.vital === true);
  const about =
    serious[0]?.message ??
    vital[0]?.reason ??
    (quorum === undefined
      ? 'it serves'
      : `${quorum.live.length} of ${quorum.voters.length} voters serve, ${quorum.tolerance} more may fail`);
  const counts = countsText(serious);
  const head = `ZOOKEEPER ${WORDS[nagiosState(health)]} - ${plain(about)}${counts === '' ? '' : ` (${counts})`}`;
  const values = [
    ...(quorum === undefined
      ? []
      : [`voters=${quorum.live.length};;;0;${quorum.voters.length}`, `tolerance=${quorum.tolerance};;;0`]),
    ...members.flatMap((member) => memberValues(member, limits)),
  ];
  return [
    values.length === 0 ? head : `${head} | ${values.join(' ')}`,
    ...serious.map(({ check, severity, message, evidence }) =>
      plain(`${severity} ${check.code}: ${message} (${evidence})`),
    ),
    ...vital.map(({ check, reason }) => plain(`not judged ${check.code}: ${reason}`)),
  ].join('\n');
}

/** The line of a plugin that failed itself. */
export function nagiosFailure(message: string): string {
  return `ZOOKEEPER ${WORDS[NAGIOS.unknown]} - ${plain(message)}`;
}

function memberValues({ id, host, facts, lag }: MemberStatus, limits: Limits): string[] {
  const label = (name: string): string => `'${`${id ?? host}`.replaceAll(/['=]/g, '')}_${name}'`;
  const values: [string, number | bigint | undefined, string, number?][] = [
    ['latency_avg', facts.latencyAvg?.value, 'ms', limits.latency],
    ['outstanding', facts.outstanding?.value, '', limits.outstanding],
    ['connections', facts.connections?.value, ''],
    ['lag', lag, '', limits.lag],
    ['znodes', facts.znodes?.value, ''],
    ['data', facts.dataSize?.value, 'B'],
  ];
  return values.flatMap(([name, value, unit, warn]) =>
    value === undefined ? [] : [`${label(name)}=${value}${unit};${warn ?? ''};;0`],
  );
}

/** A line feed or a `|` of a server's answer would change what the monitor reads. */
function plain(text: string): string {
  return text.replaceAll(/[\r\n|]+/g, ' ');
}
