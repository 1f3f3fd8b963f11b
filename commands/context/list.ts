import { ZkshCommand } from '../../src/cli/base-command.ts';
import { contextsFile, loadContexts } from '../../src/cli/contexts.ts';
import type { View } from '../../src/output/view.ts';

interface Listed {
  name: string;
  current: boolean;
  servers: string;
  tls: boolean;
  protected: boolean;
  note: string | undefined;
}

export default class ContextList extends ZkshCommand<Listed[], typeof ContextList> {
  static override summary = 'list the saved contexts';
  static override description = `The current context is marked with *.

JSON: a list of {name, current, servers, tls, protected, note}.`;
  static override examples = ['<%= config.bin %> context list', '<%= config.bin %> context list -o json'];

  protected readonly view: View<Listed[]> = {
    columns: [
      { header: 'current', value: ({ current }) => (current ? '*' : ''), role: () => 'good' },
      { header: 'name', value: ({ name }) => name, role: () => 'name' },
      { header: 'servers', value: ({ servers }) => servers },
      { header: 'tls', value: ({ tls }) => (tls ? 'yes' : 'no') },
      {
        header: 'protected',
        value: (one) => (one.protected ? 'yes' : 'no'),
        role: (one) => (one.protected ? 'warn' : 'dim'),
      },
      { header: 'note', value: ({ note }) => note, role: () => 'dim' },
    ],
    empty: 'There are no contexts. Make one with: zksh context add',
  };

  protected async execute(): Promise<Listed[]> {
    const { current, contexts } = await loadContexts(contextsFile(this.io.env));
    return Object.entries(contexts).map(([name, context]) => ({
      name,
      current: name === current,
      servers: context.servers,
      tls: context.tls !== undefined,
      protected: context.protected === true,
      note: context.note,
    }));
  }
}
