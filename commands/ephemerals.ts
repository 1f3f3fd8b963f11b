import * as Flags from '@oclif/core/flags';
import { heldView, holdersView } from '../src/cli/held-view.ts';
import { OBSERVING, observingFlags } from '../src/cli/observing-command.ts';
import { ASKING_FOR_LISTS, SessionsCommand } from '../src/cli/sessions-command.ts';
import { ephemeralsHeld, type HeldReport } from '../src/ensemble/sessions/held.ts';
import type { AnyView } from '../src/output/view.ts';

const EMPTY = 'there are no ephemerals';

export default class Ephemerals extends SessionsCommand<HeldReport, typeof Ephemerals> {
  static override summary = 'list all ephemerals with the sessions that own them';
  static override description =
    `All of the ensemble, with the client and the member each session is connected to; getEphemerals lists those of our own
session. The leader tells them (dump), or another member; where none does, the tree is walked, which needs the right to read
it and takes a request for every few hundred znodes. Paths are those of the whole tree, whatever chroot was given.

${ASKING_FOR_LISTS}

${OBSERVING}

JSON: {ephemerals, sources, missing}, ephemerals a list of {path, session}, session {id, idHex, client, member, timeout}; with
--by-session {sessions, sources, missing}, a session the same with {count, paths}, those that own the most first. member is
{id, host}; sources a list of {member, source}, or "client" for a walk; missing a list of {member, source, reason}.`;
  static override examples = [
    '<%= config.bin %> ephemerals',
    '<%= config.bin %> ephemerals --by-session',
    "<%= config.bin %> ephemerals -o json | jq -r '.ephemerals[] | select(.session.client == null) | .path'",
  ];
  static override flags = {
    ...observingFlags,
    'by-session': Flags.boolean({
      env: 'ZKSH_EPHEMERALS_BY_SESSION',
      description: 'group them by session, those that own the most first',
    }),
  };

  protected get view(): AnyView<HeldReport> {
    const make = this.flags['by-session'] ? holdersView : heldView;
    return make('ephemerals', 'ephemeral', EMPTY);
  }

  protected async execute(): Promise<HeldReport> {
    const { observation, asking, walk } = await this.look();
    const report = await ephemeralsHeld(observation, asking, walk);
    this.noteMissing(report.missing, report.unreadable);
    if (report.sources === 'client') this.note('note: no member tells its ephemerals: the tree was walked for them');
    return report;
  }
}
