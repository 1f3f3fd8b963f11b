import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../../src/cli/base-command.ts';
import { logs } from '../../src/local/ensemble.ts';
import type { View } from '../../src/output/view.ts';
import { chosenEnsemble, ensembleFlag, memberArg } from './status.ts';

interface Result {
  path: string;
  lines: string[];
}

export default class LocalLogs extends ZkshCommand<Result, typeof LocalLogs> {
  static override summary = "show the end of a local member's log, and where it is";
  static override description = `The path goes to stderr, the lines to stdout.

JSON: {path, lines}.`;
  static override examples = ['<%= config.bin %> local logs 1', '<%= config.bin %> local logs 2 --lines 200'];
  static override args = memberArg;
  static override flags = {
    ...ensembleFlag,
    lines: Flags.integer({ default: 40, min: 1, max: 100_000, helpValue: '<n>', description: 'how many lines' }),
  };

  protected readonly view: View<Result> = { text: ({ lines }) => lines.join('\n') };

  protected async execute(): Promise<Result> {
    const ref = await chosenEnsemble(this.host, this.flags.name, this.flags.context);
    const result = await logs(ref, this.args.id, this.flags.lines);
    this.note(result.path);
    return result;
  }
}
