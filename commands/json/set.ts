import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {
  JSON_CHANGE,
  JsonChangeCommand,
  type JsonChangeResult,
  jsonChangeFlags,
  POINTER_ARGUMENT,
} from '../../src/cli/json-change-command.ts';
import { parseGiven } from '../../src/znodes/json-document.ts';
import { parsePointer } from '../../src/znodes/json-pointer.ts';
import { type JsonDocument, scanJson } from '../../src/znodes/json-scan.ts';

export default class JsonSet extends JsonChangeCommand<typeof JsonSet> {
  static override summary = 'set one value in the JSON of a znode';
  static override description =
    `The value is JSON, so text stands in quotes, or is given with --string. A last step that is not there is added: a
member of an object, or with - a further element of an array. Steps before it have to be there, unless --parents is
given. In a znode without data, "" sets the whole value.

${JSON_CHANGE}`;
  static override examples = [
    '<%= config.bin %> json set /app/config /servers/0/port 2181',
    '<%= config.bin %> json set /app/config limits.rate 500 --dry-run',
    '<%= config.bin %> json set /app/config owner "$NAME" --string',
    '<%= config.bin %> json set /app/config hosts[-] \'{"name": "h4"}\' --parents',
  ];
  static override args = {
    path: Args.string({ required: true, description: 'znode that holds JSON' }),
    pointer: Args.string({ required: true, description: POINTER_ARGUMENT }),
    value: Args.string({ required: true, description: 'JSON value, @file, or - for stdin' }),
  };
  static override flags = {
    ...jsonChangeFlags,
    parents: Flags.boolean({ char: 'p', description: 'create missing objects on the way' }),
    string: Flags.boolean({ description: 'take the value as text, as it is: @ and - have no meaning' }),
  };

  protected async execute(): Promise<JsonChangeResult> {
    const { path, pointer } = this.args;
    const steps = parsePointer(pointer);
    return this.change(path, { type: 'set', steps, value: await this.#value(), parents: this.flags.parents });
  }

  async #value(): Promise<JsonDocument> {
    const { value } = this.args;
    if (this.flags.string) return scanJson(JSON.stringify(value));
    return parseGiven(await this.given(value), 'the value', 'Give --string to store it as text.');
  }
}
