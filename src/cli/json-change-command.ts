import type { Command } from '@oclif/core/command';
import { statJson } from '../output/stat.ts';
import type { Style } from '../output/style.ts';
import type { View } from '../output/view.ts';
import type { JsonDifference } from '../znodes/json-edit.ts';
import { changeJson, type JsonChange, type JsonChanged } from '../znodes/json-znode.ts';
import { ZkshCommand } from './base-command.ts';
import { readDataArgument } from './data-argument.ts';
import { versionFlag } from './znode-flags.ts';

/** A change with where it was made. */
export interface JsonChangeResult extends JsonChanged {
  path: string;
  dryRun: boolean;
}

/** Said in the help of every command that changes JSON. */
export const JSON_CHANGE = `All other text of the value stays as it is: key order, indentation, the spelling of numbers of any size. JSON with a
byte order mark, or with a key twice in one object, is refused.

The write is guarded by the version that was read. When somebody else has written in between, the change is made anew
on what they wrote, up to ten times, but only if the value in question is still the one read first: for a step into an
array the whole array. Otherwise, and always with -v, the exit code is 6 and nothing is written.

With --dry-run, -o raw prints the whole new text.

JSON: {path, changed, differences, text, dryRun, stat}; differences is a list of {pointer, before, after} as JSON text,
text the whole new data, stat that after the write, absent when nothing was written.`;

export const POINTER_ARGUMENT =
  'where in it: a JSON pointer such as /servers/0/port, or servers[0].port; "" is the whole value';

export const jsonChangeFlags = {
  version: versionFlag({ description: 'change only this version of the data' }),
};

/** The base of the commands that change the JSON of a znode: read, change, guarded write, report. */
export abstract class JsonChangeCommand<C extends typeof Command> extends ZkshCommand<JsonChangeResult, C> {
  static override dryRun = true;
  static override flags = jsonChangeFlags;

  protected readonly view: View<JsonChangeResult> = {
    text: ({ path, differences, dryRun, stat }, style) => {
      const name = style.name(path);
      if (differences.length === 0) return `${name} is unchanged: nothing was written`;
      if (!dryRun) return `${name} is written: version ${stat?.version}`;
      return [`Would change ${name}:`, ...differences.map((one) => `  ${differenceText(one, style)}`)].join('\n');
    },
    json: ({ path, differences, text, dryRun, stat }) => ({
      path,
      changed: differences.length > 0,
      differences,
      text,
      dryRun,
      stat: stat && statJson(stat),
    }),
    raw: ({ text }) => text,
  };

  /** Does one change to the znode at a path as typed. */
  protected async change(typed: string, change: JsonChange): Promise<JsonChangeResult> {
    const path = this.resolvePath(typed);
    const { version, 'dry-run': dryRun = false } = this.flags as { version?: number; 'dry-run'?: boolean };
    if (!dryRun) await this.confirm({ what: `overwrite the data of ${path}`, protectedOnly: true });
    const client = await this.client();
    const options = { signal: this.signal, version: version === -1 ? undefined : version, dryRun };
    return { path, dryRun, ...(await changeJson(client, path, change, options)) };
  }

  /** The text that an argument means: itself, `@file`, or `-` for stdin. */
  protected async given(typed: string): Promise<string> {
    const bytes = await readDataArgument(typed, {
      stdin: this.io.stdin,
      signal: this.signal,
      stdinTaken: this.host.session !== undefined,
      literal: false,
      base64: false,
    });
    return Buffer.from(bytes).toString('utf8');
  }
}

function differenceText({ pointer, before, after }: JsonDifference, style: Style): string {
  const place = style.paint('key', style.name(pointer === '' ? 'the whole value' : pointer));
  if (before === undefined) return `${style.paint('good', '+')} ${place}: ${style.name(after ?? '')}`;
  if (after === undefined) return `${style.paint('bad', '-')} ${place}: ${style.name(before)}`;
  return `${style.paint('warn', '~')} ${place}: ${style.name(before)} -> ${style.name(after)}`;
}
