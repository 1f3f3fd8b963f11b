import * as Args from '@oclif/core/args';
import { ZkshCommand } from '../../src/cli/base-command.ts';
import { confirmDestruction } from '../../src/cli/confirm.ts';
import { contextsFile, findContext, loadContexts, updateContexts } from '../../src/cli/contexts.ts';
import type { View } from '../../src/output/view.ts';

interface Result {
  removed: string;
}

export default class ContextRemove extends ZkshCommand<Result, typeof ContextRemove> {
  static override summary = 'forget a context';
  static override description = `The ensemble is not touched. A protected context asks for its name first.

JSON: {removed}.`;
  static override examples = ['<%= config.bin %> context remove old'];
  static override args = { name: Args.string({ required: true, description: 'name of the context' }) };

  protected readonly view: View<Result> = {
    text: ({ removed }, style) => `removed context ${style.paint('name', removed)}`,
  };

  protected async execute(): Promise<Result> {
    const { name } = this.args;
    const file = contextsFile(this.io.env);
    const context = findContext(await loadContexts(file), name);
    if (context.protected === true) {
      await confirmDestruction(
        { what: `forget the context ${name}` },
        {
          io: this.io,
          prompts: this.prompts,
          yes: this.flags.yes,
          iKnow: this.flags['i-know'],
          protectedContext: name,
        },
      );
    }
    await updateContexts(file, ({ current, contexts }) => {
      const { [name]: _removed, ...rest } = contexts;
      return { current: current === name ? undefined : current, contexts: rest };
    });
    return { removed: name };
  }
}
