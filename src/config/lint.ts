import { UsageError } from '../protocol/errors.ts';
import type { MemberConfig } from './member.ts';
import { BOOT_RULES } from './rules/boot.ts';
import { ENSEMBLE_RULES } from './rules/drift.ts';
import { EXPOSURE_RULES } from './rules/exposure.ts';
import { MACHINE_RULES } from './rules/machine.ts';
import { MEMBERSHIP_RULES } from './rules/membership.ts';
import { PORT_RULES } from './rules/ports.ts';
import {
  type EnsembleRule,
  type Hit,
  type Rule,
  type RuleText,
  SEVERITIES,
  type Severity,
  type Subject,
} from './rules/rule.ts';
import { STORAGE_RULES } from './rules/storage.ts';
import { TIMING_RULES } from './rules/timing.ts';
import { TLS_RULES } from './rules/tls.ts';
import { VALUE_RULES } from './rules/values.ts';

/** Every rule about a single file, then every rule about several. */
export const MEMBER_RULES: readonly Rule[] = [
  ...VALUE_RULES,
  ...BOOT_RULES,
  ...MEMBERSHIP_RULES,
  ...PORT_RULES,
  ...TIMING_RULES,
  ...STORAGE_RULES,
  ...MACHINE_RULES,
  ...EXPOSURE_RULES,
  ...TLS_RULES,
];
export type AnyRule = Rule | EnsembleRule;

export const RULES: readonly AnyRule[] = [...MEMBER_RULES, ...ENSEMBLE_RULES];

/** One finding of a lint: where which rule is broken. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly file: string;
  /** Counted from 1; undefined for what is missing. */
  readonly line: number | undefined;
  readonly key: string | undefined;
  readonly message: string;
  readonly why: string;
  readonly fix: string | undefined;
  readonly reference: string | undefined;
}

export interface LintOptions extends Pick<Subject, 'release' | 'releaseKnown' | 'nearest'> {
  /** The least that is reported. */
  readonly severity: Severity;
  /** Ids of rules that are not applied. */
  readonly ignore: readonly string[];
}

/** The rule of that id. @throws UsageError `NO_RULE` */
export function findRule(id: string, nearest: Subject['nearest'], rules: readonly RuleText[] = RULES): RuleText {
  const rule = rules.find((one) => one.id === id);
  if (rule !== undefined) return rule;
  const near = nearest(
    id,
    rules.map((one) => one.id),
  );
  throw new UsageError(`there is no rule ${JSON.stringify(id)}`, {
    code: 'NO_RULE',
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'zksh config lint --rules lists them.',
  });
}

/** Judges the configurations of the members of one ensemble: file by file, then all together; the worst first. */
export function lint(members: readonly MemberConfig[], options: LintOptions): Finding[] {
  const single = members.flatMap((member) =>
    MEMBER_RULES.filter((rule) => isApplied(rule, options)).flatMap((rule) => {
      const hits = judge(rule, member, options);
      return typeof hits === 'string' ? [] : hits.map((hit) => finding(rule, hit, member.file.path));
    }),
  );
  const shared = ENSEMBLE_RULES.filter((rule) => isApplied(rule, options) && members.length > 1).flatMap((rule) =>
    rule.compare(members, options.release).map((hit) => finding(rule, hit, hit.file)),
  );
  return worstFirst(
    [...single, ...shared],
    members.map(({ file }) => file.path),
  );
}

/** Where a rule about one configuration is broken, or why that cannot be told of a running server. */
export function judge(rule: Rule, member: MemberConfig, options: LintOptions): readonly Hit[] | string {
  const { sight } = member;
  const subject = { ...options, member, release: member.release ?? options.release };
  if (sight === undefined) return rule.check(subject);
  // It has started with what the rule would refuse, or what the rule is about is not there.
  if (rule.refuses === true && !sight.text) return [];
  if (rule.needs === 'machine') return 'no server tells the memory and the devices of its machine: lint the file on it';
  if (rule.needs === 'text' && !sight.text) return 'the text of zoo.cfg is not told';
  if ((rule.needs === 'names' || rule.needs === 'values') && !sight.names) return 'system properties are not told';
  sight.blind.clear();
  const hits = rule.check(subject);
  const blind = [...sight.blind];
  sight.blind.clear();
  if (rule.needs === 'values' && !sight.text && hits.length === 0)
    return 'only what is told was judged, and that is not the whole of zoo.cfg';
  return blind.length === 0 ? hits : `${blind.join(', ')} ${blind.length === 1 ? 'is' : 'are'} not told`;
}

/** Whether a lint with these options applies a rule. */
export function isApplied({ id, severity }: { id: string; severity: Severity }, options: LintOptions): boolean {
  return !options.ignore.includes(id) && SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(options.severity);
}

/** Findings in the order they are told: by severity, then by file. */
export function worstFirst(findings: readonly Finding[], files: readonly string[]): Finding[] {
  return [...findings].sort(
    (a, b) =>
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
      files.indexOf(a.file) - files.indexOf(b.file) ||
      (a.line ?? 0) - (b.line ?? 0),
  );
}

/** What a rule that is broken in one place comes to. */
export function finding(rule: RuleText, { at, message, fix }: Hit, file: string): Finding {
  const { id, severity, why, reference } = rule;
  const key = at === undefined || at.key === '' ? undefined : at.key;
  // A running server has no lines.
  const line = at?.line === 0 ? undefined : at?.line;
  return { rule: id, severity, file: at?.file ?? file, line, key, message, why, fix, reference };
}
