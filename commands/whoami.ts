import { ZkshCommand } from '../src/cli/base-command.ts';
import type { View } from '../src/output/view.ts';

interface Identity {
  scheme: string;
  id: string;
}

export default class WhoAmI extends ZkshCommand<readonly Identity[], typeof WhoAmI> {
  static override summary = 'print who the server takes this session for';
  static override description =
    `One line for each identity the session has: its address, and what it has authenticated as. Servers know it from
ZooKeeper 3.7.

JSON: a list of {scheme, id}.`;
  static override examples = [
    '<%= config.bin %> whoami',
    '<%= config.bin %> whoami --auth digest:ops:env:OPS_PASSWORD',
  ];

  protected readonly view: View<readonly Identity[], Identity> = {
    text: (identities, style) =>
      ['Auth scheme: User', ...identities.map(({ scheme, id }) => `${style.name(scheme)}: ${style.name(id)}`)].join(
        '\n',
      ),
    columns: [
      { header: 'scheme', value: (identity) => identity.scheme },
      { header: 'id', value: (identity) => identity.id },
    ],
  };

  protected async execute(): Promise<readonly Identity[]> {
    const client = await this.client();
    return client.whoAmI({ signal: this.signal });
  }
}
