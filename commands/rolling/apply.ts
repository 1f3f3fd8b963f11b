import { readFile } from 'node:fs/promises';
import * as Flags from '@oclif/core/flags';
import type { ChangeContext } from '../../src/change/context.ts';
import { type ConfigOnHost, configOnHost } from '../../src/change/member-config.ts';
import type { Plan } from '../../src/change/plan.ts';
import { configAfter, planRollingApply } from '../../src/change/rolling-apply.ts';
import { CHANGING, changeFlags } from '../../src/cli/change-command.ts';
import { CHANGE_JSON } from '../../src/cli/change-view.ts';
import { INVENTORY } from '../../src/cli/inventory-command.ts';
import { oneFirstFlags } from '../../src/cli/one-first-flags.ts';
import { PlannedChangeCommand } from '../../src/cli/planned-change-command.ts';
import { nearest } from '../../src/cli/suggest.ts';
import { type Finding, findRule, lint } from '../../src/config/lint.ts';
import { NEWEST, parseRelease } from '../../src/config/parameters/release.ts';
import { type ConfigChange, readConfigChange } from '../../src/config/roll-out/config-change.ts';
import type { EnsembleStatus } from '../../src/ensemble/ensemble-status.ts';
import { parseIds } from '../../src/ensemble/quorum-scenarios.ts';
import type { Inventory } from '../../src/inventory/inventory.ts';
import { localInventory } from '../../src/local/inventory.ts';
import { ExitCode, UsageError, ZkshError } from '../../src/protocol/errors.ts';

export default class RollingApply extends PlannedChangeCommand<typeof RollingApply> {
  static override summary =
    'roll a configuration out, one member first, and take it back where a member does not return';
  static override description =
    `--config is a whole zoo.cfg, or a unified diff of one as "config tune FILE --patch" prints. Of a whole zoo.cfg each member
keeps what is its own: data directories, client and admin ports and addresses, key stores, peerType, dynamicConfigFile and
the server lines. A patch is read as changes of keys: lines around them and comments are not compared, and each key must
have the value that the patch takes away, or the new one already. Members that have all of it already are left out.

What each zoo.cfg would become is judged by the rules of config lint, all together; an error refuses the change. One member,
a follower, tries it first; then the others, the leader last. Where a member does not come back with it, its old file is
written back and it is restarted, and the change stops with exit code 8. "rolling abort" takes it back from all that have it.
For that, the journal holds the files of the members, with the secrets in them; only you can read it.

${CHANGING}

${INVENTORY}

${CHANGE_JSON} risks begins with what changes where.`;
  static override examples = [
    '<%= config.bin %> rolling apply --config zoo.cfg --dry-run',
    '<%= config.bin %> rolling apply --config tuned.patch --first 2',
    '<%= config.bin %> rolling apply --config zoo.cfg --ensemble prod.yaml --max-unavailable 5s --yes',
  ];
  static override flags = {
    ...changeFlags,
    config: Flags.string({
      env: 'ZKSH_ROLLING_CONFIG',
      helpValue: '<file>',
      required: true,
      description: 'zoo.cfg for the members, or a patch of one',
    }),
    ...oneFirstFlags,
  };

  protected readonly findLocal = localInventory;

  protected async plan(status: EnsembleStatus, inventory: Inventory, context: ChangeContext): Promise<Plan> {
    const { only, first, config } = this.flags;
    const change = readConfigChange(config, await textOf(config));
    const ids = only === undefined ? [] : parseIds(only);
    const read = inventory.members.map(async ({ id, files }): Promise<[bigint, ConfigOnHost]> => {
      return [id, await configOnHost(context.host(id), files, { signal: this.signal })];
    });
    const configs = new Map(await Promise.all(read));
    this.#judge(configs, change, ids, status);
    return planRollingApply({
      ensemble: inventory.name,
      status,
      only: ids,
      first: first === undefined ? undefined : parseIds(first)[0],
      change,
      configs,
      limits: this.limits,
      made: this.io.now(),
      random: Math.random,
    });
  }

  /** The files as they would become; those of members that are left alone belong to the ensemble, too. */
  #judge(
    configs: ReadonlyMap<bigint, ConfigOnHost>,
    change: ConfigChange,
    ids: bigint[],
    status: EnsembleStatus,
  ): void {
    const { ignore = [] } = this.flags;
    for (const id of ignore) findRule(id, nearest);
    const releases = status.members.map(({ facts }) => parseRelease(facts.version?.value ?? ''));
    const release = releases.find((one) => one !== undefined);
    const after = [...configs].map(([id, now]) =>
      ids.length === 0 || ids.includes(id) ? configAfter(now, change) : now.config,
    );
    const options = { release: release ?? NEWEST, releaseKnown: release !== undefined, nearest, ignore };
    const errors = lint(after, { ...options, severity: 'error' });
    const [worst] = errors;
    // What is wrong already is config lint's to tell.
    const named = ({ rule, file, message }: Finding): string => `${file}: ${message} (${rule})`;
    const before = new Set(
      lint(
        [...configs.values()].map(({ config }) => config),
        { ...options, severity: 'warning' },
      ).map(named),
    );
    for (const finding of lint(after, { ...options, severity: 'warning' }))
      if (finding.severity === 'warning' && !before.has(named(finding))) this.note(`warning: ${named(finding)}`);
    if (worst === undefined) return;
    const told = errors.map(named);
    throw new ZkshError(
      `the configuration has ${errors.length === 1 ? 'an error' : `${errors.length} errors`}: ${told.join('; ')}`,
      {
        code: 'CONFIG_ERRORS',
        exitCode: ExitCode.unhealthy,
        hint: `Nothing was changed. zksh config lint --explain ${worst.rule} says why; --ignore ${worst.rule} applies it all the same.`,
      },
    );
  }
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const absent = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    if (!absent) throw new UsageError(`cannot read ${path}: ${why}`, { code: 'BAD_CONFIG_FILE', cause });
    throw new ZkshError(`cannot read ${path}: there is no such file`, {
      code: 'NO_FILE',
      exitCode: ExitCode.notFound,
      hint: 'Name a zoo.cfg, or a patch of one.',
      cause,
    });
  }
}
