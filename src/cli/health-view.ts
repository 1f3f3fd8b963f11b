import type { MemberStatus } from '../ensemble/ensemble-status.ts';
import type { Check, Severity } from '../ensemble/health/check.ts';
import type { Finding, Health, NotJudged } from '../ensemble/health/judge.ts';
import type { Style } from '../output/style.ts';
import type { Role } from '../output/theme.ts';
import type { View } from '../output/view.ts';
import { wrap } from '../output/wrap.ts';
import { type Alike, alike, headOf, notJudgedGroups, seenOf, shortNames } from './alike-findings.ts';
import { headLines } from './status-view.ts';

/** What `health` shows: a judgement, the list of checks, or one of them. */
export type HealthResult =
  | { kind: 'health'; health: Health }
  | { kind: 'checks'; checks: readonly Check[] }
  | { kind: 'check'; check: Check };

const ROLES: Readonly<Record<Severity, Role>> = { critical: 'bad', warning: 'warn', advice: 'dim' };
const VERDICTS: Readonly<Record<Health['verdict'], Role>> = { healthy: 'good', unhealthy: 'bad', unknown: 'warn' };
/** Wider lines are hard to read, whatever the terminal. */
const MAX_WIDTH = 110;

/** How `health` looks: the verdict first, then what was found with the next step, last what could not be judged. */
export const healthView: View<HealthResult, Finding | Check> = {
  text: (result, style) => {
    if (result.kind === 'health') return healthLines(result.health, style).join('\n');
    if (result.kind === 'check') return checkLines(result.check, style).join('\n');
    return result.checks
      .map(
        ({ code, severity, title }) =>
          `${code.padEnd(20)} ${style.paint(ROLES[severity], severity.padEnd(8))} ${title}`,
      )
      .join('\n');
  },
  columns: [
    { header: 'severity', value: ({ severity }) => severity, role: ({ severity }) => ROLES[severity] },
    { header: 'code', value: (row) => ('check' in row ? row.check.code : row.code) },
    { header: 'members', value: (row) => ('check' in row ? shortNames(row.members).join(' ') : undefined) },
    { header: 'message', value: (row) => ('check' in row ? row.message : row.title) },
    { header: 'evidence', value: (row) => ('check' in row ? row.evidence : undefined) },
  ],
  rows: (result) => {
    if (result.kind === 'health') return result.health.findings;
    return result.kind === 'check' ? [result.check] : result.checks;
  },
  json: (result) => {
    if (result.kind === 'health') return healthJson(result.health);
    return result.kind === 'check' ? checkJson(result.check) : result.checks.map(checkJson);
  },
  empty: 'Nothing was found.',
};

function healthLines(health: Health, style: Style): string[] {
  const { findings, notJudged, passed, skipped, verdict, status } = health;
  const width = Math.max(40, Math.min(style.width, MAX_WIDTH));
  const serious = findings.filter(({ severity }) => severity !== 'advice');
  const advice = findings.filter(({ severity }) => severity === 'advice');
  const counted = countsText(findings);
  return [
    `${style.paint(VERDICTS[verdict], verdict.toUpperCase())}${counted === '' ? '' : `: ${counted}`}`,
    ...headLines(status, style),
    ...alike(serious).flatMap((group) => ['', ...findingLines(group, width, style)]),
    ...(advice.length === 0 ? [] : ['', ...alike(advice).flatMap((group) => adviceLines(group, width, style))]),
    '',
    ...notJudgedLines(notJudged, width, style),
    style.paint(
      'dim',
      `${passed.length} checks passed${skipped.length === 0 ? '' : `, ${skipped.length} ${skipped.length === 1 ? 'does' : 'do'} not apply`}; --explain CODE says more`,
    ),
  ];
}

/** `1 critical, 2 warnings, 3 advice`: what one check found at several members is one thing. */
export function countsText(findings: readonly Finding[]): string {
  const count = (severity: Severity): number =>
    new Set(findings.filter((one) => one.severity === severity).map(({ check }) => check.code)).size;
  const warnings = count('warning');
  return [
    [count('critical'), 'critical'],
    [warnings, warnings === 1 ? 'warning' : 'warnings'],
    [count('advice'), 'advice'],
  ]
    .filter(([number]) => number !== 0)
    .map(([number, name]) => `${number} ${name}`)
    .join(', ');
}

function findingLines(group: Alike, width: number, style: Style): string[] {
  const [{ check, severity, todo }] = group;
  return [
    `${style.paint(ROLES[severity], severity.toUpperCase())} ${style.paint('title', style.name(headOf(group)))} [${check.code}]`,
    ...seenOf(group).flatMap((text, i) => labelled(i === 0 ? 'seen' : '', text, width, style)),
    ...labelled('why', check.why, width, style),
    ...labelled('do', todo, width, style),
  ];
}

function adviceLines(group: Alike, width: number, style: Style): string[] {
  const [first = '', ...rest] = wrap(`${style.name(headOf(group))} [${group[0].check.code}]`, width - 8);
  return [`${style.paint('dim', 'advice')}  ${first}`, ...rest.map((line) => `        ${line}`)];
}

function labelled(label: string, text: string, width: number, style: Style): string[] {
  return wrap(style.name(text), width - 7).map(
    (line, i) => `  ${i === 0 ? style.paint('dim', label.padEnd(4)) : '    '} ${line}`,
  );
}

function notJudgedLines(notJudged: readonly NotJudged[], width: number, style: Style): string[] {
  return notJudgedGroups(notJudged).flatMap(({ codes, at, reason }) => {
    const named = codes.length > 6 ? `${codes.slice(0, 4).join(', ')} and ${codes.length - 4} more` : codes.join(', ');
    const [first = '', ...more] = wrap(style.name(`${named}${at === '' ? '' : ` at ${at}`}: ${reason}`), width - 12);
    return [`${style.paint('warn', 'not judged')}  ${first}`, ...more.map((line) => `            ${line}`)];
  });
}

function checkLines({ code, severity, title, why, todo, vital }: Check, style: Style): string[] {
  const width = Math.max(40, Math.min(style.width, MAX_WIDTH));
  return [
    `${style.paint('title', code)} (${severity}): ${title}`,
    ...labelled('why', why, width, style),
    ...labelled('do', todo, width, style),
    ...(vital === true ? ['Where it cannot be judged, the ensemble is not called healthy.'] : []),
  ];
}

function checkJson({ code, severity, title, why, todo, vital = false }: Check): object {
  return { code, severity, title, why, todo, vital };
}

function healthJson({ verdict, findings, notJudged, passed, skipped, status }: Health): object {
  const name = ({ id, host }: MemberStatus): object => ({ id, host });
  return {
    verdict,
    critical: findings.filter(({ severity }) => severity === 'critical').length,
    warnings: findings.filter(({ severity }) => severity === 'warning').length,
    advice: findings.filter(({ severity }) => severity === 'advice').length,
    findings: findings.map(({ check, severity, members, message, evidence, todo }) => ({
      code: check.code,
      severity,
      members: members.map(name),
      message,
      evidence,
      why: check.why,
      todo,
    })),
    notJudged: notJudged.map(({ check, members, reason }) => ({
      code: check.code,
      vital: check.vital === true,
      members: members.map(name),
      reason,
    })),
    passed: passed.map(({ code }) => code),
    skipped: skipped.map(({ check, reason }) => ({ code: check.code, reason })),
    leader: status.leader && (status.leader.id ?? status.leader.host),
    quorum: status.quorum,
    configVersion: status.config?.version,
    members: status.members.map(({ id, host, role, lag }) => ({ id, host, role, lag })),
    took: Math.round(status.took),
  };
}
