import { ZkshCommand } from '../../src/cli/base-command.ts';
import type { LocalEnsemble } from '../../src/local/description.ts';
import { list } from '../../src/local/ensemble.ts';
import { defaultStateDir } from '../../src/local/spec.ts';
import type { View } from '../../src/output/view.ts';

export default class LocalList extends ZkshCommand<LocalEnsemble[], typeof LocalList> {
  static override summary = 'list the local ensembles';
  static override description = `Ensembles live in $XDG_STATE_HOME/zksh/local (~/.local/state/zksh/local).

JSON: a list of what "local status" shows, without what the servers say of themselves.`;
  static override examples = ['<%= config.bin %> local list', '<%= config.bin %> local list -o json'];

  protected readonly view: View<LocalEnsemble[]> = {
    columns: [
      { header: 'name', value: ({ name }) => name, role: () => 'name' },
      { header: 'version', value: ({ version }) => version },
      { header: 'members', value: ({ members }) => members.length, kind: 'number' },
      {
        header: 'running',
        value: running,
        kind: 'number',
        role: (one) => (running(one) === one.members.length ? 'good' : 'warn'),
      },
      { header: 'created', value: ({ createdAt }) => new Date(createdAt), kind: 'time' },
      { header: 'servers', value: ({ connectString }) => connectString },
    ],
    empty: 'There are no local ensembles. Make one with: zksh local up',
  };

  protected execute(): Promise<LocalEnsemble[]> {
    return list(defaultStateDir(this.io.env));
  }
}

function running({ members }: LocalEnsemble): number {
  return members.filter(({ state }) => state === 'running').length;
}
