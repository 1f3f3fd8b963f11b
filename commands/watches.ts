import * as Flags from '@oclif/core/flags';
import { heldView, holdersView } from '../src/cli/held-view.ts';
import { memberAnswerFlags } from '../src/cli/member-answers.ts';
import { OBSERVING } from '../src/cli/observing-command.ts';
import { ASKING_FOR_LISTS, SessionsCommand } from '../src/cli/sessions-command.ts';
import { type WatchSums, watchSumsView } from '../src/cli/watches-view.ts';
import { type HeldReport, watchesHeld } from '../src/ensemble/sessions/held.ts';
import { nobodyTold } from '../src/ensemble/sessions/lists.ts';
import { watchTotals } from '../src/ensemble/sessions/watch-totals.ts';
import type { AnyView } from '../src/output/view.ts';

const EMPTY = 'no member lists a watch';

export default class Watches extends SessionsCommand<WatchSums | HeldReport, typeof Watches> {
  static override summary = 'count the watches of members, or list who watches what';
  static override description =
    `Without a list, the sums of each member: connections that watch, paths watched, and watches, from watch_summary or wchs, which
cost a server nothing. With --by-path or --by-session, every watch with its session, client and member: from watches_by_path
or wchp, and watches or wchc. These are heavy: a server with very many watches answers nobody else meanwhile.

Servers list the watches on data and existence, and the persistent ones, all without their kind. Those on children alone (ls
-w, getChildren) they count and don't list: child_watches is how many, persistent ones once more among them. Watches are held
by the member a session is connected to, and the sum is of no meaning for the ensemble.

${ASKING_FOR_LISTS}

${OBSERVING}

JSON: {members, missing}, a member {id, host, connections, paths, watches, childWatches, source}; with --by-path {watches,
sources, missing}, watches a list of {path, session}, session {id, idHex, client, member, timeout}; with --by-session
{sessions, sources, missing}, a session the same with {count, paths}, those that watch the most first. member is {id, host};
sources a list of {member, source}, missing of {member, source, reason}.`;
  static override examples = [
    '<%= config.bin %> watches',
    '<%= config.bin %> watches --by-session --member 2',
    "<%= config.bin %> watches --by-path -o json | jq -r '.watches[].path' | sort | uniq -c | sort -rn | head",
  ];
  static override flags = {
    ...memberAnswerFlags,
    'by-path': Flags.boolean({
      env: 'ZKSH_WATCHES_BY_PATH',
      description: 'list every watch, by path; heavy',
      exclusive: ['by-session'],
    }),
    'by-session': Flags.boolean({
      env: 'ZKSH_WATCHES_BY_SESSION',
      description: 'list every watch, by session; heavy',
    }),
  };

  protected get view(): AnyView<WatchSums | HeldReport> {
    const lists = { 'by-path': heldView, 'by-session': holdersView };
    const make = this.flags['by-path'] ? lists['by-path'] : lists['by-session'];
    const listed = this.flags['by-path'] || this.flags['by-session'];
    return (listed ? make('watches', 'path', EMPTY) : watchSumsView) as AnyView<WatchSums | HeldReport>;
  }

  protected async execute(): Promise<WatchSums | HeldReport> {
    const { 'by-path': byPath, 'by-session': bySession } = this.flags;
    const { asking, members } = await this.look();
    if (byPath || bySession) this.note('note: lists of watches are heavy for servers that hold very many');
    const report =
      byPath || bySession
        ? await watchesHeld(members, asking, { by: byPath ? 'path' : 'session' })
        : await watchTotals(members, asking);
    const told = 'sources' in report ? report.sources.length > 0 : report.members.some(({ totals }) => totals);
    if (!told) throw nobodyTold('its watches', report.missing);
    this.noteMissing(report.missing);
    return report;
  }
}
