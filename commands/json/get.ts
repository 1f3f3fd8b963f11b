import * as Args from '@oclif/core/args';
import { ZkshCommand } from '../../src/cli/base-command.ts';
import { POINTER_ARGUMENT } from '../../src/cli/json-change-command.ts';
import { escapeJson } from '../../src/output/text-safety.ts';
import type { View } from '../../src/output/view.ts';
import { exactValue } from '../../src/znodes/json-exact.ts';
import { formatJson, PRETTY } from '../../src/znodes/json-layout.ts';
import { formatPointer, parsePointer } from '../../src/znodes/json-pointer.ts';
import { type JsonDocument, type JsonNode, textOf } from '../../src/znodes/json-scan.ts';
import { readJson } from '../../src/znodes/json-znode.ts';

interface Result {
  path: string;
  pointer: string;
  version: number;
  doc: JsonDocument;
  node: JsonNode;
}

export default class JsonGet extends ZkshCommand<Result, typeof JsonGet> {
  static override summary = 'print one value of the JSON in a znode, or all of it';
  static override description =
    `The value is printed as indented JSON; numbers and strings as they are written there. With -o raw a string is printed
without quotes and escapes, and any other value as it stands in the znode. When there is no such value, the exit code
is 3.

JSON: {path, pointer, version, text, value}; text is the value as it stands in the znode. In value, a number that a
double cannot hold, such as an integer beyond 2^53, is a string.`;
  static override examples = [
    '<%= config.bin %> json get /app/config',
    '<%= config.bin %> json get /app/config /servers/0/port',
    '<%= config.bin %> json get /app/config \'features."dark.mode"\'',
    'NAME=$(<%= config.bin %> json get /app/config owner -o raw)',
  ];
  static override args = {
    path: Args.string({ required: true, description: 'znode that holds JSON' }),
    pointer: Args.string({ description: POINTER_ARGUMENT }),
  };

  protected readonly view: View<Result> = {
    text: ({ doc, node }, style) => {
      const text = formatJson(doc, node, PRETTY, '');
      return style.tty ? escapeJson(text) : text;
    },
    json: ({ path, pointer, version, doc, node }) => ({
      path,
      pointer,
      version,
      text: textOf(doc, node),
      value: exactValue(doc, node),
    }),
    raw: ({ doc, node }) => (node.type === 'string' ? JSON.parse(textOf(doc, node)) : textOf(doc, node)),
  };

  protected async execute(): Promise<Result> {
    const path = this.resolvePath(this.args.path);
    const steps = parsePointer(this.args.pointer ?? '');
    const client = await this.client();
    const { doc, node, stat } = await readJson(client, path, steps, { signal: this.signal });
    return { path, pointer: formatPointer(steps), version: stat.version, doc, node };
  }
}
