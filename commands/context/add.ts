import { resolve } from 'node:path';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../../src/cli/base-command.ts';
import type { Context } from '../../src/cli/context.ts';
import { checkContextName, contextOfFlags } from '../../src/cli/context-of-flags.ts';
import { askForContext } from '../../src/cli/context-wizard.ts';
import { contextsFile, loadContexts, updateContexts } from '../../src/cli/contexts.ts';
import { nearest } from '../../src/cli/suggest.ts';
import { parseAdminChoice } from '../../src/ensemble/members.ts';
import { ensembleFields } from '../../src/inventory/ensemble-file.ts';
import type { View } from '../../src/output/view.ts';
import { ExitCode, ZkshError } from '../../src/protocol/errors.ts';

interface Result {
  name: string;
  servers: string;
  current: boolean;
}

export default class ContextAdd extends ZkshCommand<Result, typeof ContextAdd> {
  static override summary = 'save how to reach an ensemble under a name';
  static override description =
    `The connection flags given (-S, --auth, --sasl, --tls, --ca, …) are what the context holds. Secrets are stored as
references only: env:NAME, file:PATH, cmd:COMMAND or prompt. On a terminal, what is missing is asked for. The first
context becomes the current one.

JSON: {name, servers, current}.`;
  static override examples = [
    '<%= config.bin %> context add prod -S zk1:2181,zk2:2181,zk3:2181 --protected',
    '<%= config.bin %> context add secure -S zk1:2281 --ca ca.pem --auth digest:env:ZK_AUTH --use',
  ];
  static override args = { name: Args.string({ description: 'name of the context' }) };
  static override flags = {
    admin: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: '<place>',
      description:
        'where AdminServers are: a port, a URL with {host}, for one member as 3=9090, or "off"; may be repeated',
    }),
    ensemble: Flags.string({
      helpValue: '<file>',
      description: 'ensemble file that says how the machines of its members are reached',
    }),
    embed: Flags.boolean({
      dependsOn: ['ensemble'],
      description: 'keep what the ensemble file says in the context itself: the file is not needed any more',
    }),
    protected: Flags.boolean({
      description: 'ask for the context name before a znode in it is deleted or overwritten',
    }),
    note: Flags.string({ helpValue: '<text>', description: 'what to remember about it' }),
    use: Flags.boolean({ description: 'make it the current context' }),
    force: Flags.boolean({ description: 'replace a context of that name' }),
  };

  protected readonly view: View<Result> = {
    text: ({ name, servers, current }, style) =>
      `${style.paint('good', 'added')} context ${style.paint('name', name)} (${style.name(servers)})${current ? ', now current' : ''}`,
  };

  protected async execute(): Promise<Result> {
    const file = contextsFile(this.io.env);
    const before = await loadContexts(file);
    const { name, context } = await this.#described();
    if (Object.hasOwn(before.contexts, name) && !this.flags.force) {
      throw new ZkshError(`there is a context ${name} already`, {
        code: 'CONTEXT_EXISTS',
        exitCode: ExitCode.conflict,
        hint: 'Give --force to replace it.',
      });
    }
    const after = await updateContexts(file, ({ current, contexts }) => ({
      current: this.flags.use || current === undefined ? name : current,
      contexts: { ...contexts, [name]: context },
    }));
    return { name, servers: context.servers, current: after.current === name };
  }

  async #described(): Promise<{ name: string; context: Context }> {
    // What ZKSH_SERVER and its like say belongs to this terminal, not to the context.
    const typed = Object.fromEntries(Object.entries(this.flags).filter(([flag]) => this.typed(flag)));
    const { args, flags } = this;
    const wizard = args.name === undefined || !this.typed('server');
    const asked = wizard ? await askForContext(this.prompts, { ...typed, name: args.name }) : typed;
    const name = checkContextName(args.name ?? String(asked.name));
    const context = await contextOfFlags({ ...asked, server: String(asked.server) });
    if (flags.admin !== undefined) {
      parseAdminChoice(flags.admin);
      context.admin = flags.admin;
    }
    if (flags.ensemble !== undefined) {
      const path = resolve(flags.ensemble);
      context.ensemble = flags.embed ? await ensembleFields(path, nearest) : path;
    }
    if (flags.protected || asked.protected === true) context.protected = true;
    if (flags.note !== undefined) context.note = flags.note;
    return { name, context };
  }
}
