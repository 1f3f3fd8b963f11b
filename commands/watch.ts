import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { type Execution, ensembleVariables, execute, mapConcurrently } from '../src/cli/exec-event.ts';
import type { Style } from '../src/output/style.ts';
import type { Role } from '../src/output/theme.ts';
import { rfc3339, shortDuration } from '../src/output/times.ts';
import type { View } from '../src/output/view.ts';
import { ExitCode } from '../src/protocol/errors.ts';
import { hex64 } from '../src/protocol/zxid.ts';
import { type Observation, type ObservedType, observe } from '../src/znodes/observe.ts';

interface Item extends Observation {
  /** How the command of --exec went. */
  exec?: Execution | undefined;
}

export default class Watch extends ZkshCommand<AsyncIterable<Item>, typeof Watch> {
  static override summary = 'show what happens at a znode and below it, as it happens';
  static override description =
    `Prints a line an event on a terminal and NDJSON in a pipe, until Ctrl-C (exit code 130) or --count events. The
znode need not exist yet. It needs servers from ZooKeeper 3.6.

While the connection is away, the servers keep no events: Suspended and Resumed mark such a gap, after which a program
has to look again. When the session expires, the command ends with exit code 5: start it again.

--exec runs a shell command an event, in the order of the events unless --jobs allows several at once. It finds
ZKSH_EVENT_TYPE, ZKSH_EVENT_PATH, ZKSH_EVENT_ZXID, ZKSH_EVENT_TIME in its environment, with --data also
ZKSH_EVENT_VERSION there and the data on its stdin, and ZKSH_SERVER or ZKSH_CONTEXT, so that zksh in it means this
ensemble. It runs after a gap too (type Resumed, path the one watched), and with --initial for what is there (type
Present). What it prints follows its event; a command that fails makes the exit code 1.

JSON: {time, type, path, zxid, data, version, reason, gapMs, exec: {exitCode, output, tookMs}}; zxid is a decimal
string, absent from servers before 3.9.`;
  static override examples = [
    '<%= config.bin %> watch /app',
    '<%= config.bin %> watch /brokers/ids | jq -r .path',
    "<%= config.bin %> watch /app/config --data --exec 'cat > /etc/app.conf && systemctl reload app'",
    '<%= config.bin %> watch /app/done --count 1 --timeout 5m',
  ];
  static override args = { path: Args.string({ required: true, description: 'znode to watch' }) };
  static override flags = {
    recursive: Flags.boolean({
      allowNo: true,
      default: true,
      description: 'all below the znode too; without it the znode and the names of its children',
    }),
    initial: Flags.boolean({ description: 'begin with the znodes that are there' }),
    data: Flags.boolean({ description: 'read each znode after its event and show its data' }),
    count: Flags.integer({ min: 1, helpValue: '<n>', description: 'end after so many events' }),
    exec: Flags.string({ helpValue: '<command>', description: 'shell command to run for each event' }),
    jobs: Flags.integer({
      min: 1,
      max: 64,
      default: 1,
      helpValue: '<n>',
      description: 'how many commands of --exec may run at once',
    }),
  };

  protected readonly view: View<Item> = {
    piped: 'ndjson',
    text: (item, style) => [eventText(item, style), ...outputText(item, style)].join('\n'),
    columns: [
      { header: 'time', value: ({ time }) => new Date(time) },
      { header: 'type', value: ({ type }) => type, role: ({ type }) => ROLES[type] },
      { header: 'path', value: ({ path }) => path },
      { header: 'zxid', value: ({ zxid }) => zxid, kind: 'hex' },
      { header: 'version', value: ({ node }) => node?.stat.version, kind: 'number' },
    ],
    json: ({ time, type, path, zxid, node, reason, gap, exec }) => ({
      time: rfc3339(time),
      type,
      path,
      zxid,
      data: node?.data,
      version: node?.stat.version,
      reason,
      gapMs: gap,
      exec: exec && { exitCode: exec.exitCode, output: exec.output, tookMs: exec.took },
    }),
  };

