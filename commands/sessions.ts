import * as Flags from '@oclif/core/flags';
import { memberAnswerFlags } from '../src/cli/member-answers.ts';
import { OBSERVING } from '../src/cli/observing-command.ts';
import { SORT_KEYS, sortSessions } from '../src/cli/session-order.ts';
import { ASKING_FOR_LISTS, SessionsCommand } from '../src/cli/sessions-command.ts';
import { sessionsView } from '../src/cli/sessions-view.ts';
import { chooseClient, isChosen } from '../src/ensemble/sessions/client-address.ts';
import { nobodyTold } from '../src/ensemble/sessions/lists.ts';
import { type SessionsReport, sessionsReport } from '../src/ensemble/sessions/report.ts';

export default class Sessions extends SessionsCommand<SessionsReport, typeof Sessions> {
  static override summary = 'list the sessions: client, member, timeout, traffic, ephemerals, watches';
  static override description =
    `One row a session. Members tell their connections (connections, or cons), the leader all sessions with their ephemerals
(dump): one without a connection has a client that is away, and expires unless that comes back. Watches are counted where a
member holds 10,000 at most, or with --watches; those on children alone (ls -w) no server lists, so they are not in the
count. --light asks for connections alone.

Where neither is told, the tree is walked by a session of our own: that finds the sessions that own ephemerals, and no
others. Our own questions and sessions are not in the list, except the session of the shell. kind is global, or local for a
session that its member alone knows (localSessionsEnabled), where that is told. since is when the connection began.

${ASKING_FOR_LISTS}

${OBSERVING}

JSON: {sessions, sources, missing}; a session is {id, idHex, kind, connected, members, client, established, queued, received,
sent, lastOperation, lastZxid, latencyMin, latencyAvg, latencyMax, timeout, ephemerals, watches}: id in decimal, members a
list of {id, host}, connected false only where every member told, ephemerals and watches numbers, times milliseconds; of
several connections the newest. sources is {connections, sessions, ephemerals, watches}: who told, {member, source}; or
"client" for a walk; missing is a list of {member, source, reason}. What is not known is absent.`;
  static override aliases = ['sessions:list'];
  static override examples = [
    '<%= config.bin %> sessions',
    '<%= config.bin %> sessions list --client 10.0.0.7 --sort watches',
    '<%= config.bin %> sessions list --member 2 --light',
    "<%= config.bin %> sessions -o json | jq -r '.sessions[] | select(.connected == false) | .idHex'",
  ];
  static override flags = {
    ...memberAnswerFlags,
    client: Flags.string({
      env: 'ZKSH_SESSIONS_CLIENT',
      helpValue: '<address>',
      description: 'only sessions connected from there: an address or a name, with or without a port',
    }),
    sort: Flags.string({
      options: [...SORT_KEYS],
      env: 'ZKSH_SESSIONS_SORT',
      description: 'what the rows are sorted by: numbers the greatest first, since the oldest first; id when not given',
    }),
    watches: Flags.boolean({
      env: 'ZKSH_SESSIONS_WATCHES',
      description: 'count watches also where a member holds more than 10,000: heavy',
      exclusive: ['light'],
    }),
    light: Flags.boolean({
      env: 'ZKSH_SESSIONS_LIGHT',
      description: 'ask for connections alone: no ephemerals, no watches, no sessions without a connection',
    }),
  };

  protected readonly view = sessionsView;

  protected async execute(): Promise<SessionsReport> {
    const { client, sort, light, watches, member } = this.flags;
    const from = client === undefined ? undefined : await chooseClient(client);
    const { observation, asking, members, walk } = await this.look();
    const heavy = watches ? 'all' : 'few';
    const choosy = from !== undefined || member !== undefined;
    const wish = {
      members,
      tracked: !light,
      watches: light ? 'none' : heavy,
      walk: light || choosy ? undefined : walk,
    } as const;
    const report = await sessionsReport(observation, asking, wish);
    const { connections, ephemerals } = report.sources;
    const blind = connections.length === 0 && (choosy || ephemerals === undefined);
    if (blind) throw nobodyTold('its connections', report.missing);
    this.noteMissing(report.missing, report.unreadable);
    if (ephemerals === 'client') {
      this.note('note: no member tells its sessions: these are the ones that own ephemerals, found in the tree');
    }
    for (const one of report.uncounted) {
      const held = one.watches === undefined ? 'an unknown number of' : one.watches.toLocaleString('en-US');
      this.note(`note: ${one.member.host} holds ${held} watches: --watches counts them by session`);
    }
    const sessions = report.sessions.filter(
      ({ places }) =>
        (member === undefined || places.length > 0) &&
        (from === undefined || places.some((place) => place.client !== undefined && isChosen(place.client, from))),
    );
    return { ...report, sessions: sortSessions(sessions, sort) };
  }
}
