import { ZkshCommand } from '../../src/cli/base-command.ts';
import { contextsFile, updateContexts } from '../../src/cli/contexts.ts';
import { isLocalNote } from '../../src/local/client-settings.ts';
import { down } from '../../src/local/ensemble.ts';
import type { View } from '../../src/output/view.ts';
import { ExitCode, ZkshError } from '../../src/protocol/errors.ts';
import { chosenEnsemble, nameArg } from './status.ts';

interface Result {
  name: string;
}

export default class LocalDown extends ZkshCommand<Result, typeof LocalDown> {
  static override summary = 'end a local ensemble and remove all its data';
  static override description =
    `Kills every server of it, also those its state file has lost, and removes its directory, its ports and the context that
"local up" made. It asks nothing: a local ensemble is there to be thrown away.

JSON: {name}.`;
  static override examples = ['<%= config.bin %> local down', '<%= config.bin %> local down lab'];
  static override args = nameArg;

  protected readonly view: View<Result> = {
    text: ({ name }, style) => `${style.paint('good', 'removed')} ${style.paint('name', name)}`,
  };

  protected async execute(): Promise<Result> {
    const ref = await chosenEnsemble(this.host, this.args.name, this.flags.context);
    const stood = await down(ref);
    const { name } = ref;
    let wasCurrent = false;
    await updateContexts(contextsFile(this.io.env), ({ current, contexts }) => {
      if (!isLocalNote(contexts[name]?.note, name)) return { current, contexts };
      wasCurrent = current === name;
      const { [name]: _removed, ...others } = contexts;
      return { current: wasCurrent ? undefined : current, contexts: others };
    });
    if (wasCurrent) this.note('note: no context is current now');
    if (stood) return { name };
    throw new ZkshError(`there is no local ensemble ${name}`, {
      code: 'NO_ENSEMBLE',
      exitCode: ExitCode.notFound,
      hint: '"zksh local list" shows those there are.',
    });
  }
}
