import { ZkshCommand } from '../../src/cli/base-command.ts';
import type { LocalEnsemble, LocalMember } from '../../src/local/description.ts';
import { kill } from '../../src/local/ensemble.ts';
import type { View } from '../../src/output/view.ts';
import { chosenEnsemble, ensembleFlag, ensembleView, memberArg } from './status.ts';

export default class LocalKill extends ZkshCommand<LocalEnsemble, typeof LocalKill> {
  static override summary = 'end a member of a local ensemble at once (SIGKILL), as a crash would';
  static override description = `Its state is dead until "local start" starts it again.

JSON: what "local status" shows, without what the servers say of themselves.`;
  static override examples = ['<%= config.bin %> local kill 2', '<%= config.bin %> local kill 1 --name lab'];
  static override args = memberArg;
  static override flags = ensembleFlag;

  protected readonly view: View<LocalEnsemble, LocalMember> = ensembleView;

  protected async execute(): Promise<LocalEnsemble> {
    const ref = await chosenEnsemble(this.host, this.flags.name, this.flags.context);
    return kill(ref, this.args.id);
  }
}