  protected async execute(): Promise<AsyncIterable<Item>> {
    const path = this.resolvePath(this.args.path);
    const client = await this.client();
    if ((await client.exists(path, { signal: this.signal })) === undefined) {
      this.note(`note: ${path} does not exist yet; waiting for it`);
    }
    const { recursive, initial, data, count } = this.flags;
    const now = () => this.io.now();
    const stop = new AbortController();
    const signal = AbortSignal.any([this.signal, stop.signal]);
    const seen = limited(observe(client, path, { recursive, initial, data, signal, now }), count);
    const { exec } = this.flags;
    return exec === undefined ? seen : this.#executing(exec, seen, stop);
  }

  async *#executing(command: string, seen: AsyncIterable<Observation>, stop: AbortController): AsyncIterable<Item> {
    const here = ensembleVariables(await this.context());
    try {
      yield* mapConcurrently(seen, this.flags.jobs, async (observation): Promise<Item> => {
        if (observation.type === 'Suspended') return observation;
        const exec = await execute(command, {
          env: { ...this.io.env, ...here, ...variables(observation) },
          input: observation.node?.data ?? undefined,
          stderr: this.io.stderr,
          signal: this.signal,
          now: () => this.io.now(),
        });
        if (exec.exitCode !== 0) this.#failed(observation, exec.exitCode);
        return { ...observation, exec };
      });
    } finally {
      stop.abort();
    }
  }

  #failed({ type, path }: Observation, exitCode: number): void {
    this.exitCode = ExitCode.failure;
    if (!this.signal.aborted) this.warn(`the command of --exec ended with ${exitCode} at ${type} ${path}`);
  }
}

/** Ends after `count` events of znodes; what is there at the start and gaps do not count. */
async function* limited(
  source: AsyncIterable<Observation>,
  count = Number.POSITIVE_INFINITY,
): AsyncGenerator<Observation> {
  let left = count;
  for await (const one of source) {
    yield one;
    if (one.type.startsWith('Node')) left -= 1;
    if (left <= 0) return;
  }
}

function variables({ type, path, time, zxid, node }: Observation): Record<string, string | undefined> {
  return {
    ZKSH_EVENT_TYPE: type,
    ZKSH_EVENT_PATH: path,
    ZKSH_EVENT_TIME: rfc3339(time),
    ZKSH_EVENT_ZXID: zxid === undefined ? undefined : hex64(zxid),
    ZKSH_EVENT_VERSION: node?.stat.version.toString(),
  };
}

const ROLES: Partial<Record<ObservedType, Role>> = {
  NodeCreated: 'good',
  NodeDeleted: 'bad',
  Suspended: 'warn',
  Resumed: 'warn',
  Present: 'dim',
};

function eventText(item: Item, style: Style): string {
  const { type, path, time, zxid, node, reason, gap } = item;
  const at = style.paint('dim', style.tty ? new Date(time).toTimeString().slice(0, 8) : rfc3339(time));
  const role = ROLES[type];
  const name = role === undefined ? type : style.paint(role, type);
  if (type === 'Suspended')
    return `${at}  ${name}  events are missed from now on${reason === undefined ? '' : `: ${style.name(reason)}`}`;
  if (type === 'Resumed')
    return `${at}  ${name}  after ${shortDuration(gap ?? 0)}; look again, events may have been missed`;
  const extra = [
    ...(zxid === undefined || type === 'Present' ? [] : [style.paint('dim', `zxid ${style.hex(zxid)}`)]),
    ...(node === undefined ? [] : [`version ${node.stat.version}`]),
  ];
  const line = [at, name, style.name(path), ...extra].join('  ');
  return node === undefined || node.data === null ? line : `${line}\n${style.data(node.data)}`;
}

function outputText({ exec }: Item, style: Style): string[] {
  if (exec === undefined || exec.output.length === 0) return [];
  return [style.data(exec.output).replace(/\n$/, '')];
}
