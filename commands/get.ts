import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { WATCH_ENDS } from '../src/cli/znode-flags.ts';
import { statJson, statText } from '../src/output/stat.ts';
import { type BytesForm, toBase64 } from '../src/output/text-safety.ts';
import type { View } from '../src/output/view.ts';
import type { Stat } from '../src/protocol/records.ts';

interface Result {
  path: string;
  data: Uint8Array | null;
  stat: Stat;
  form: BytesForm;
  withStat: boolean;
}

export default class Get extends ZkshCommand<Result, typeof Get> {
  static override summary = 'print the data of a znode';
  static override description =
    `Data that is valid UTF-8 is printed as text, other data as a hex dump; -o raw writes the bytes as they are, with
nothing added. A znode whose data was never set prints null.

JSON: {path, data, stat}; data is {"utf8"}, or {"base64"} where the bytes are no UTF-8 or -b is given, or null.`;
  static override examples = [
    '<%= config.bin %> get /app/config',
    '<%= config.bin %> get -s /app/config',
    '<%= config.bin %> get /app/icon -o raw > icon.png',
    '<%= config.bin %> get /app/config -o json | jq -r .data.utf8',
  ];
  static override args = {
    path: Args.string({ required: true, description: 'znode to read' }),
    watch: Args.string({ hidden: true, description: 'old form of -w' }),
  };
  static override flags = {
    stat: Flags.boolean({ char: 's', description: 'print the stat too' }),
    watch: Flags.boolean({ char: 'w', description: 'leave a one-time watch on the data' }),
    base64: Flags.boolean({ char: 'b', description: 'print the data as base64' }),
    hex: Flags.boolean({ char: 'x', description: 'print the data as a hex dump' }),
  };

  protected readonly view: View<Result> = {
    text: ({ data, stat, form, withStat }, style) => {
      // zkCli encodes the word null where there is no data: base64 and hex of nothing are nothing.
      const none = form === 'auto' ? 'null' : '';
      const text = data === null ? none : style.data(data, form);
      return withStat ? `${text}\n${statText(stat)}` : text;
    },
    json: ({ path, data, stat, form }) => ({
      path,
      data: data !== null && form === 'base64' ? { base64: toBase64(data) } : data,
      stat: statJson(stat),
    }),
    raw: ({ data }) => data ?? '',
  };

  protected async execute(): Promise<Result> {
    const { hex, base64, stat: withStat } = this.flags;
    const path = this.resolvePath(this.args.path);
    const watch = this.flags.watch || this.args.watch !== undefined;
    const client = await this.client();
    const { data, stat } = await client.getData(path, { watch, signal: this.signal });
    if (watch && this.host.session === undefined) this.note(WATCH_ENDS);
    return { path, data, stat, form: hex ? 'hex' : base64 ? 'base64' : 'auto', withStat };
  }
}
