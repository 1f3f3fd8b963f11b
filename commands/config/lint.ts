import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { configLintView, type LintResult } from '../../src/cli/config-lint-view.ts';
import { memberAnswerFlags } from '../../src/cli/member-answers.ts';
import { ObservingCommand } from '../../src/cli/observing-command.ts';
import { nearest } from '../../src/cli/suggest.ts';
import { type Finding, findRule, type LintOptions, lint, RULES } from '../../src/config/lint.ts';
import { CONFIG_WISHES } from '../../src/config/live/answers.ts';
import { lintLive, RUNNING_RULES } from '../../src/config/live/lint-live.ts';
import { readLiveConfigs } from '../../src/config/live/read.ts';
import { loadMemberConfigs } from '../../src/config/load-config.ts';
import type { MemberConfig } from '../../src/config/member.ts';
import { NEWEST, requireRelease } from '../../src/config/parameters/release.ts';
import { SEVERITIES } from '../../src/config/rules/rule.ts';
import { ExitCode, UsageError } from '../../src/protocol/errors.ts';

const EVERY_RULE = [...RULES, ...RUNNING_RULES];

export default class ConfigLint extends ObservingCommand<LintResult, typeof ConfigLint> {
  static override summary = 'judge configuration files, and what running members have in force';
  static override description =
    `Reads each zoo.cfg, with its dynamicConfigFile, dataDir/myid and java.env where they can be seen, and checks it against
${RULES.length} rules made from the sources of ZooKeeper 3.4 to 3.9. Several files are taken for the members of one ensemble and compared
with each other. No server is asked.

With --live the members are asked for what they have in force (see config show) and judged by the same rules, by what
they carry, and against the files that are named. No member tells everything: a rule that needs what was not told is
listed as not judged, with the reason, and is never counted as kept.

An error keeps a server from starting or breaks the ensemble, a warning will hurt one day, advice could make it better.
Exit code: 0 when no error is reported (with --strict: no warning either), else 8; 5 when a member did not answer.

JSON: {release, files, errors, warnings, advice, findings: [{rule, severity, file, line, key, message, why, fix,
reference}]}; with --live also members, notJudged: [{rule, members, reason}] and silent: [{id, host, reason}], and the file
of a finding may be a member; with --explain {rule, severity, refuses, summary, why, reference}, with --rules a list of these.

RULES
${RULES.map(({ id, summary }) => `  ${id}: ${summary}`).join('\n')}

RULES ABOUT RUNNING MEMBERS
${RUNNING_RULES.map(({ id, summary }) => `  ${id}: ${summary}`).join('\n')}`;
  static override examples = [
    '<%= config.bin %> config lint /etc/zookeeper/conf/zoo.cfg',
    '<%= config.bin %> config lint zk1/zoo.cfg zk2/zoo.cfg zk3/zoo.cfg --version 3.8 --strict',
    '<%= config.bin %> config lint --live',
    '<%= config.bin %> config lint zk2/zoo.cfg --live --member 2 -o json',
    '<%= config.bin %> config lint --explain even-voters',
  ];
  static override args = { file: Args.string({ description: 'zoo.cfg of a server; more may follow' }) };
  static override strict = false;
  static override flags = {
    ...memberAnswerFlags,
    live: Flags.boolean({
      env: 'ZKSH_CONFIG_LINT_LIVE',
      description: 'ask the members for what they have in force, and judge that too',
    }),
    version: Flags.string({
      helpValue: '<3.x.y>',
      description: 'release of the servers; the newest of 3.9 if not given; members tell theirs',
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

  protected readonly view = configLintView;

  protected async execute(): Promise<LintResult> {
    const { explain, rules, severity, strict, live, version, ignore = [] } = this.flags;
    if (explain !== undefined) return { kind: 'rule', rule: findRule(explain, nearest, EVERY_RULE) };
    if (rules) return { kind: 'rules', rules: EVERY_RULE };
    if (this.words.length === 0 && !live) {
      throw new UsageError('no configuration file was named', {
        hint: 'zksh config lint /etc/zookeeper/conf/zoo.cfg; several files are taken for the members of one ensemble; --live asks the servers.',
      });
    }
    for (const id of ignore) findRule(id, nearest, EVERY_RULE);
    const files = await loadMemberConfigs(this.words);
    const release = version === undefined ? undefined : requireRelease(version);
    const options = { release: release ?? NEWEST, releaseKnown: release !== undefined, nearest, severity, ignore };
    const result = live ? await this.#live(files, options) : { findings: lint(files, options), live: undefined };
    if (result.live?.silent.length) this.exitCode = ExitCode.connection;
    if (result.findings.some((one) => isFailure(one, strict))) this.exitCode = ExitCode.unhealthy;
    return { kind: 'findings', release: version ?? NEWEST.join('.'), files: this.words, ...result };
  }

  async #live(files: readonly MemberConfig[], options: LintOptions) {
    const { wanted, asking } = await this.observing(CONFIG_WISHES);
    const { members, silent } = await readLiveConfigs(wanted, asking, this.flags.member);
    const { findings, notJudged } = lintLive(members, files, options);
    return { findings, live: { members: members.map(({ name }) => name), notJudged, silent } };
  }
}

function isFailure({ severity }: Finding, strict: boolean): boolean {
  return severity === 'error' || (strict && severity === 'warning');
}
