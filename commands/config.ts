import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { WATCH_ENDS } from '../src/cli/znode-flags.ts';
import { type CommittedConfig, clientConnectString, configJson, readConfig } from '../src/ensemble/committed-config.ts';
import { formatServerLine, type ServerLine } from '../src/ensemble/server-line.ts';
import { statJson, statText } from '../src/output/stat.ts';
import type { View } from '../src/output/view.ts';

export default class Config extends ZkshCommand<CommittedConfig, typeof Config> {
  static override summary = 'print the membership the ensemble has agreed on';
  static override description =
    `The dynamic configuration, as the server in use has it in /zookeeper/config: one server line a member and
the version, which is hexadecimal and the one reconfig -v takes. A standalone server has none and prints an empty line.

With -c, the version and a connection string for clients. Members that listen on 0.0.0.0 stand there under the host the
other members know them by.

JSON: {version, versionHex, connectString, servers: [{id, addresses, role, client}], stat}.`;
  static override examples = [
    '<%= config.bin %> config',
    '<%= config.bin %> config -c',
    '<%= config.bin %> config -o json | jq -r \'.servers[] | select(.role == "observer") | .id\'',
  ];
  static override flags = {
    client: Flags.boolean({ char: 'c', description: 'print the version and a connection string for clients' }),
    watch: Flags.boolean({ char: 'w', description: 'leave a watch; in the shell its event is shown' }),
    stat: Flags.boolean({ char: 's', description: 'print the Stat of /zookeeper/config as well' }),
  };

  protected readonly view: View<CommittedConfig, ServerLine> = {
    text: ({ data, stat, config }) => {
      const lines = this.flags.client ? `${hexVersion(config)}${clientConnectString(config)}` : data.toString('utf8');
      return [lines, ...(this.flags.stat ? [statText(stat)] : [])].join('\n');
    },
    columns: [
      { header: 'id', value: ({ id }) => id, kind: 'number' },
      { header: 'role', value: ({ role }) => role, role: ({ role }) => (role === 'observer' ? 'dim' : undefined) },
      {
        header: 'server',
        value: (server) => formatServerLine(server).replace(/^[^=]*=|:(participant|observer).*$/g, ''),
      },
      { header: 'client', value: ({ client }) => client && `${client.host ?? '0.0.0.0'}:${client.port}` },
    ],
    rows: ({ config }) => config.servers,
    json: ({ config, stat }) => ({ ...configJson(config), ...(this.flags.stat ? { stat: statJson(stat) } : {}) }),
    raw: ({ data }) => data,
  };

  protected async execute(): Promise<CommittedConfig> {
    const client = await this.client();
    const { watch } = this.flags;
    const result = await readConfig(client, { watch, signal: this.signal });
    if (watch && this.host.session === undefined) this.note(WATCH_ENDS);
    return result;
  }
}

function hexVersion({ version }: { version?: bigint | undefined }): string {
  return version === undefined ? '' : `${version.toString(16)} `;
}
