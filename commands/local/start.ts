import { ZkshCommand } from '../../src/cli/base-command.ts';
import type { LocalEnsemble, LocalMember } from '../../src/local/description.ts';
import { start } from '../../src/local/ensemble.ts';
import type { View } from '../../src/output/view.ts';
import { chosenEnsemble, ensembleFlag, ensembleView, memberArg } from './status.ts';

export default class LocalStart extends ZkshCommand<LocalEnsemble, typeof LocalStart> {
  static override summary = 'start a member of a local ensemble that is stopped or dead';
  static override description =
    `Returns when it serves, or, while too few voters run for a quorum, when it answers at all. A paused one is resumed.

JSON: what "local status" shows, without what the servers say of themselves.`;
  static override examples = ['<%= config.bin %> local start 2', '<%= config.bin %> local start 1 --name lab'];
  static override args = memberArg;
  static override flags = ensembleFlag;

  protected readonly view: View<LocalEnsemble, LocalMember> = ensembleView;

  protected async execute(): Promise<LocalEnsemble> {
    const ref = await chosenEnsemble(this.host, this.flags.name, this.flags.context);
    return start(ref, this.args.id, { signal: this.signal });
  }
}
