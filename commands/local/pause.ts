import { ZkshCommand } from '../../src/cli/base-command.ts';
import type { LocalEnsemble, LocalMember } from '../../src/local/description.ts';
import { pause } from '../../src/local/ensemble.ts';
import type { View } from '../../src/output/view.ts';
import { chosenEnsemble, ensembleFlag, ensembleView, memberArg } from './status.ts';

export default class LocalPause extends ZkshCommand<LocalEnsemble, typeof LocalPause> {
  static override summary = 'freeze a member of a local ensemble (SIGSTOP)';
  static override description =
    `Its connections stay open and nothing answers, as with a machine that hangs. "local resume" thaws it.

JSON: what "local status" shows, without what the servers say of themselves.`;
  static override examples = ['<%= config.bin %> local pause 2', '<%= config.bin %> local pause 1 --name lab'];
  static override args = memberArg;
  static override flags = ensembleFlag;

  protected readonly view: View<LocalEnsemble, LocalMember> = ensembleView;

  protected async execute(): Promise<LocalEnsemble> {
    const ref = await chosenEnsemble(this.host, this.flags.name, this.flags.context);
    return pause(ref, this.args.id);
  }
}
