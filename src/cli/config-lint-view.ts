import type { AnyRule, Finding } from '../config/lint.ts';
import type { NotJudged } from '../config/live/lint-live.ts';
import type { SilentMember } from '../config/live/read.ts';
import { type RuleText, SEVERITIES, type Severity } from '../config/rules/rule.ts';
import type { Style } from '../output/style.ts';
import type { Role } from '../output/theme.ts';
import type { View } from '../output/view.ts';
import { silentLine } from './config-show-view.ts';

/** What running members added to a lint. */
interface LintedMembers {
  /** By the names findings give them. */
  readonly members: readonly string[];
  readonly notJudged: readonly NotJudged[];
  readonly silent: readonly SilentMember[];
}

/** What the lint of some files and members found, or what rules say. */
export type LintResult =
  | {
      kind: 'findings';
      release: string;
      files: readonly string[];
      findings: readonly Finding[];
      live: LintedMembers | undefined;
    }
  | { kind: 'rules'; rules: readonly RuleText[] }
  | { kind: 'rule'; rule: RuleText };

type Findings = Extract<LintResult, { kind: 'findings' }>;

const ROLES: Readonly<Record<Severity, Role>> = { error: 'bad', warning: 'warn', advice: 'dim' };

/** How `config lint` looks. */
export const configLintView: View<LintResult, Finding | RuleText> = {
  text: (result, style) => {
    if (result.kind === 'findings') return findingLines(result, style).join('\n');
    if (result.kind === 'rule') return explanation(result.rule, style).join('\n');
    return result.rules
      .map(({ id, severity, summary }) => `${id.padEnd(30)} ${severity.padEnd(8)} ${summary}`)
      .join('\n');
  },
  columns: [
    { header: 'severity', value: ({ severity }) => severity, role: ({ severity }) => ROLES[severity] },
    { header: 'rule', value: (row) => ('id' in row ? row.id : row.rule) },
    { header: 'file', value: (row) => ('id' in row ? undefined : row.file) },
    { header: 'line', kind: 'number', value: (row) => ('id' in row ? undefined : row.line) },
    { header: 'message', value: (row) => ('id' in row ? row.summary : row.message) },
  ],
  rows: (result) =>
    result.kind === 'findings' ? result.findings : result.kind === 'rule' ? [result.rule] : result.rules,
  json: (result) => {
    if (result.kind === 'rule') return ruleJson(result.rule);
    if (result.kind === 'rules') return result.rules.map(ruleJson);
    const { release, files, findings, live } = result;
    return {
      release,
      files,
      ...(live && { members: live.members }),
      errors: count(findings, 'error'),
      warnings: count(findings, 'warning'),
      advice: count(findings, 'advice'),
      findings,
      ...(live && { notJudged: live.notJudged, silent: live.silent }),
    };
  },
};

function count(findings: readonly Finding[], severity: Severity): number {
  return findings.filter((one) => one.severity === severity).length;
}

function findingLines({ files, findings, live }: Findings, style: Style): string[] {
  const blocks = together(findings, live?.members ?? []).flatMap(({ severity, file, line, rule, message, fix }) => [
    `${style.name(file)}${line === undefined ? '' : `:${line}`}: ${style.paint(ROLES[severity], severity)}: ${style.name(message)} [${rule}]`,
    ...(fix === undefined ? [] : [style.paint('dim', `  write: ${style.name(fix)}`)]),
  ]);
  const counted = SEVERITIES.map((one) => [one, count(findings, one)] as const).filter(([, number]) => number > 0);
  const parts = counted.map(([one, number]) => `${number} ${number === 1 || one === 'advice' ? one : `${one}s`}`);
  const sum = `${parts.length === 0 ? 'nothing found' : parts.join(', ')} in ${placesText(files, live)}`;
  return [...blocks, ...liveLines(live, style), parts.length === 0 ? sum : `${sum}; --explain RULE says why`];
}

/** What is found alike at several members is said once. */
function together(findings: readonly Finding[], members: readonly string[]): Finding[] {
  const groups = new Map<string, Finding[]>();
  for (const [i, one] of findings.entries()) {
    const shared = members.includes(one.file) ? JSON.stringify([one.rule, one.message, one.fix]) : `${i}`;
    groups.set(shared, [...(groups.get(shared) ?? []), one]);
  }
  return [...groups.values()].flatMap(([first, ...more]) => {
    if (first === undefined) return [];
    const files = [first, ...more].map(({ file }) => file);
    const file = files.length > 1 && files.length === members.length ? `all ${files.length} members` : files.join(', ');
    return [{ ...first, file }];
  });
}

function placesText(files: readonly string[], live: LintedMembers | undefined): string {
  const number = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
  const ofFiles = files.length === 0 && live !== undefined ? [] : [number(files.length, 'file')];
  return [...ofFiles, ...(live === undefined ? [] : [number(live.members.length, 'member')])].join(' and ');
}

/** A rule that was not judged is said to be so: silence would pass for a pass. */
function liveLines(live: LintedMembers | undefined, style: Style): string[] {
  if (live === undefined) return [];
  const all = new Set(live.notJudged.flatMap(({ members }) => members)).size;
  const byReason = new Map<string, NotJudged[]>();
  for (const one of live.notJudged) {
    const key = `${one.members.join()} ${one.reason}`;
    byReason.set(key, [...(byReason.get(key) ?? []), one]);
  }
  return [
    ...live.silent.map((one) => silentLine(one, style)),
    ...[...byReason.values()].flatMap((group) => {
      const [first] = group;
      if (first === undefined) return [];
      const where =
        first.members.length === all && all === live.members.length
          ? ''
          : ` of ${first.members.map(style.name).join(', ')}`;
      const rules = group.map(({ rule }) => rule).join(', ');
      return [style.paint('dim', `not judged: ${rules}${where}: ${style.name(first.reason)}`)];
    }),
  ];
}

function explanation({ id, severity, summary, why, refuses, reference }: RuleText, style: Style): string[] {
  return [
    `${style.paint('title', id)} (${severity}): ${summary}`,
    why,
    ...(refuses === true ? ['A server with such a configuration does not start.'] : []),
    ...(reference === undefined ? [] : [reference]),
  ];
}

function ruleJson({ id, severity, summary, why, refuses = false, reference }: RuleText | AnyRule): object {
  return { rule: id, severity, refuses, summary, why, reference };
}
