import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../../src/cli/base-command.ts';
import { contextsFile, updateContexts } from '../../src/cli/contexts.ts';
import { clientSettings, isLocalNote } from '../../src/local/client-settings.ts';
import type { LocalEnsemble, LocalMember } from '../../src/local/description.ts';
import { add } from '../../src/local/ensemble.ts';
import type { View } from '../../src/output/view.ts';
import { chosenEnsemble, ensembleView, nameArg } from './status.ts';

export default class LocalAdd extends ZkshCommand<LocalEnsemble, typeof LocalAdd> {
  static override summary = 'start one more server and take it into a local ensemble';
  static override description =
    `The server follows as a non-voter first; a reconfiguration then makes it a member. A standalone server takes nobody in.

JSON: what "local status" shows, without what the servers say of themselves.`;
  static override examples = ['<%= config.bin %> local add', '<%= config.bin %> local add lab --observer'];
  static override args = nameArg;
  static override flags = {
    observer: Flags.boolean({ description: 'it shall have no vote' }),
    host: Flags.string({ helpValue: '<host>', description: 'address or name it binds; 127.0.0.1 if not given' }),
  };

  protected readonly view: View<LocalEnsemble, LocalMember> = ensembleView;

  protected async execute(): Promise<LocalEnsemble> {
    const ensemble = await add(await chosenEnsemble(this.host, this.args.name, this.flags.context), {
      role: this.flags.observer ? 'observer' : 'participant',
      host: this.flags.host,
      progress: (line) => this.note(line),
      signal: this.signal,
    });
    const { name } = ensemble;
    const settings = clientSettings(ensemble);
    await updateContexts(contextsFile(this.io.env), ({ current, contexts }) => {
      const ours = isLocalNote(contexts[name]?.note, name);
      return { current, contexts: ours ? { ...contexts, [name]: settings } : contexts };
    });
    return ensemble;
  }
}
