import * as Flags from '@oclif/core/flags';
import { type HealthResult, healthView } from '../src/cli/health-view.ts';
import { NAGIOS, nagiosFailure, nagiosState, nagiosText } from '../src/cli/nagios.ts';
import { OBSERVING, ObservingCommand, observingFlags } from '../src/cli/observing-command.ts';
import { nearest } from '../src/cli/suggest.ts';
import { chrootAt } from '../src/client/chroot.ts';
import { parseConnectString } from '../src/client/connect-string.ts';
import { CHECKS, findCheck, judgeHealth } from '../src/ensemble/health/judge.ts';
import { LIMIT_LINES, parseLimits } from '../src/ensemble/health/limits.ts';
import { lookForHealth } from '../src/ensemble/health/look.ts';
import type { AnyView } from '../src/output/view.ts';
import { ExitCode } from '../src/protocol/errors.ts';
import { validatePath } from '../src/protocol/paths.ts';

export default class Health extends ObservingCommand<HealthResult, typeof Health> {
  static override summary = 'judge an ensemble: what is wrong, why it matters, what to do';
  static override description =
    `Every member is asked, and ${CHECKS.length} checks judge what they told. A finding is critical (it does not serve, or the next
failure ends it), a warning (it will hurt soon) or advice (it could be better). What nobody told is not judged, and never
counts as passed. Exit code: 0 healthy, with advice or without; 8 for a critical finding or a warning, and where a vital
check (who serves, who leads, what more may fail) could not be judged.

${OBSERVING} A session reads the ACL of the root. On 3.4, where no server tells who votes, those named by --members are
taken for the voters.

--baseline learns, look by look, what each metric usually is (median and median absolute deviation, by hour of the day where
there is enough), and tells what is far from it: run it from cron, every five minutes or so, with one file an ensemble.

--nagios prints one line with performance data and exits 0, 1, 2 or 3, as plugins of monitors do; what goes wrong with the
command itself is 3 then.

JSON: {verdict, critical, warnings, advice, findings, notJudged, passed, skipped, leader, quorum, configVersion, members,
took}; verdict is healthy, unhealthy or unknown; a finding {code, severity, members, message, evidence, why, todo}, one not
judged {code, vital, members, reason}, passed a list of codes, one skipped {code, reason}. With --explain {code, severity,
title, why, todo, vital}, with --checks a list of these.

LIMITS
${LIMIT_LINES.map((line) => `  ${line}`).join('\n')}

CHECKS
${CHECKS.map(({ code, title }) => `  ${code}: ${title}`).join('\n')}`;
  static override examples = [
    '<%= config.bin %> health',
    '<%= config.bin %> health -S zk1:2181 --wait 2s --nagios',
    '<%= config.bin %> health --limit lag=100 --limit latency=20 --ignore even-voters',
    '<%= config.bin %> health --commit-proof --proof-path /monitoring',
    '<%= config.bin %> health --baseline /var/lib/zksh/prod.json --nagios',
    '<%= config.bin %> health --explain tolerance-zero',
    "<%= config.bin %> health -o json | jq -r '.findings[] | [.severity, .code, .message] | @tsv'",
  ];
  static override flags = {
    ...observingFlags,
    limit: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      env: 'ZKSH_HEALTH_LIMIT',
      helpValue: '<name=number>',
      description: 'from where on a value is a finding, such as lag=500; may be repeated',
    }),
    ignore: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      env: 'ZKSH_HEALTH_IGNORE',
      helpValue: '<code>',
      description: 'check that is left out; may be repeated',
    }),
    nagios: Flags.boolean({ env: 'ZKSH_HEALTH_NAGIOS', description: 'print and exit as a plugin of Nagios or Icinga' }),
    'commit-proof': Flags.boolean({
      env: 'ZKSH_HEALTH_COMMIT_PROOF',
      description:
        'write through each member and read it back through every other one after sync; leaves nothing behind',
    }),
    'proof-path': Flags.string({
      env: 'ZKSH_HEALTH_PROOF_PATH',
      helpValue: '<path>',
      description: 'znode below which --commit-proof writes; the root, or the chroot, when not given',
      dependsOn: ['commit-proof'],
    }),
    baseline: Flags.string({
      env: 'ZKSH_HEALTH_BASELINE',
      helpValue: '<file>',
      description: 'file that learns what is usual; what departs from it is told; made where there is none',
    }),
    'quorum-tls': Flags.boolean({
      env: 'ZKSH_HEALTH_QUORUM_TLS',
      description: 'members speak TLS among themselves (sslQuorum): see the certificates of those ports too',
    }),
    explain: Flags.string({
      helpValue: '<code>',
      description: 'say what a check finds, why it matters and what to do, and ask nobody',
    }),
    checks: Flags.boolean({ description: 'list the checks, and ask nobody' }),
  };

  protected get view(): AnyView<HealthResult> {
    const { nagios, limit = [] } = this.flags;
    if (!nagios) return healthView;
    const limits = parseLimits(limit);
    return {
      ...healthView,
      text: (result, style) =>
        result.kind === 'health' ? nagiosText(result.health, limits) : healthView.text?.(result, style),
    };
  }

  #judged = false;

  /** As a plugin, a command that failed itself says "unknown" on stdout, whatever its own exit code would be. */
  override async perform(): Promise<ExitCode> {
    const code = await super.perform();
    const plugin = this.argv.includes('--nagios') || /^(1|true|y|yes)$/i.test(this.io.env.ZKSH_HEALTH_NAGIOS ?? '');
    if (!plugin || this.#judged || code === ExitCode.done) return code;
    this.io.stdout.write(`${nagiosFailure('the check itself failed: see stderr')}\n`);
    return NAGIOS.unknown;
  }

  protected async execute(): Promise<HealthResult> {
    const { explain, checks, ignore = [], limit = [], nagios } = this.flags;
    if (explain !== undefined) return { kind: 'check', check: findCheck(explain, nearest) };
    if (checks) return { kind: 'checks', checks: CHECKS };
    for (const code of ignore) findCheck(code, nearest);
    const limits = parseLimits(limit);
    const { context } = await this.context();
    const { wanted, asking } = await this.observing();
    const proof = this.flags['commit-proof']
      ? { parent: this.#proofParent(context.servers), random: Math.random }
      : undefined;
    const view = await lookForHealth(wanted, asking, {
      limits,
      now: this.io.now,
      baseline: this.flags.baseline,
      quorumTls: this.flags['quorum-tls'],
      proof,
    });
    const health = judgeHealth(view, ignore);
    this.#judged = true;
    this.exitCode = nagios ? nagiosState(health) : health.verdict === 'healthy' ? ExitCode.done : ExitCode.unhealthy;
    return { kind: 'health', health };
  }

  #proofParent(servers: string): string {
    const { chroot } = parseConnectString(servers);
    const typed = this.flags['proof-path'];
    return typed === undefined ? chroot || '/' : chrootAt(chroot).toServer(validatePath(typed));
  }
}
