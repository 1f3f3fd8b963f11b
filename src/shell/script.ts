import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { InputStream } from '../cli/io.ts';
import { UsageError } from '../protocol/errors.ts';

/** The lines of a script and what to call it in messages. */
export interface Script {
  readonly name: string;
  readonly lines: AsyncIterable<string>;
}

/** A script that is piped in. One interface reads the whole stream: a second one would miss what the first took. */
export function pipedScript(input: InputStream): Script {
  return {
    name: 'standard input',
    lines: withoutMark(createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })),
  };
}

/** A script in a file. Throws a UsageError when it can't be read. */
export async function fileScript(path: string): Promise<Script> {
  try {
    const handle = await open(path, 'r');
    if ((await handle.stat()).isDirectory()) {
      await handle.close();
      throw new Error('it is a directory');
    }
    return { name: path, lines: withoutMark(handle.readLines()) };
  } catch (error) {
    throw new UsageError(`cannot read the script ${path}: ${(error as Error).message}`, {
      code: 'BAD_FILE',
      cause: error,
    });
  }
}

/** Editors on Windows begin a file with a byte order mark, which would become part of the first word. */
async function* withoutMark(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let first = true;
  for await (const line of lines) {
    yield first ? line.replace(/^\ufeff/, '') : line;
    first = false;
  }
}
