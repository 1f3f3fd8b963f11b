import { setTimeout as sleep } from 'node:timers/promises';
import * as Flags from '@oclif/core/flags';
import { parseDuration } from '../../src/cli/duration.ts';
import { OBSERVING, ObservingCommand, observingFlags } from '../../src/cli/observing-command.ts';
import { planLines, type Rebalance, rebalanceView, type Unable } from '../../src/cli/rebalance-view.ts';
import { type Rebalanced, rebalance, whyEnded } from '../../src/ensemble/balance/rebalance.ts';
import { shedConnections } from '../../src/ensemble/balance/shed.ts';
import { nextShed, overfull, type RebalanceLimits, type Skew, skewOf } from '../../src/ensemble/balance/skew.ts';
import { ensembleStatus } from '../../src/ensemble/ensemble-status.ts';
import { observeEnsemble, type Wanted } from '../../src/ensemble/observe.ts';
import type { Asking, MemberObservation } from '../../src/ensemble/observe-member.ts';
import { hostOf } from '../../src/ensemble/observed-member.ts';
import { askFor, CONNECTIONS } from '../../src/ensemble/sessions/lists.ts';
import { ExitCode, ZkshError } from '../../src/protocol/errors.ts';

interface Look {
  wanted: Wanted;
  asking: Asking;
  skew: Skew;
  seen: readonly MemberObservation[];
}

export default class ClientsRebalance extends ObservingCommand<Rebalance, typeof ClientsRebalance> {
  static override summary = 'show how clients are spread over the members, and move some off the fullest';
  static override description =
    `Connections of each member are told by the AdminServer (connections) or the word cons; where neither does, by the count that
srvr tells, which has our own questions in it. The fullest member closes a bounded percentage of its connections, a moment
later all are counted again, and so on until none has more than --within over the mean, or it does not get better. Sessions,
ephemerals and watches stay: clients connect again, wherever they do.

Servers can from 3.10 on, by their AdminServer (shed_connections), which wants all permissions on /: the credentials of --auth
are sent to the AdminServer of a member that has too many, as they are; use https where others can listen. 3.10 is not
released: this was tested against a stand-in of its AdminServer. On releases before nothing is done, and it is said what helps.

Asks, unless --yes. The exit code is 8 when the members are not even in the end; with --dry-run it is 0.

${OBSERVING}

JSON: {members, total, mean, ratio, limits, next, unable, steps, ended}; a member is {id, host, role, release, connections,
source, share, ofMean}: share of all, 0 to 1, ofMean in times the mean; ratio is the greatest ofMean; limits {within, percent,
steps, pause}; next {id, host, percent, about}, the first step; unable a list of {id, host, reason}, who has too many and cannot
shed; steps a list of {id, host, percent, about, closed, before, after}, the last two ratios; ended is even, steps spent, no
better, a member does not serve or nobody can shed. Of a plan, steps and ended are absent.`;
  static override examples = [
    '<%= config.bin %> clients rebalance --dry-run',
    '<%= config.bin %> clients rebalance --percent 5 --auth digest:super:file:PATH',
  ];
  static override dryRun = true;
  static override flags = {
    ...observingFlags,
    percent: Flags.integer({
      env: 'ZKSH_REBALANCE_PERCENT',
      min: 1,
      max: 50,
      default: 10,
      helpValue: '<percent>',
      description: 'of its connections that a member closes in one step at most',
    }),
    within: Flags.integer({
      env: 'ZKSH_REBALANCE_WITHIN',
      min: 1,
      default: 20,
      helpValue: '<percent>',
      description: 'over the mean that counts as even',
    }),
    steps: Flags.integer({
      env: 'ZKSH_REBALANCE_STEPS',
      min: 1,
      default: 10,
      helpValue: '<n>',
      description: 'steps at most',
    }),
    pause: Flags.custom<number>({ parse: async (text) => parseDuration(text), helpValue: '<duration>' })({
      env: 'ZKSH_REBALANCE_PAUSE',
      description: 'from a step to the next look, for clients to connect again; 5s when not given',
    }),
  };

  protected readonly view = rebalanceView;

  protected async execute(): Promise<Rebalance> {
    const { percent, within, steps, pause = 5000 } = this.flags;
    const limits = { percent, within, steps, pause };
    // Once: credentials may be asked for.
    const how = await this.observing();
    const look = await lookAt(how);
    const unable = await this.#unable(look, limits);
    const able = ({ host }: { host: string }): boolean => unable.every((one) => one.host !== host);
    const found = { skew: look.skew, limits, unable, next: nextShed(look.skew, limits, able), made: undefined };
    if (this.flags['dry-run']) return found;
    if (found.next !== undefined && whyEnded(look.skew, limits) === undefined) {
      await this.confirm({
        what: `close connections of member ${found.next.id ?? found.next.host}`,
        details: planLines(found),
      });
    }
    const made = await this.#make(look, limits, able);
    if (made.ended !== 'even') this.exitCode = ExitCode.unhealthy;
    return { ...found, skew: made.skew, made };
  }

  #make(first: Look, limits: RebalanceLimits, canShed: (load: { host: string }) => boolean): Promise<Rebalanced> {
    let look = first;
    return rebalance(first.skew, limits, {
      canShed,
      look: async () => {
        look = await lookAt(first);
        return look.skew;
      },
      shed: ({ host, percent }) => shedConnections(memberAt(look, host), percent, look.asking),
      sleep: (ms) => sleep(ms, undefined, { signal: this.signal }),
      tell: ({ id, host, closed, before, after }) =>
        this.note(
          `member ${id ?? host} closed ${closed} connections: ${before.toFixed(2)} → ${after.toFixed(2)} times the mean`,
        ),
    });
  }

  /** Which of those that have too many would not shed: asked for none at all, which changes nothing. */
  async #unable(look: Look, { within }: RebalanceLimits): Promise<Unable[]> {
    const asked = overfull(look.skew, within).map(async ({ id, host }): Promise<Unable[]> => {
      try {
        await shedConnections(memberAt(look, host), 0, look.asking);
        return [];
      } catch (error) {
        this.signal.throwIfAborted();
        if (error instanceof ZkshError) return [{ id, host, reason: error.message }];
        throw error;
      }
    });
    return (await Promise.all(asked)).flat();
  }
}

async function lookAt({ wanted, asking }: Pick<Look, 'wanted' | 'asking'>): Promise<Look> {
  const { members } = ensembleStatus(await observeEnsemble(wanted, asking));
  const told = members.map(async (member) => ({
    member,
    reply: await askFor(CONNECTIONS, member.observation, asking),
  }));
  const skew = skewOf(await Promise.all(told));
  return { wanted, asking, skew, seen: members.map(({ observation }) => observation) };
}

function memberAt({ seen }: Look, host: string): MemberObservation {
  const found = seen.find((one) => hostOf(one) === host);
  if (found === undefined) throw new Error(`${host} was seen a moment ago`);
  return found;
}
