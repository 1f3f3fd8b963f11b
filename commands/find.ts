import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { ensembleVariables, execute, MAX_OUTPUT, mapConcurrently } from '../src/cli/exec-event.ts';
import { TESTS_HELP, testFlags, testsOf, wantsAcl } from '../src/cli/find-flags.ts';
import {
  deed,
  deedDetails,
  deletionView,
  type Executed,
  execView,
  type FindDeletion,
  foundView,
  nullView,
} from '../src/cli/find-views.ts';
import type { Client } from '../src/client/client.ts';
import type { AnyView } from '../src/output/view.ts';
import { ExitCode, UsageError } from '../src/protocol/errors.ts';
import { type CommandTemplate, commandFor, commandLine, parseTemplate } from '../src/shell/command-template.ts';
import { find } from '../src/znodes/find.ts';
import { type Doomed, deleteFound, planFoundDeletion } from '../src/znodes/find-delete.ts';
import type { Candidate, Test } from '../src/znodes/find-tests.ts';
import { isSystemNode, refuseSystemNode } from '../src/znodes/system-nodes.ts';

type Item = Candidate | Executed | FindDeletion;

export default class Find extends ZkshCommand<AsyncIterable<Candidate | Executed> | FindDeletion, typeof Find> {
  static override summary = 'find znodes by name, kind, size, age, owner or ACL';
  static override description =
    `Prints the paths of the znodes at and below a path for which all tests hold, each as soon as it is found, parents
first. A test may be given several times; --not takes the opposite of one: --not 'name=*.tmp' --not empty.

${TESTS_HELP}

--exec runs a program for each znode, {} being its path; no shell is asked. When one fails, the exit code is 1.

--delete shows what it would delete and asks. It deletes what was found and nothing else: what has been written or
created again since, or has children that were not found, is left and listed, and the exit code is 6. /zookeeper is
never touched.

JSON: a list of {path, stat}, with --acl {path, stat, acl}; with --exec also command and exec: {exitCode, output, tookMs}.
With --delete {path, paths, kept, bytes, ephemerals, deleted, gone, failed, failures, dryRun}: paths is what is to be
deleted, kept what has other children, gone counts what somebody else has deleted, failures is a list of
{path, code, message}, the first hundred.`;
  static override examples = [
    "<%= config.bin %> find /app --name 'lock-*' --type ephemeral",
    '<%= config.bin %> find / --size +100k -o table',
    '<%= config.bin %> find /jobs --children 0 --modified +30d --delete --dry-run',
    "<%= config.bin %> find / --acl world:anyone:w --not 'path=/zookeeper/**'",
    "<%= config.bin %> find /app --name config --exec 'zksh json get {} version'",
    '<%= config.bin %> find /app --null | xargs -0 -n 1 echo',
  ];
  static override dryRun = true;
  static override args = {
    path: Args.string({ description: 'where to look; the current path when not given, outside the shell /' }),
  };
  static override flags = {
    ...testFlags,
    'min-depth': Flags.integer({ min: 0, helpValue: '<n>', description: 'at least so far below the path' }),
    'max-depth': Flags.integer({ min: 0, helpValue: '<n>', description: 'at most so far below the path' }),
    null: Flags.boolean({ description: 'end paths with a null character', exclusive: ['exec', 'delete'] }),
    exec: Flags.string({ helpValue: '<command>', description: 'program to run for each znode; {} is its path' }),
    jobs: Flags.integer({ min: 1, max: 64, default: 1, helpValue: '<n>', description: 'programs that run at once' }),
    delete: Flags.boolean({ description: 'delete what was found', exclusive: ['exec'] }),
  };

  protected get view(): AnyView<Item> {
    if (this.flags.delete) return deletionView;
    if (this.flags.exec !== undefined) return execView;
    return this.flags.null ? nullView : foundView;
  }

  protected async execute(): Promise<AsyncIterable<Candidate | Executed> | FindDeletion> {
    const path = this.resolvePath(this.args.path ?? this.host.cwd ?? '/');
    const { exec, delete: deletes, 'dry-run': dryRun } = this.flags;
    if (dryRun && exec === undefined && !deletes) {
      throw new UsageError('find changes nothing without --exec or --delete', { hint: 'Leave --dry-run out.' });
    }
    const tests = testsOf(this.flags, this.io.now());
    const template = exec === undefined ? undefined : parseTemplate(exec);
    const client = await this.client();
    if (deletes) refuseSystemNode(path, client.chroot, 'find --delete');
    const found = this.#find(client, path, tests);
    if (deletes) return this.#delete(client, path, found);
    return template === undefined ? found : this.#execute(found, template);
  }

  async *#find(client: Client, path: string, tests: readonly Test[]): AsyncGenerator<Candidate> {
    const { delete: deletes, 'min-depth': minDepth, 'max-depth': maxDepth } = this.flags;
    const quiet = this.io.stdout.isTTY === true && !deletes;
    const bar = quiet ? undefined : this.progress({ label: `looking in ${path}`, unit: 'znodes' });
    let vanished = 0;
    try {
      yield* find(client, path, {
        tests,
        acl: wantsAcl(this.flags),
        minDepth,
        maxDepth,
        signal: this.signal,
        skip: deletes ? (below) => isSystemNode(below, client.chroot) : undefined,
        progress: bar?.update,
        vanished: () => {
          vanished += 1;
        },
        unreadable: (error) => {
          this.warn(error);
          this.exitCode = error.exitCode;
        },
      });
    } finally {
      bar?.done();
    }
    if (vanished > 0) this.note(`note: ${vanished} ${vanished === 1 ? 'znode' : 'znodes'} went away meanwhile`);
  }

  async *#execute(found: AsyncIterable<Candidate>, template: CommandTemplate): AsyncGenerator<Executed> {
    const variables = ensembleVariables(await this.context());
    let failed = 0;
    yield* mapConcurrently(found, this.flags.jobs, async (znode): Promise<Executed> => {
      const command = commandFor(template, znode.path);
      const planned = { ...znode, command, line: commandLine(command), exec: undefined };
      if (this.flags['dry-run']) return planned;
      const exec = await execute(command, {
        env: { ...this.io.env, ...variables },
        stderr: this.io.stderr,
        signal: this.signal,
        now: () => this.io.now(),
      });
      if (exec.exitCode !== 0) failed += 1;
      if (exec.output.length === MAX_OUTPUT)
        this.warn(`only the first MiB is kept of what was printed for ${znode.path}`);
      return { ...planned, exec };
    });
    // What Ctrl-C has ended did not fail.
    this.signal.throwIfAborted();
    if (failed === 0) return;
    this.exitCode = ExitCode.failure;
    this.warn(`the command of --exec failed for ${failed} ${failed === 1 ? 'znode' : 'znodes'}`);
  }

  async #delete(client: Client, path: string, found: AsyncIterable<Candidate>): Promise<FindDeletion> {
    const doomed: Doomed[] = [];
    for await (const { path: at, stat } of found) if (stat !== undefined) doomed.push({ path: at, stat });
    const plan = planFoundDeletion(doomed);
    const total = plan.znodes.length;
    if (this.flags['dry-run']) return { path, plan, outcome: undefined };
    if (total > 0) await this.confirm({ what: deed(path, plan), details: deedDetails(plan) });
    const bar = this.progress({ label: 'deleting', total, unit: 'znodes' });
    const options = { signal: this.signal, progress: bar.update };
    const outcome = await deleteFound(client, plan, options).finally(bar.done);
    this.exitCode = outcome.failures.kept[0]?.error.exitCode ?? this.exitCode;
    return { path, plan, outcome };
  }
}
