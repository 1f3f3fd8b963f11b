import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../../src/cli/base-command.ts';
import { nearest } from '../../src/cli/suggest.ts';
import { type AnyRule, type Finding, findRule, lint, RULES } from '../../src/config/lint.ts';
import { loadMemberConfig } from '../../src/config/load-config.ts';
import { NEWEST, requireRelease } from '../../src/config/parameters/release.ts';
import { SEVERITIES, type Severity } from '../../src/config/rules/rule.ts';
import type { Style } from '../../src/output/style.ts';
import type { Role } from '../../src/output/theme.ts';
import type { View } from '../../src/output/view.ts';
import { ExitCode, UsageError } from '../../src/protocol/errors.ts';

/** What the lint of some files found, or what rules say. */
type Result =
  | { kind: 'findings'; release: string; files: readonly string[]; findings: readonly Finding[] }
  | { kind: 'rules'; rules: readonly AnyRule[] }
  | { kind: 'rule'; rule: AnyRule };

const ROLES: Readonly<Record<Severity, Role>> = { error: 'bad', warning: 'warn', advice: 'dim' };

export default class ConfigLint extends ZkshCommand<Result, typeof ConfigLint> {
  static override summary = 'judge configuration files without a server';
  static override description =
    `Reads each zoo.cfg, with its dynamicConfigFile, dataDir/myid and java.env where they can be seen, and checks it against
${RULES.length} rules made from the sources of ZooKeeper 3.4 to 3.9. Several files are taken for the members of one ensemble and compared
with each other.

An error keeps a server from starting or breaks the ensemble, a warning will hurt one day, advice could make it better.
Exit code: 0 when no error is reported (with --strict: no warning either), else 8.

JSON: {release, files, errors, warnings, advice, findings: [{rule, severity, file, line, key, message, why, fix,
reference}]}; with --explain {rule, severity, refuses, summary, why, reference}, with --rules a list of these.

RULES
${RULES.map(({ id, summary }) => `  ${id}: ${summary}`).join('\n')}`;
  static override examples = [
    '<%= config.bin %> config lint /etc/zookeeper/conf/zoo.cfg',
    '<%= config.bin %> config lint zk1/zoo.cfg zk2/zoo.cfg zk3/zoo.cfg --version 3.8 --strict',
    '<%= config.bin %> config lint zoo.cfg --severity warning --ignore autopurge-off -o json',
    '<%= config.bin %> config lint --explain even-voters',
  ];
  static override args = { file: Args.string({ description: 'zoo.cfg of a server; more may follow' }) };
  static override strict = false;
  static override flags = {
    version: Flags.string({
      helpValue: '<3.x.y>',
      description: 'release of the servers; the newest of 3.9 if not given',
    }),
    severity: Flags.option({ options: SEVERITIES, default: 'advice' as const })({
      description: 'report this and what is worse',
    }),
    ignore: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: '<rule>',
      description: 'rule that is not applied; may be repeated',
    }),
    strict: Flags.boolean({ description: 'warnings make the exit code 8, too' }),
    explain: Flags.string({ helpValue: '<rule>', description: 'say what a rule finds and why, and read no file' }),
    rules: Flags.boolean({ description: 'list the rules, and read no file' }),
  };

  protected readonly view: View<Result, Finding | AnyRule> = {
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
      const { release, files, findings } = result;
      return {
        release,
        files,
        errors: count(findings, 'error'),
        warnings: count(findings, 'warning'),
        advice: count(findings, 'advice'),
        findings,
      };
    },
  };

  protected async execute(): Promise<Result> {
    const { explain, rules, severity, strict, ignore = [] } = this.flags;
    if (explain !== undefined) return { kind: 'rule', rule: findRule(explain, nearest) };
    if (rules) return { kind: 'rules', rules: RULES };
    if (this.words.length === 0) {
      throw new UsageError('no configuration file was named', {
        hint: 'zksh config lint /etc/zookeeper/conf/zoo.cfg; several files are taken for the members of one ensemble.',
      });
    }
    for (const id of ignore) findRule(id, nearest);
    const members = [];
    for (const path of this.words) members.push(await loadMemberConfig(path));
    const { version } = this.flags;
    const release = version === undefined ? undefined : requireRelease(version);
    const findings = lint(members, {
      release: release ?? NEWEST,
      releaseKnown: release !== undefined,
      nearest,
      severity,
      ignore,
    });
    if (findings.some((one) => isFailure(one, strict))) this.exitCode = ExitCode.unhealthy;
    return { kind: 'findings', release: version ?? NEWEST.join('.'), files: this.words, findings };
  }
}

function isFailure({ severity }: Finding, strict: boolean): boolean {
  return severity === 'error' || (strict && severity === 'warning');
}

function count(findings: readonly Finding[], severity: Severity): number {
  return findings.filter((one) => one.severity === severity).length;
}

function findingLines({ files, findings }: Extract<Result, { kind: 'findings' }>, style: Style): string[] {
  const blocks = findings.flatMap(({ severity, file, line, rule, message, fix }) => [
    `${style.name(file)}${line === undefined ? '' : `:${line}`}: ${style.paint(ROLES[severity], severity)}: ${style.name(message)} [${rule}]`,
    ...(fix === undefined ? [] : [style.paint('dim', `  write: ${style.name(fix)}`)]),
  ]);
  const counted = SEVERITIES.map((one) => [one, count(findings, one)] as const).filter(([, number]) => number > 0);
  const parts = counted.map(([one, number]) => `${number} ${number === 1 || one === 'advice' ? one : `${one}s`}`);
  const sum = `${parts.length === 0 ? 'nothing found' : parts.join(', ')} in ${files.length === 1 ? '1 file' : `${files.length} files`}`;
  return [...blocks, parts.length === 0 ? sum : `${sum}; --explain RULE says why`];
}

function explanation({ id, severity, summary, why, refuses, reference }: AnyRule, style: Style): string[] {
  return [
    `${style.paint('title', id)} (${severity}): ${summary}`,
    why,
    ...(refuses === true ? ['A server with such a configuration does not start.'] : []),
    ...(reference === undefined ? [] : [reference]),
  ];
}

function ruleJson({ id, severity, summary, why, refuses = false, reference }: AnyRule): object {
  return { rule: id, severity, refuses, summary, why, reference };
}
