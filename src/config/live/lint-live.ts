import { diffInForce } from '../diff.ts';
import { type Finding, finding, isApplied, judge, type LintOptions, lint, MEMBER_RULES, worstFirst } from '../lint.ts';
import type { MemberConfig } from '../member.ts';
import { NEWEST } from '../parameters/release.ts';
import { PARAMETERS } from '../parameters/table.ts';
import { LIVE_RULES } from '../rules/live.ts';
import type { RuleText } from '../rules/rule.ts';
import type { EffectiveConfig } from './effective.ts';
import { loadOf } from './load.ts';
import { liveMemberConfig } from './member-config.ts';

/** A rule that was not judged for want of what it needs: it is neither kept nor broken. */
export interface NotJudged {
  readonly rule: string;
  /** The members it is about, by the names findings give them. */
  readonly members: readonly string[];
  readonly reason: string;
}

/** What the lint of running members, and of files beside them, came to. */
export interface LiveLint {
  readonly findings: readonly Finding[];
  readonly notJudged: readonly NotJudged[];
}

const MIXED: RuleText = {
  id: 'mixed-releases',
  severity: 'warning',
  summary: 'members of different releases',
  why: 'A rolling upgrade passes through it; staying there does not: the members know different parameters and operations, and what one accepts another may refuse.',
};
const NOT_IN_FORCE: RuleText = {
  id: 'not-in-force',
  severity: 'warning',
  summary: 'a line of a file that the running server does not have in force',
  why: 'The file was changed after the start, or a system property, JMX or another file rules: at its next start the server will behave differently from today.',
};

/** Every rule that only running members can be judged by. */
export const RUNNING_RULES: readonly RuleText[] = [...LIVE_RULES, MIXED, NOT_IN_FORCE];

/** Judges running members by the rules for files, as far as they tell what these need, and by what they carry. */
export function lintLive(
  members: readonly EffectiveConfig[],
  files: readonly MemberConfig[],
  options: LintOptions,
): LiveLint {
  const configs = members.map(liveMemberConfig);
  const release = members[0]?.release ?? options.release;
  const ofLoad = measured(members, options);
  const ofFiles = files.length === 0 ? [] : lint(files, { ...options, release });
  const findings = [
    ...ofFiles,
    ...lint(configs, { ...options, release, releaseKnown: true }),
    ...ofLoad.findings,
    ...(isApplied(MIXED, options) ? mixed(members) : []),
    ...(isApplied(NOT_IN_FORCE, options) ? notInForce(files, configs) : []),
  ];
  const unseen = [...unjudged(configs, options), ...ofLoad.notJudged, ...undrifted(configs, options)];
  return {
    findings: worstFirst(
      findings,
      [...files, ...configs].map(({ file }) => file.path),
    ),
    notJudged: joined(unseen),
  };
}

function unjudged(configs: readonly MemberConfig[], options: LintOptions): NotJudged[] {
  return configs.flatMap((member) =>
    MEMBER_RULES.filter((rule) => isApplied(rule, options)).flatMap((rule) => {
      const reason = judge(rule, member, options);
      return typeof reason === 'string' ? [{ rule: rule.id, members: [member.file.path], reason }] : [];
    }),
  );
}

function measured(members: readonly EffectiveConfig[], options: LintOptions): LiveLint {
  const loads = members.map(({ observation }) => loadOf(observation));
  const acks = loads.flatMap(({ quorumAck }) => quorumAck ?? []);
  const quorumAck = acks.length === 0 ? undefined : Math.max(...acks);
  const results = members.flatMap((effective, i) => {
    const load = loads[i];
    if (load === undefined) return [];
    return LIVE_RULES.filter((rule) => isApplied(rule, options)).map((rule) => ({
      rule,
      name: effective.name,
      hits: rule.check({ effective, load, quorumAck }),
    }));
  });
  return {
    findings: results.flatMap(({ rule, name, hits }) =>
      typeof hits === 'string' ? [] : hits.map((hit) => finding(rule, hit, name)),
    ),
    notJudged: results.flatMap(({ rule, name, hits }) =>
      typeof hits === 'string' ? [{ rule: rule.id, members: [name], reason: hits }] : [],
    ),
  };
}

function mixed(members: readonly EffectiveConfig[]): Finding[] {
  const told = members.filter(({ version }) => version !== undefined);
  const releases = new Map(told.map(({ version, name }) => [version, name]));
  if (releases.size < 2) return [];
  const message = [...releases].map(([release, name]) => `${release} at ${name}`).join(', ');
  return [finding(MIXED, { message }, told[0]?.name ?? '')];
}

/** Members must agree on what is not told of some of them: nobody knows whether they do. */
function undrifted(configs: readonly MemberConfig[], options: LintOptions): NotJudged[] {
  if (configs.length < 2) return [];
  return (['must', 'should'] as const).flatMap((agree) => {
    const rule = `${agree}-agree`;
    const keys = PARAMETERS.filter((one) => one.agree === agree && one.change !== 'reconfig').map(({ name }) => name);
    const blind = keys.filter((key) => configs.some(({ sight }) => sight?.tells(key) === false));
    const members = configs.filter(({ sight }) => blind.some((key) => sight?.tells(key) === false));
    const severity = agree === 'must' ? 'error' : 'warning';
    if (blind.length === 0 || !isApplied({ id: rule, severity }, options)) return [];
    const named = blind.length > 6 ? `${blind.slice(0, 5).join(', ')} and ${blind.length - 5} more` : blind.join(', ');
    const reason = `judged for what is told; ${named} ${blind.length === 1 ? 'is' : 'are'} not`;
    return [{ rule, members: members.map(({ file }) => file.path), reason }];
  });
}

/** Each file against the member it is of, and against all where its myid does not say. */
function notInForce(files: readonly MemberConfig[], configs: readonly MemberConfig[]): Finding[] {
  return files.flatMap((file) => {
    const own = configs.filter((one) => idText(one) !== undefined && idText(one) === idText(file));
    const alone = own.length > 0 || configs.length === 1;
    return (own.length > 0 ? own : configs).flatMap((member) =>
      diffInForce([file, member], { release: member.release ?? NEWEST, one: alone })
        .filter(({ kind }) => kind !== 'harmless' && kind !== 'own')
        .map(({ key, inForce }) => {
          const at = file.file.settings.findLast((one) => one.key === key);
          const message = `${key} is ${inForce[0] ?? 'not set'} here, and ${inForce[1] ?? 'not set'} in force at ${member.file.path}`;
          return finding(NOT_IN_FORCE, { at, message }, file.file.path);
        }),
    );
  });
}

function idText({ myid }: MemberConfig): string | undefined {
  return typeof myid === 'object' ? myid.text.trim() : undefined;
}

/** One line for all members of which the same is not told. */
function joined(all: readonly NotJudged[]): NotJudged[] {
  const found = new Map<string, NotJudged>();
  for (const one of all) {
    const key = `${one.rule} ${one.reason}`;
    found.set(key, { ...one, members: [...(found.get(key)?.members ?? []), ...one.members] });
  }
  return [...found.values()];
}
