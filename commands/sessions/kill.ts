import * as Args from '@oclif/core/args';
import { type Killed, killView, lossOf } from '../../src/cli/kill-view.ts';
import { observingFlags } from '../../src/cli/observing-command.ts';
import { ASKING_FOR_LISTS, parseSessionId, SessionsCommand } from '../../src/cli/sessions-command.ts';
import { proveKilled } from '../../src/ensemble/sessions/after-kill.ts';
import { killSession, noSession } from '../../src/ensemble/sessions/kill.ts';
import { type SessionEntry, sessionsReport, withWatches } from '../../src/ensemble/sessions/report.ts';
import { hex64 } from '../../src/protocol/zxid.ts';

export default class SessionsKill extends SessionsCommand<Killed, typeof SessionsKill> {
  static override summary = 'end a session for good: its ephemerals go, its client is told it has expired';
  static override description =
    `No server has a command for it. A session's password follows from its id, in every release, and is all that a server asks
for: so zksh goes on with the session as its own client would, on the member that has it, and closes it. Credentials are
needed only where servers take authenticated sessions alone (enforce.auth.enabled): then give --sasl or --auth.

What goes with it is shown first: client, member, ephemerals, watches. Asks, unless --yes. Afterwards the member that ended it
must know it no more, its ephemerals must be gone, and whoever lists all sessions must list it no more; else the command
fails and says what is known. Its client gets "session expired" and, if it is any good, opens a new session and creates
its ephemerals again. To kill a session that has ended is exit code 3, and does no harm.

Where nobody tells sessions, the tree is walked for its ephemerals, and it is ended if any member knows it. A local session is
known to its own member alone.

${ASKING_FOR_LISTS}

JSON: {id, idHex, kind, connected, timeout, connections, ephemerals, watches, dryRun, ended, on, proof}: the session as sessions
show has it, before; on, {id, host}, is the member that ended it, proof {unlisted, gone}: unlisted {member, source} is who lists
all sessions and this one no more, gone how many ephemerals were looked for and are gone.`;
  static override examples = [
    '<%= config.bin %> sessions kill 0x30000d3f7820000 --dry-run',
    '<%= config.bin %> sessions kill 0x30000d3f7820000',
    '<%= config.bin %> sessions kill 0x30000d3f7820000 --yes',
  ];
  static override args = { session: Args.string({ required: true, description: 'id of the session' }) };
  static override dryRun = true;
  static override flags = observingFlags;

  protected readonly view = killView;

  protected async execute(): Promise<Killed> {
    const id = parseSessionId(this.args.session);
    const { observation, asking, members, walk } = await this.look();
    const wish = { members, tracked: true, watches: 'none', walk, walkForEphemerals: true } as const;
    const report = await sessionsReport(observation, asking, wish);
    this.noteMissing(report.missing, report.unreadable);
    const listed = report.sessions.find((one) => one.id === id);
    // A local session is in no list but that of its member's connections.
    if (listed === undefined && report.sources.sessions !== undefined && report.complete) throw noSession(id);
    const found = listed ?? unlisted(id, report.sources.ephemerals === undefined);
    const { session } = await withWatches(report, found, observation, asking, 'few');
    if (this.flags['dry-run']) return { session, dryRun: true, ended: undefined, proof: undefined };
    const own = (await this.ownSession()) === id;
    await this.confirm({ what: `end session ${hex64(id)}`, details: lossOf(session, own) });
    const ended = await killSession(session, observation, asking);
    const proof = await proveKilled(id, session.ephemerals ?? [], observation, asking);
    return { session, dryRun: false, ended, proof };
  }
}

/** Not every list was told: it may be there, and without a connection or ephemerals it is in none. */
function unlisted(id: bigint, ephemeralsUnknown: boolean): SessionEntry {
  return {
    id,
    kind: undefined,
    places: [],
    connected: undefined,
    timeout: undefined,
    ephemerals: ephemeralsUnknown ? undefined : [],
    watches: undefined,
  };
}
