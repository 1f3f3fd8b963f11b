import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../../src/cli/base-command.ts';
import { type Difference, diffConfigs } from '../../src/config/diff.ts';
import { loadMemberConfig } from '../../src/config/load-config.ts';
import { NEWEST, requireRelease } from '../../src/config/parameters/release.ts';
import type { Role } from '../../src/output/theme.ts';
import type { Column, View } from '../../src/output/view.ts';
import { ExitCode, UsageError } from '../../src/protocol/errors.ts';

interface Result {
  release: string;
  files: readonly string[];
  differences: readonly Difference[];
}

const ROLES: Readonly<Record<Difference['kind'], Role>> = {
  'no-boot': 'bad',
  harmful: 'bad',
  restart: 'warn',
  own: 'dim',
  harmless: 'dim',
};

export default class ConfigDiff extends ZkshCommand<Result, typeof ConfigDiff> {
  static override summary = 'compare configuration files, and say what each difference means';
  static override description =
    `Reads each zoo.cfg with its dynamicConfigFile where it can be seen, and compares the settings; comments, order and
spelling are no difference. A column a file; (default) stands for what is not set.

A difference is no-boot when one of the values keeps a server from starting, harmful when the members of an ensemble
must agree on it, restart when servers behave differently until they are changed and restarted, own when each member
has its own, and harmless when a server takes both for the same.
Exit code: 0 when the files differ in what is own or harmless only, else 8.

JSON: {release, files, differences: [{key, kind, explanation, values, inForce, reference}]}; values and inForce have the
order of the files, null is not set, and secrets are left out.`;
  static override examples = [
    '<%= config.bin %> config diff zk1/zoo.cfg zk2/zoo.cfg zk3/zoo.cfg',
    '<%= config.bin %> config diff zoo.cfg zoo.cfg.bak -o json | jq -r \'.differences[] | select(.kind != "harmless") | .key\'',
  ];
  static override args = {
    file: Args.string({ required: true, description: 'zoo.cfg of a server; at least one more follows' }),
  };
  static override strict = false;
  static override flags = {
    version: Flags.string({
      helpValue: '<3.x.y>',
      description: 'release of the servers; the newest of 3.9 if not given',
    }),
  };

  protected get view(): View<Result, Difference> {
    const column = (file: string, index: number): Column<Difference> => ({
      header: file,
      value: ({ values, inForce }) => values[index] ?? defaultText(inForce[index]),
    });
    return {
      columns: [
        { header: 'key', value: ({ key }) => key, role: () => 'name' },
        { header: 'kind', value: ({ kind }) => kind, role: ({ kind }) => ROLES[kind] },
        ...this.words.map(column),
        { header: 'meaning', value: ({ explanation }) => explanation },
      ],
      rows: ({ differences }) => differences,
      json: ({ differences, ...rest }) => ({
        ...rest,
        differences: differences.map((one) => ({ ...one, values: orNull(one.values), inForce: orNull(one.inForce) })),
      }),
      empty: 'The files say the same.',
    };
  }

  protected async execute(): Promise<Result> {
    const { version } = this.flags;
    const release = version === undefined ? NEWEST : requireRelease(version);
    if (this.words.length < 2) {
      throw new UsageError('one file is nothing to compare', { hint: 'zksh config diff zk1/zoo.cfg zk2/zoo.cfg' });
    }
    const members = [];
    for (const path of this.words) members.push(await loadMemberConfig(path));
    const differences = diffConfigs(members, release);
    if (differences.some(({ kind }) => kind !== 'own' && kind !== 'harmless')) this.exitCode = ExitCode.unhealthy;
    return { release: version ?? NEWEST.join('.'), files: this.words, differences };
  }
}

function defaultText(value: string | undefined): string {
  return value === undefined ? '(not set)' : `${value} (default)`;
}

function orNull(values: readonly (string | undefined)[]): (string | null)[] {
  return values.map((value) => value ?? null);
}
