import * as Args from '@oclif/core/args';
import { observingFlags } from '../../src/cli/observing-command.ts';
import { ASKING_FOR_LISTS, parseSessionId, SessionsCommand } from '../../src/cli/sessions-command.ts';
import { sessionView } from '../../src/cli/sessions-view.ts';
import { noSession } from '../../src/ensemble/sessions/kill.ts';
import {
  type SessionEntry,
  type SessionsReport,
  sessionsReport,
  withWatches,
} from '../../src/ensemble/sessions/report.ts';

export default class SessionsShow extends SessionsCommand<
  { session: SessionEntry; report: SessionsReport },
  typeof SessionsShow
> {
  static override summary = 'show one session: its connection, its ephemerals, its watches';
  static override description =
    `The id is as logs have it, 0x30000d3f7820000, or in decimal. Paths are those of the whole tree. Watches on children alone
(ls -w) no server lists. Where nobody tells who owns what, the tree is walked for the session's ephemerals. The exit code is
3 when there is no such session.

${ASKING_FOR_LISTS}

JSON: {id, idHex, kind, connected, timeout, connections, ephemerals, watches, sources, missing}; connections is a list of
{member, client, established, queued, received, sent, lastOperation, timeout, lastZxid, latencyMin, latencyAvg, latencyMax},
the newest first, ephemerals and watches lists of paths; kind, sources and missing as with sessions.`;
  static override examples = [
    '<%= config.bin %> sessions show 0x30000d3f7820000',
    "<%= config.bin %> sessions show 0x30000d3f7820000 -o json | jq -r '.ephemerals[]'",
  ];
  static override args = { session: Args.string({ required: true, description: 'id of the session' }) };
  static override flags = observingFlags;

  protected readonly view = sessionView;

  protected async execute(): Promise<{ session: SessionEntry; report: SessionsReport }> {
    const id = parseSessionId(this.args.session);
    const { observation, asking, members, walk } = await this.look();
    const wish = { members, tracked: true, watches: 'none', walk, walkForEphemerals: true } as const;
    const report = await sessionsReport(observation, asking, wish);
    const found = report.sessions.find((one) => one.id === id);
    const whole = found && (await withWatches(report, found, observation, asking, 'all'));
    this.noteMissing((whole?.report ?? report).missing, report.unreadable);
    if (whole !== undefined) return whole;
    const blind = report.sources.sessions === undefined || !report.complete;
    throw noSession(id, blind ? 'Not every member told its sessions: it may be there all the same.' : undefined);
  }
}
