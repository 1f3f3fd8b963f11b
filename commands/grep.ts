import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { type GrepItem, grepItems, grepView } from '../src/cli/grep-view.ts';
import type { Client } from '../src/client/client.ts';
import type { View } from '../src/output/view.ts';
import { ExitCode, UsageError } from '../src/protocol/errors.ts';
import { baseName } from '../src/protocol/paths.ts';
import { parseSize } from '../src/znodes/find-expression.ts';
import { globRegExp } from '../src/znodes/glob.ts';
import { type GrepOptions, grep } from '../src/znodes/grep.ts';
import { compilePattern, type Pattern } from '../src/znodes/grep-pattern.ts';
import { parsePointer } from '../src/znodes/json-pointer.ts';

export default class Grep extends ZkshCommand<AsyncIterable<GrepItem>, typeof Grep> {
  static override summary = 'search the data of znodes for a pattern';
  static override description =
    `Prints the lines that match of the data of all znodes at and below a path, as grep -r does of files, and on a terminal
as much of a long line as fits around the match. The exit code is 0 when something was found, 3 when nothing was, and 4
when the ACL hid something, which is named on stderr.

The pattern is a regular expression of JavaScript, with -F text as it stands, with --hex bytes. Of data that is no UTF-8
text, or holds null bytes, only the offset of the first match is printed, unless -a is given. A pattern that would take
years on some value ends the search with exit code 7.

--json looks only at one value of znodes that hold JSON, named by JSON pointer or dotted path; znodes without that value
are passed over. Offsets and line numbers then count within that value.

JSON: a list of {path, line, offset, text, matches}, offset being that of the first match in bytes; of binary data
{path, offset, binary}; with -l {path}, with -c {path, count}.`;
  static override examples = [
    '<%= config.bin %> grep db-3.example.com /app',
    "<%= config.bin %> grep -i 'password\\s*=' / -l",
    '<%= config.bin %> grep -F "10.0.3.7:2181" /brokers --name config -n',
    '<%= config.bin %> grep . /brokers/ids --json host --only-matching',
    '<%= config.bin %> grep --hex cafebabe /app',
  ];
  static override args = {
    pattern: Args.string({ required: true, description: 'what to look for' }),
    path: Args.string({ description: 'where to look; the current path when not given, outside the shell /' }),
  };
  static override flags = {
    fixed: Flags.boolean({ char: 'F', description: 'take the pattern as it stands', exclusive: ['hex'] }),
    'ignore-case': Flags.boolean({ char: 'i', description: 'upper and lower case are the same', exclusive: ['hex'] }),
    word: Flags.boolean({ char: 'w', description: 'match whole words only', exclusive: ['hex'] }),
    hex: Flags.boolean({ description: 'the pattern is bytes in hexadecimal' }),
    invert: Flags.boolean({ char: 'v', description: 'print what does not match' }),
    'paths-only': Flags.boolean({ char: 'l', description: 'print only the paths' }),
    count: Flags.boolean({
      char: 'c',
      description: 'print how many lines match, where any does',
      exclusive: ['paths-only'],
    }),
    'line-number': Flags.boolean({ char: 'n', description: 'print the number of each line' }),
    'only-matching': Flags.boolean({ description: 'print each match by itself', exclusive: ['invert'] }),
    'max-count': Flags.integer({ char: 'm', min: 1, helpValue: '<n>', description: 'at most so many lines a znode' }),
    text: Flags.boolean({ char: 'a', description: 'search binary data as text' }),
    json: Flags.string({ helpValue: '<pointer>', description: 'look only at this value of JSON', exclusive: ['hex'] }),
    name: Flags.string({
      multiple: true,
      multipleNonGreedy: true,
      helpValue: '<glob>',
      description: 'only znodes of one of these names',
    }),
    'max-size': Flags.string({ helpValue: '<size>', description: 'pass over larger values: 10k, 1m' }),
    'max-depth': Flags.integer({ min: 0, helpValue: '<n>', description: 'at most so far below the path' }),
  };

  protected get view(): View<GrepItem> {
    return grepView(this.flags['line-number']);
  }

  protected async execute(): Promise<AsyncIterable<GrepItem>> {
    const path = this.resolvePath(this.args.path ?? this.host.cwd ?? '/');
    const { fixed, word, hex, 'ignore-case': ignoreCase } = this.flags;
    const pattern = compilePattern(this.args.pattern, { fixed, word, hex, ignoreCase });
    const options = this.#options();
    return this.#search(await this.client(), path, pattern, options);
  }

  #options(): Omit<GrepOptions, 'unreadable'> {
    const { name, json, invert, text: asText, 'max-size': size, 'max-count': max, 'max-depth': maxDepth } = this.flags;
    const globs = name?.map(globRegExp);
    const takes = globs && ((path: string) => globs.some((glob) => glob.test(baseName(path))));
    const maxSize = size === undefined ? undefined : parseSize(size);
    if (size !== undefined && maxSize === undefined) {
      throw new UsageError(`--max-size: "${size}" is no size`, {
        code: 'BAD_TEST',
        hint: 'Write it as 500, 10k or 1m.',
      });
    }
    const steps = json === undefined ? undefined : parsePointer(json);
    return { takes, maxSize, steps, invert, asText, max: this.flags['paths-only'] ? 1 : max, maxDepth };
  }

  async *#search(
    client: Client,
    path: string,
    pattern: Pattern,
    options: Omit<GrepOptions, 'unreadable'>,
  ): AsyncGenerator<GrepItem> {
    const { count, 'paths-only': pathsOnly, 'only-matching': onlyMatching } = this.flags;
    const bar =
      this.io.stdout.isTTY === true ? undefined : this.progress({ label: `searching ${path}`, unit: 'znodes' });
    const passed = { vanished: 0, large: 0, hidden: 0 };
    let found = 0;
    const matches = grep(client, path, pattern, {
      ...options,
      signal: this.signal,
      progress: bar?.update,
      vanished: () => (passed.vanished += 1),
      tooLarge: () => (passed.large += 1),
      unreadable: (error) => {
        passed.hidden += 1;
        this.warn(error);
      },
    });
    try {
      for await (const match of matches) {
        found += 1;
        yield* grepItems(match, { pathsOnly, count, onlyMatching });
      }
    } finally {
      bar?.done();
    }
    this.exitCode = passed.hidden > 0 ? ExitCode.refused : found > 0 ? ExitCode.done : ExitCode.notFound;
    if (passed.vanished > 0) this.note(`note: ${plural(passed.vanished, 'znode')} went away meanwhile`);
    if (passed.large > 0)
      this.note(`note: passed over ${plural(passed.large, 'value')} larger than ${this.flags['max-size']}`);
  }
}

function plural(count: number, what: string): string {
  return `${count.toLocaleString('en-US')} ${what}${count === 1 ? '' : 's'}`;
}
