import { ZkshCommand } from '../../src/cli/base-command.ts';
import type { LocalEnsemble, LocalMember } from '../../src/local/description.ts';
import { stop } from '../../src/local/ensemble.ts';
import type { View } from '../../src/output/view.ts';
import { chosenEnsemble, ensembleFlag, ensembleView, memberArg } from './status.ts';

export default class LocalStop extends ZkshCommand<LocalEnsemble, typeof LocalStop> {
  static override summary = 'end a member of a local ensemble in good order (SIGTERM)';
  static override description =
    `Returns when its process is gone; its data and ports stay its own. "local start" starts it again.

JSON: what "local status" shows, without what the servers say of themselves.`;
  static override examples = ['<%= config.bin %> local stop 2', '<%= config.bin %> local stop 1 --name lab'];
  static override args = memberArg;
  static override flags = ensembleFlag;

  protected readonly view: View<LocalEnsemble, LocalMember> = ensembleView;

  protected async execute(): Promise<LocalEnsemble> {
    const ref = await chosenEnsemble(this.host, this.flags.name, this.flags.context);
    return stop(ref, this.args.id);
  }
}
