import * as Args from '@oclif/core/args';
import {
  JSON_CHANGE,
  JsonChangeCommand,
  type JsonChangeResult,
  jsonChangeFlags,
  POINTER_ARGUMENT,
} from '../../src/cli/json-change-command.ts';
import { parsePointer } from '../../src/znodes/json-pointer.ts';

export default class JsonDel extends JsonChangeCommand<typeof JsonDel> {
  static override summary = 'remove one value from the JSON of a znode';
  static override description =
    `Removes a member of an object, or an element of an array: those behind it move up. When it is not there, the exit code
is 3.

${JSON_CHANGE}`;
  static override examples = [
    '<%= config.bin %> json del /app/config /servers/2',
    '<%= config.bin %> json del /app/config \'features."dark.mode"\' --dry-run',
  ];
  static override args = {
    path: Args.string({ required: true, description: 'znode that holds JSON' }),
    pointer: Args.string({ required: true, description: POINTER_ARGUMENT }),
  };
  static override flags = jsonChangeFlags;

  protected async execute(): Promise<JsonChangeResult> {
    return this.change(this.args.path, { type: 'delete', steps: parsePointer(this.args.pointer) });
  }
}
