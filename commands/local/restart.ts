import { ZkshCommand } from '../../src/cli/base-command.ts';
import type { LocalEnsemble, LocalMember } from '../../src/local/description.ts';
import { restart } from '../../src/local/ensemble.ts';
import type { View } from '../../src/output/view.ts';
import { chosenEnsemble, ensembleFlag, ensembleView, memberArg } from './status.ts';

export default class LocalRestart extends ZkshCommand<LocalEnsemble, typeof LocalRestart> {
  static override summary = 'stop a member of a local ensemble and start it again';
  static override description =
    `Returns when it serves again, or, while too few voters run for a quorum, when it answers at all.

JSON: what "local status" shows, without what the servers say of themselves.`;
  static override examples = ['<%= config.bin %> local restart 2', '<%= config.bin %> local restart 1 --name lab'];
  static override args = memberArg;
  static override flags = ensembleFlag;

  protected readonly view: View<LocalEnsemble, LocalMember> = ensembleView;

  protected async execute(): Promise<LocalEnsemble> {
    const ref = await chosenEnsemble(this.host, this.flags.name, this.flags.context);
    return restart(ref, this.args.id, { signal: this.signal });
  }
}
