import * as Flags from '@oclif/core/flags';
import { parseDuration } from '../src/cli/duration.ts';
import { ObservingCommand, observingFlags } from '../src/cli/observing-command.ts';
import { styleOf } from '../src/cli/stream-style.ts';
import { LEAST_INTERVAL } from '../src/cli/top/keys.ts';
import { runLive } from '../src/cli/top/live.ts';
import { newTop, SORTS, type Sort, sampled, type TopState } from '../src/cli/top/state.ts';
import { topView } from '../src/cli/top/view.ts';
import type { Wanted } from '../src/ensemble/observe.ts';
import type { Asking } from '../src/ensemble/observe-member.ts';
import { sampleEnsemble } from '../src/ensemble/sampling/sample.ts';
import { ExitCode } from '../src/protocol/errors.ts';

const DEFAULT_INTERVAL = 2000;
/** Asked at once where nobody can wait for a second look to find an AdminServer wanting. */
const ALL_WISHES = { admin: ['connections'], words: ['cons'] };

export default class Top extends ObservingCommand<TopState | AsyncIterable<TopState>, typeof Top> {
  static override summary = 'watch members and connections live: rates, latency, queues, lag';
  static override description =
    `On a terminal the whole screen shows, again and again, every member and who is connected to it; h lists the keys, q quits.
With --once, in a pipe and with -o it is one such picture, of two looks an interval apart, or --count of them.

Members are asked as status asks them, each for one interval at most (a second at least, and never more than --wait): one
that does not answer turns red and says why. What in/s and out/s count are packets of clients, pings and our own four-letter
words among them. ms is how long requests took on average since the look before, which servers from 3.6 on tell by mntr or
their AdminServer; p99, max and avg are since the server began to serve. A server that was started anew, or got another
role, has no rates until the second look after that. Connections are told by the AdminServer or by the four-letter word
cons, which are asked only while they are shown. No key changes anything in the ensemble.

The exit code of a picture is 0 when a quorum, or a standalone server, serves, and 8 when none does.

JSON: {time, interval, serving, leader, quorum: {kind, voters, live, quorum, tolerance, fatal, critical}, configVersion,
members, connections, silent, took}; a member is {id, host, role, configured, lag, connections, outstanding, latencyAvg,
latencyP99, latencyMax, znodes, rates, lastSeen, missing}; rates is {received, sent, transactions, reads, updates,
bytesReceived, bytesSent, connects, drops, rejects}, each per second, and {readLatency, updateLatency}; a connection is
{client, sessionId, member, queued, received, sent, receivedRate, sentRate, lastOperation, established, timeout, lastZxid,
latencyMin, latencyAvg, latencyMax}; silent names members that told no connections, as {member, reason}. What is not known is
absent; times are RFC 3339, their lengths milliseconds. With --count, one such object for each picture; CSV has the members.`;
  static override examples = [
    '<%= config.bin %> top',
    '<%= config.bin %> top --interval 1s --sort latency',
    '<%= config.bin %> top --once',
    "<%= config.bin %> top -o ndjson --count 30 --interval 10s | jq '.members[].rates.received'",
  ];
  static override flags = {
    ...observingFlags,
    interval: Flags.custom<number>({ parse: async (text) => parseDuration(text), helpValue: '<duration>' })({
      env: 'ZKSH_TOP_INTERVAL',
      description: 'from one look to the next; 2s when not given, 200ms at least',
    }),
    count: Flags.integer({
      env: 'ZKSH_TOP_COUNT',
      min: 1,
      helpValue: '<n>',
      description: 'end after so many pictures',
    }),
    once: Flags.boolean({
      env: 'ZKSH_TOP_ONCE',
      description: 'one picture as text, and the terminal stays as it is',
      exclusive: ['count'],
    }),
    sort: Flags.option({ options: SORTS })({
      env: 'ZKSH_TOP_SORT',
      description: 'what the rows are sorted by; members by id and connections by received when not given',
    }),
  };

  protected readonly view = topView;

  protected async execute(): Promise<TopState | AsyncIterable<TopState>> {
    const { once, count, output } = this.flags;
    const asText = (output ?? this.host.defaults?.output ?? 'text') === 'text';
    const state = await this.#newTop();
    const { wanted, asking } = await this.observing(ALL_WISHES);
    const screen = this.io.stdout.isTTY === true && this.io.env.TERM !== 'dumb';
    if (!once && asText && screen) return this.#live(state, wanted, asking);
    const pictures = this.#pictures(state, wanted, asking);
    return count === undefined ? await only(pictures) : pictures;
  }

  /** Nothing is printed below what a person quit; what ended by itself leaves its last picture. */
  async #live(state: TopState, wanted: Wanted, asking: Asking): Promise<TopState | AsyncIterable<TopState>> {
    const { count } = this.flags;
    const noColor = this.flags['no-color'] || this.host.defaults?.noColor === true;
    const style = await styleOf(this.io.stdout, this.io, noColor);
    const last = await runLive(state, { io: this.io, style, wanted, asking, count });
    return count === undefined ? none() : last;
  }

  /** One for each look but the first: rates need two. */
  async *#pictures(state: TopState, wanted: Wanted, asking: Asking): AsyncGenerator<TopState> {
    const { count = 1 } = this.flags;
    let seen = state;
    let looks = 0;
    for await (const sample of sampleEnsemble(wanted, asking, { interval: state.interval, count: count + 1 })) {
      seen = sampled(seen, sample);
      this.exitCode = sample.status.serving ? ExitCode.done : ExitCode.unhealthy;
      looks += 1;
      if (looks > 1) yield seen;
    }
  }

  async #newTop(): Promise<TopState> {
    const { context, name } = await this.context();
    const interval = Math.max(LEAST_INTERVAL, this.flags.interval ?? DEFAULT_INTERVAL);
    const sort: Sort = this.flags.sort ?? 'member';
    const where = this.flags.members ?? name ?? context.servers;
    return newTop({ name: where, now: this.io.now(), interval, sort });
  }
}

async function only(pictures: AsyncIterable<TopState>): Promise<TopState> {
  for await (const picture of pictures) return picture;
  throw new Error('a look has an end');
}

async function* none(): AsyncGenerator<TopState> {}
