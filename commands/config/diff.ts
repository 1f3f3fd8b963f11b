import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { configDiffView, type DiffResult } from '../../src/cli/config-diff-view.ts';
import { memberAnswerFlags } from '../../src/cli/member-answers.ts';
import { ObservingCommand } from '../../src/cli/observing-command.ts';
import { type Difference, diffConfigs, diffInForce } from '../../src/config/diff.ts';
import { CONFIG_WISHES } from '../../src/config/live/answers.ts';
import { liveMemberConfig } from '../../src/config/live/member-config.ts';
import { readLiveConfigs, tooFewAnswer } from '../../src/config/live/read.ts';
import { loadMemberConfigs } from '../../src/config/load-config.ts';
import type { MemberConfig } from '../../src/config/member.ts';
import { NEWEST, requireRelease } from '../../src/config/parameters/release.ts';
import type { View } from '../../src/output/view.ts';
import { ExitCode, UsageError } from '../../src/protocol/errors.ts';

export default class ConfigDiff extends ObservingCommand<DiffResult, typeof ConfigDiff> {
  static override summary = 'compare configuration files or running members, and say what each difference means';
  static override description =
    `Reads each zoo.cfg with its dynamicConfigFile where it can be seen, and compares the settings; comments, order and
spelling are no difference. A column a file; (default) stands for what is not set.

With --live the members are asked for what they have in force (see config show) and compared with each other, and with
the files where any are named: files first, then a column a member. What a member does not tell is (not told) and no
difference. One file and one member are taken for the same server, so that its own values count, too.

A difference is no-boot when one of the values keeps a server from starting, harmful when the members of an ensemble
must agree on it, restart when servers behave differently until they are changed and restarted, own when each member
has its own, and harmless when a server takes both for the same.
Exit code: 0 when nothing differs but what is own or harmless, else 8; 5 when a member did not answer.

JSON: {release, files, differences: [{key, kind, explanation, values, inForce, reference}]}; values and inForce have the
order of the files, null is not set, and secrets are left out. With --live also members and silent: [{id, host, reason}],
values and inForce go on with the members, and told says of each column whether it is known at all.`;
  static override examples = [
    '<%= config.bin %> config diff zk1/zoo.cfg zk2/zoo.cfg zk3/zoo.cfg',
    '<%= config.bin %> config diff --live',
    '<%= config.bin %> config diff zk2/zoo.cfg --live --member 2',
    '<%= config.bin %> config diff zoo.cfg zoo.cfg.bak -o json | jq -r \'.differences[] | select(.kind != "harmless") | .key\'',
  ];
  static override args = { file: Args.string({ description: 'zoo.cfg of a server; more may follow' }) };
  static override strict = false;
  static override flags = {
    ...memberAnswerFlags,
    live: Flags.boolean({
      env: 'ZKSH_CONFIG_DIFF_LIVE',
      description: 'compare what the members have in force, too',
    }),
    version: Flags.string({
      helpValue: '<3.x.y>',
      description: 'release of the servers; the newest of 3.9 if not given; members tell theirs',
    }),
  };

  #names: readonly string[] = [];

  protected get view(): View<DiffResult, Difference> {
    return configDiffView(this.flags.live ? this.#names : this.words, this.flags.live);
  }

  protected async execute(): Promise<DiffResult> {
    const { version, live } = this.flags;
    const release = version === undefined ? NEWEST : requireRelease(version);
    if (this.words.length < 2 && !live) {
      throw new UsageError('one file is nothing to compare', {
        hint: 'zksh config diff zk1/zoo.cfg zk2/zoo.cfg, or --live to compare with what runs.',
      });
    }
    const files = await loadMemberConfigs(this.words);
    const compared = live
      ? await this.#live(files)
      : { differences: diffConfigs(files, release), release: version ?? NEWEST.join('.'), live: undefined };
    if (compared.live?.silent.length) this.exitCode = ExitCode.connection;
    const matters = compared.differences.some(({ kind }) => kind !== 'own' && kind !== 'harmless');
    if (matters) this.exitCode = ExitCode.unhealthy;
    return { files: this.words, ...compared };
  }

  async #live(files: readonly MemberConfig[]): Promise<Omit<DiffResult, 'files'>> {
    const { wanted, asking } = await this.observing(CONFIG_WISHES);
    const { members, silent } = await readLiveConfigs(wanted, asking, this.flags.member);
    if (files.length + members.length < 2) {
      if (silent.length > 0) throw tooFewAnswer(silent);
      throw new UsageError('one member is nothing to compare', { hint: 'Name its zoo.cfg as well.' });
    }
    const release = members[0]?.release ?? NEWEST;
    const one = files.length === 1 && members.length === 1;
    const names = members.map(({ name }) => name);
    this.#names = [...this.words, ...names];
    return {
      release: this.flags.version ?? members[0]?.version ?? NEWEST.join('.'),
      differences: diffInForce([...files, ...members.map(liveMemberConfig)], { release, one }),
      live: { members: names, silent },
    };
  }
}
