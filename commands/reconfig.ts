import { readFile } from 'node:fs/promises';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import type { Client } from '../src/client/client.ts';
import { type CommittedConfig, committed, configJson, readCommittedConfig } from '../src/ensemble/committed-config.ts';
import {
  parseJoining,
  parseLeaving,
  parseMembers,
  planReconfiguration,
  type Reconfiguration,
  sameMembership,
  type WantedChange,
} from '../src/ensemble/reconfiguration.ts';
import { reconfigurationLines } from '../src/ensemble/reconfiguration-lines.ts';
import { formatServerLine } from '../src/ensemble/server-line.ts';
import { statJson, statText } from '../src/output/stat.ts';
import type { View } from '../src/output/view.ts';
import { ExitCode, UsageError, ZkshError } from '../src/protocol/errors.ts';
import { Errno, isServerError } from '../src/protocol/server-errors.ts';

interface Result {
  plan: Reconfiguration;
  /** Absent with --dry-run. */
  done?: CommittedConfig;
}

const CONTROL = { multiple: true, multipleNonGreedy: true } as const;

export default class Reconfig extends ZkshCommand<Result, typeof Reconfig> {
  static override summary = 'change the membership of the ensemble';
  static override description =
    `Either by what joins and leaves (-add, -remove) or by the complete new membership (-file, -members). What would
change is shown and asked about; --yes answers, --dry-run shows it only.

The change is made against one version of the configuration, never against "whatever it is by then": the one given with
-v, or the version= line of the file, or else the committed one, read after a sync. When somebody else has changed the
membership meanwhile, nothing is done and the exit code is 6.

It needs write permission on /zookeeper/config, usually the super user's: --auth digest:super:file:PATH.

JSON: {fromVersion, changes: [{id, change, before, after}], voters: {before, after}, committed, stat}; committed is what
config -o json prints, and absent with --dry-run.`;
  static override examples = [
    '<%= config.bin %> reconfig -add "server.4=zk4:2888:3888:observer;2181" --dry-run',
    '<%= config.bin %> reconfig -remove 3 -v 100000000 --yes',
    '<%= config.bin %> config > members && $EDITOR members && <%= config.bin %> reconfig -file members',
  ];
  static override zkCliFlags = ['file', 'members', 'add', 'remove'];
  static override dryRun = true;
  static override flags = {
    stat: Flags.boolean({ char: 's', description: 'print the Stat of /zookeeper/config as well' }),
    version: Flags.string({
      char: 'v',
      helpValue: '<hex>',
      description: 'version of the configuration this change is meant for, as config prints it',
    }),
    file: Flags.string({
      helpValue: '<file>',
      description: 'file with the complete new membership',
      exclusive: ['members', 'add', 'remove'],
    }),
    members: Flags.string({
      helpValue: '<server line,…>',
      description: 'complete new membership',
      exclusive: ['add', 'remove'],
    }),
    add: Flags.string({ ...CONTROL, helpValue: '<server line,…>', description: 'members to add, or to change' }),
    remove: Flags.string({ ...CONTROL, helpValue: '<id,…>', description: 'members to remove, by id' }),
  };

  protected readonly view: View<Result> = {
    text: ({ plan, done }) => {
      if (done === undefined) return reconfigurationLines(plan).join('\n');
      const text = `Committed new configuration:\n${done.data.toString('utf8')}`;
      return this.flags.stat ? `${text}\n${statText(done.stat)}` : text;
    },
    json: ({ plan, done }) => ({
      fromVersion: plan.fromVersion,
      changes: plan.changes.map(({ id, what, before, after }) => ({
        id,
        change: what,
        before: before && formatServerLine(before),
        after: after && formatServerLine(after),
      })),
      voters: plan.voters,
      committed: done && configJson(done.config),
      stat: done && this.flags.stat ? statJson(done.stat) : undefined,
    }),
  };

  protected async execute(): Promise<Result> {
    const { wanted, version } = await this.#wanted();
    const client = await this.client();
    const before = await readCommittedConfig(client, { signal: this.signal });
    if (version !== undefined && before.config.version !== undefined && version !== before.config.version) {
      throw changed(`it is ${before.config.version.toString(16)}, not ${version.toString(16)}`);
    }
    const plan = planReconfiguration(before.config, wanted);
    if (this.flags['dry-run']) return { plan };
    await this.confirm({ what: 'change the membership of the ensemble', details: reconfigurationLines(plan) });
    return { plan, done: await this.#reconfigure(client, plan) };
  }

  async #reconfigure(client: Client, plan: Reconfiguration): Promise<CommittedConfig> {
    const { request, fromVersion } = plan;
    try {
      return committed(await client.reconfig({ ...request, fromVersion, signal: this.signal }));
    } catch (error) {
      if (isServerError(error, Errno.badVersion)) throw changed('somebody changed it meanwhile');
      if (isServerError(error, Errno.noAuth)) throw notPermitted(error);
      if (!(error instanceof ZkshError && 'outcome' in error && error.outcome === 'unknown')) throw error;
      // The server we are connected to may be the one that left, or the leader: what is committed tells.
      const now = await readCommittedConfig(client, { timeout: LOOK_AGAIN_MS }).catch(() => undefined);
      if (now === undefined || !sameMembership(now.config, plan.next)) throw error;
      this.note(
        'note: the connection was lost before the answer came; the new configuration is committed all the same',
      );
      return now;
    }
  }

  async #wanted(): Promise<{ wanted: WantedChange; version: bigint | undefined }> {
    const { file, members, add = [], remove = [] } = this.flags;
    const version = parseVersion(this.flags.version);
    if (file !== undefined) {
      const config = parseMembers(await readText(file));
      return { wanted: { kind: 'whole', members: config }, version: version ?? config.version };
    }
    if (members !== undefined) return { wanted: { kind: 'whole', members: parseMembers(members) }, version };
    if (add.length === 0 && remove.length === 0) {
      throw new UsageError('nothing to change: give -add or -remove, or -file or -members');
    }
    return {
      wanted: { kind: 'incremental', add: add.flatMap(parseJoining), remove: remove.flatMap(parseLeaving) },
      version,
    };
  }
}

/** How long to wait for a server to ask what became of a change whose answer was lost. */
const LOOK_AGAIN_MS = 30_000;

function parseVersion(text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  if (/^(0x)?[0-9a-f]{1,16}$/i.test(text)) return BigInt(`0x${text.replace(/^0x/i, '')}`);
  throw new UsageError(`${JSON.stringify(text)} is no version of a configuration`, {
    code: 'BAD_VERSION_NUMBER',
    hint: 'It is hexadecimal, as config prints it. Leave -v out to use the committed one.',
  });
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${(error as Error).message}`, { code: 'BAD_FILE', cause: error });
  }
}

function changed(how: string): ZkshError {
  return new ZkshError(`the configuration is not the one this change was meant for: ${how}`, {
    code: 'BAD_VERSION',
    exitCode: ExitCode.conflict,
    hint: 'Nothing was changed. Look at it with config, then decide again.',
  });
}

function notPermitted(error: ZkshError): ZkshError {
  return new ZkshError('reconfig: not permitted by the ACL of /zookeeper/config', {
    code: error.code,
    exitCode: error.exitCode,
    hint: 'Authenticate as the super user: --auth digest:super:file:PATH, or addauth in the shell.',
    cause: error,
  });
}
