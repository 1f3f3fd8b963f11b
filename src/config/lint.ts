import { UsageError } from '../protocol/errors.ts';
import type { MemberConfig } from './member.ts';
import { BOOT_RULES } from './rules/boot.ts';
import { ENSEMBLE_RULES } from './rules/drift.ts';
import { EXPOSURE_RULES } from './rules/exposure.ts';
import { MEMBERSHIP_RULES } from './rules/membership.ts';
import { PORT_RULES } from './rules/ports.ts';
import { type EnsembleRule, type Hit, type Rule, SEVERITIES, type Severity, type Subject } from './rules/rule.ts';
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
export function findRule(id: string, nearest: Subject['nearest']): AnyRule {
  const rule = RULES.find((one) => one.id === id);
  if (rule !== undefined) return rule;
  const near = nearest(
    id,
    RULES.map((one) => one.id),
  );
  throw new UsageError(`there is no rule ${JSON.stringify(id)}`, {
    code: 'NO_RULE',
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'zksh config lint --rules lists them.',
  });
}

/** Judges the configurations of the members of one ensemble: file by file, then all together; the worst first. */
export function lint(members: readonly MemberConfig[], options: LintOptions): Finding[] {
  const applied = (rule: AnyRule): boolean =>
    !options.ignore.includes(rule.id) && SEVERITIES.indexOf(rule.severity) <= SEVERITIES.indexOf(options.severity);
  const single = members.flatMap((member) =>
    MEMBER_RULES.filter(applied).flatMap((rule) =>
      rule.check({ ...options, member }).map((hit) => finding(rule, hit, member.file.path)),
    ),
  );
  const shared = ENSEMBLE_RULES.filter((rule) => applied(rule) && members.length > 1).flatMap((rule) =>
    rule.compare(members, options.release).map((hit) => finding(rule, hit, hit.file)),
  );
  const order = [...single, ...shared];
  const files = members.map(({ file }) => file.path);
  return order.sort(
    (a, b) =>
      SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
      files.indexOf(a.file) - files.indexOf(b.file) ||
      (a.line ?? 0) - (b.line ?? 0),
  );
}

function finding(rule: AnyRule, { at, message, fix }: Hit, file: string): Finding {
  const { id, severity, why, reference } = rule;
  const key = at === undefined || at.key === '' ? undefined : at.key;
  return { rule: id, severity, file: at?.file ?? file, line: at?.line, key, message, why, fix, reference };
}
