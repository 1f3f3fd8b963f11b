import { setTimeout as sleep } from 'node:timers/promises';
import * as Flags from '@oclif/core/flags';
import { parseDuration } from '../src/cli/duration.ts';
import { latencyView } from '../src/cli/latency-view.ts';
import { memberAnswerFlags } from '../src/cli/member-answers.ts';
import { ObservingCommand } from '../src/cli/observing-command.ts';
import { parseConnectString } from '../src/client/connect-string.ts';
import { type EnsembleLatency, measureLatency, requestsOf } from '../src/ensemble/latency/measure.ts';
import { type LatencyPlan, OPERATIONS, type OperationName, WRITES } from '../src/ensemble/latency/operations.ts';
import { observeEnsemble } from '../src/ensemble/observe.ts';
import { chosenMembers } from '../src/ensemble/observed-member.ts';
import { UsageError } from '../src/protocol/errors.ts';

/** Home, and clear what is below: less flicker than clearing the whole screen. */
const REDRAW = '\x1b[H\x1b[J';
const DEFAULT_RATE = 200;
const duration = Flags.custom<number>({ parse: async (text) => parseDuration(text), helpValue: '<duration>' });

export default class Latency extends ObservingCommand<
  EnsembleLatency | AsyncIterable<EnsembleLatency>,
  typeof Latency
> {
  static override summary = 'measure how fast each member answers, as its clients see it';
  static override description =
    `Opens a session to each member, all of them at once, and times one request after the other, the operations by turns:
connect (TCP or TLS and a session, which is made and ended: two transactions of the ensemble), exists of /, getData and
getChildren of --path, and sync, which is a way to the leader and back. With --write also create, setData and delete of an
ephemeral znode of 100 bytes below --path: real writes, each a transaction of the whole ensemble. The znode is deleted in
the same turn, and goes with its session whatever happens. Without counts each read is made 200 times, sync 100, a write 50
and connect 10 times. --count and --duration change that, --rate keeps it gentle.

A percentile is told where the number of measurements bears it: p90 from 10 on, p99 from 100, p99.9 from 1000. Requests are
made one at a time: a stall counts once, however many requests it would have held up. The round trip is the quickest exists.
The server's own numbers stand beside: what it took itself for requests, in milliseconds since it was started or reset. What
a client sees above them is the network, or this machine. An operation is slow when its p50 is twice that of the other
members, and 1 ms more.

A member that does not answer costs --wait once; one that ends midway keeps what was measured until then. The exit code is 0
when all members answered everything; 5 when none could be measured; 8 when some could not, or not to the end; else that of
the refusal, such as 3 when --path does not exist and 4 when an ACL forbids it, or 8 when they differ.

JSON: {answered, members: [{id, host, role, configured, roundTrip, server: {min, avg, max, p99Read, p99Update}, operations,
error: {code, message}, took}], took}; an operation is {operation, count, errors, error: {code, message}, min, mean, p50,
p90, p99, p999, max, timesOthers, slow, buckets: [{from, to, count}]}: what is not known is absent, times are milliseconds,
timesOthers is p50 by the middle one of the others, a bucket counts what took longer than from and no longer than to. With
--watch, one such object an interval.`;
  static override examples = [
    '<%= config.bin %> latency',
    '<%= config.bin %> latency --operation exists --operation sync --duration 30s',
    '<%= config.bin %> latency --write --path /load-test --count 100',
    '<%= config.bin %> latency --watch --operation exists --interval 5s',
    "<%= config.bin %> latency -o json | jq '.members[] | {id, roundTrip}'",
  ];
  static override flags = {
    ...memberAnswerFlags,
    operation: Flags.option({ options: OPERATIONS, multiple: true, multipleNonGreedy: true })({
      env: 'ZKSH_LATENCY_OPERATION',
      description: 'measure this one alone; may be repeated; all that are no writes when not given',
    }),
    count: Flags.integer({
      min: 1,
      max: 10_000_000,
      helpValue: '<n>',
      env: 'ZKSH_LATENCY_COUNT',
      description: 'how often each operation; connect and writes at most 100 times unless named with --operation',
    }),
    duration: duration({
      env: 'ZKSH_LATENCY_DURATION',
      description: 'measure that long; with --count, until the first of the two is reached',
    }),
    rate: Flags.integer({
      min: 0,
      helpValue: '<n>',
      default: DEFAULT_RATE,
      env: 'ZKSH_LATENCY_RATE',
      description:
        'at most so many requests a second to each member, 200 when not given; 0: as fast as they are answered',
    }),
    path: Flags.string({
      helpValue: '<path>',
      env: 'ZKSH_LATENCY_PATH',
      description: 'znode that getData, getChildren and sync name, and the parent of what is written; / when not given',
    }),
    write: Flags.boolean({
      env: 'ZKSH_LATENCY_WRITE',
      description: 'measure create, setData and delete too: real writes of an ephemeral znode',
    }),
    watch: Flags.boolean({ env: 'ZKSH_LATENCY_WATCH', description: 'measure again and again, until Ctrl-C' }),
    interval: duration({
      env: 'ZKSH_LATENCY_INTERVAL',
      description: 'with --watch, from the end of one measurement to the next; 2s when not given',
      dependsOn: ['watch'],
    }),
  };

  protected readonly view = latencyView;

  protected async execute(): Promise<EnsembleLatency | AsyncIterable<EnsembleLatency>> {
    const plan = await this.#plan();
    return this.flags.watch ? this.#again(plan) : this.#measure(plan);
  }

  async #plan(): Promise<LatencyPlan> {
    const { operation: named, write, count, duration, rate, path } = this.flags;
    const wanted = named ?? OPERATIONS.filter((name) => write || !WRITES.includes(name));
    if (!write && wanted.some((name) => WRITES.includes(name))) {
      throw new UsageError('create, setData and delete are real writes', { hint: 'Allow them with --write.' });
    }
    const { context } = await this.context();
    return {
      operations: OPERATIONS.filter((name: OperationName) => wanted.includes(name)),
      named: named !== undefined,
      count,
      duration,
      rate: rate === 0 ? undefined : rate,
      path: this.resolvePath(path ?? '/'),
      chroot: parseConnectString(context.servers).chroot,
    };
  }

  async #measure(plan: LatencyPlan): Promise<EnsembleLatency> {
    const { wanted, asking } = await this.observing();
    const members = chosenMembers((await observeEnsemble(wanted, asking)).members, this.flags.member ?? []);
    const requests = requestsOf(plan);
    const total = requests && requests * members.length;
    const progress = this.progress({ label: 'measuring', unit: 'requests', total });
    let done = 0;
    try {
      const measured = await measureLatency(members, plan, asking, () => progress.update(++done));
      this.exitCode = measured.exitCode;
      return measured;
    } finally {
      progress.done();
    }
  }

  async *#again(plan: LatencyPlan): AsyncGenerator<EnsembleLatency> {
    const redraw = this.io.stdout.isTTY === true && (this.flags.output ?? 'text') === 'text';
    for (;;) {
      const measured = await this.#measure(plan);
      if (redraw) this.io.stdout.write(REDRAW);
      yield measured;
      await sleep(this.flags.interval ?? 2000, undefined, { signal: this.signal });
    }
  }
}
