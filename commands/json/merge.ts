import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import {
  JSON_CHANGE,
  JsonChangeCommand,
  type JsonChangeResult,
  jsonChangeFlags,
} from '../../src/cli/json-change-command.ts';
import { UsageError } from '../../src/protocol/errors.ts';
import { parseGiven } from '../../src/znodes/json-document.ts';

export default class JsonMerge extends JsonChangeCommand<typeof JsonMerge> {
  static override summary = 'change several values in the JSON of a znode with a merge patch';
  static override description =
    `A merge patch (RFC 7386) is an object that looks like the value: members it has are set, members it has as null are
removed, objects are merged, and all else, arrays too, is replaced.

${JSON_CHANGE}`;
  static override examples = [
    '<%= config.bin %> json merge /app/config \'{"limits": {"rate": 500, "burst": null}}\'',
    '<%= config.bin %> json merge /app/config --file patch.json --dry-run',
    'make-patch | <%= config.bin %> json merge /app/config -',
  ];
  static override args = {
    path: Args.string({ required: true, description: 'znode that holds JSON' }),
    patch: Args.string({ description: 'merge patch, @file, or - for stdin' }),
  };
  static override flags = {
    ...jsonChangeFlags,
    file: Flags.string({ char: 'f', helpValue: '<file>', description: 'read the patch from this file; - is stdin' }),
  };

  protected async execute(): Promise<JsonChangeResult> {
    const { file } = this.flags;
    const { path, patch } = this.args;
    if ((patch === undefined) === (file === undefined)) {
      throw new UsageError('a merge needs one patch', { hint: 'Give it as an argument, with --file, or - for stdin.' });
    }
    const text = await this.given(patch ?? (file === '-' ? '-' : `@${file}`));
    return this.change(path, { type: 'merge', patch: parseGiven(text, 'the patch') });
  }
}
