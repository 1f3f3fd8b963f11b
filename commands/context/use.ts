import * as Args from '@oclif/core/args';
import { ZkshCommand } from '../../src/cli/base-command.ts';
import { contextsFile, findContext, updateContexts } from '../../src/cli/contexts.ts';
import type { View } from '../../src/output/view.ts';

interface Result {
  name: string;
  servers: string;
}

export default class ContextUse extends ZkshCommand<Result, typeof ContextUse> {
  static override summary = 'make a context the current one';
  static override description =
    `Commands without -S and -C connect to the current context. A shell that is open stays where it is; use its
"connect -C NAME" there.

JSON: {name, servers}.`;
  static override examples = ['<%= config.bin %> context use prod'];
  static override args = { name: Args.string({ required: true, description: 'name of the context' }) };

  protected readonly view: View<Result> = {
    text: ({ name, servers }, style) => `using context ${style.paint('name', name)} (${style.name(servers)})`,
  };

  protected async execute(): Promise<Result> {
    const { name } = this.args;
    const after = await updateContexts(contextsFile(this.io.env), (contexts) => {
      findContext(contexts, name);
      return { ...contexts, current: name };
    });
    return { name, servers: findContext(after, name).servers };
  }
}
