import { setTimeout as sleep } from 'node:timers/promises';
import * as Flags from '@oclif/core/flags';
import { parseDuration } from '../src/cli/duration.ts';
import { OBSERVING, ObservingCommand, observingFlags } from '../src/cli/observing-command.ts';
import { statusView } from '../src/cli/status-view.ts';
import { type EnsembleStatus, ensembleStatus } from '../src/ensemble/ensemble-status.ts';
import { observeEnsemble } from '../src/ensemble/observe.ts';
import { ExitCode } from '../src/protocol/errors.ts';

/** Home, and clear what is below: less flicker than clearing the whole screen. */
const REDRAW = '\x1b[H\x1b[J';

export default class Status extends ObservingCommand<EnsembleStatus | AsyncIterable<EnsembleStatus>, typeof Status> {
  static override summary = 'show every member: role, lag, connections, latency, size';
  static override description = `${OBSERVING}

A member is leader, follower, observer, standalone, read-only, "serving" (a session was had, and nothing told its role),
"not serving" (up, without a quorum) or unreachable. Lag is in transactions behind the leader; p99 is the greater of reads'
and updates'. Connections told by a four-letter word count our own questions too. The exit code is 0 when a quorum, or a
standalone server, serves, and 8 when none does; whether all is well is not judged here.

JSON: {serving, leader, quorum: {kind, voters, live, quorum, tolerance, fatal, critical}, configVersion, members, took}; a
member is {id, host, role, configured, lag, serverId, version, zxid, connections, outstanding, received, sent, latencyMin,
latencyAvg, latencyMax, latencyP99, znodes, dataSize, uptime, watches, ephemerals, sessions, openFiles, maxFiles,
syncedFollowers, pendingSyncs, sources, missing, roundTrip, took}: what is not known is absent, sources names who told
each field (admin:COMMAND, 4lw:WORD, client), missing says which source brought nothing and why. Received and sent are
packets since the server began to serve. Times are milliseconds, sizes bytes. With --watch, one such object an interval.`;
  static override examples = [
    '<%= config.bin %> status',
    '<%= config.bin %> status --watch --interval 5s',
    '<%= config.bin %> status -S zk1:2181 --admin https://{host}:8443/commands',
    '<%= config.bin %> status -o json | jq -r \'.members[] | select(.lag != "0") | .host\'',
  ];
  static override flags = {
    ...observingFlags,
    watch: Flags.boolean({ env: 'ZKSH_STATUS_WATCH', description: 'look again and again, until Ctrl-C' }),
    interval: Flags.custom<number>({ parse: async (text) => parseDuration(text), helpValue: '<duration>' })({
      env: 'ZKSH_STATUS_INTERVAL',
      description: 'with --watch, from one look to the next; 2s when not given',
      dependsOn: ['watch'],
    }),
  };

  protected readonly view = statusView;

  protected async execute(): Promise<EnsembleStatus | AsyncIterable<EnsembleStatus>> {
    return this.flags.watch ? this.#again() : this.#look();
  }

  async #look(): Promise<EnsembleStatus> {
    const { wanted, asking } = await this.observing();
    const status = ensembleStatus(await observeEnsemble(wanted, asking));
    this.exitCode = status.serving ? ExitCode.done : ExitCode.unhealthy;
    return status;
  }

  async *#again(): AsyncGenerator<EnsembleStatus> {
    const redraw = this.io.stdout.isTTY === true && (this.flags.output ?? 'text') === 'text';
    for (;;) {
      const status = await this.#look();
      if (redraw) this.io.stdout.write(REDRAW);
      yield status;
      await sleep(this.flags.interval ?? 2000, undefined, { signal: this.signal });
    }
  }
}
