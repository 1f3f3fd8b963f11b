import { ZkshCommand } from '../../src/cli/base-command.ts';
import type { LocalEnsemble, LocalMember } from '../../src/local/description.ts';
import { resume } from '../../src/local/ensemble.ts';
import type { View } from '../../src/output/view.ts';
import { chosenEnsemble, ensembleFlag, ensembleView, memberArg } from './status.ts';

export default class LocalResume extends ZkshCommand<LocalEnsemble, typeof LocalResume> {
  static override summary = 'thaw a paused member of a local ensemble (SIGCONT)';
  static override description = `Returns when it serves again.

JSON: what "local status" shows, without what the servers say of themselves.`;
  static override examples = ['<%= config.bin %> local resume 2', '<%= config.bin %> local resume 1 --name lab'];
  static override args = memberArg;
  static override flags = ensembleFlag;

  protected readonly view: View<LocalEnsemble, LocalMember> = ensembleView;

  protected async execute(): Promise<LocalEnsemble> {
    const ref = await chosenEnsemble(this.host, this.flags.name, this.flags.context);
    return resume(ref, this.args.id, { signal: this.signal });
  }
}
