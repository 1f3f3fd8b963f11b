import { UsageError } from '../protocol/errors.ts';
import type { InputStream } from './io.ts';

/** How the data argument of `set` and `create` is to be read. */
export interface DataArgumentOptions {
  stdin: InputStream;
  signal: AbortSignal;
  /** stdin is a script, or the person at the shell's prompt: it can't be the value. */
  stdinTaken: boolean;
  /** Take the argument as it is: `@` and `-` have no meaning. */
  literal: boolean;
  /** What was read is base64 of the bytes meant. */
  base64: boolean;
}

/** More than any server takes by far (`jute.maxbuffer` is 1 MiB by default): a wrong file, or an endless pipe. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Said of the data argument in the help of every command that has one. */
export const DATA_ARGUMENT = 'value, @file, or - for stdin; @@ at the start stands for one @';

/**
 * The bytes that a data argument means: `@file` is the file's, `-` is stdin's, `@@text` is `@text`, all else itself.
 *
 * @throws UsageError `BAD_FILE`, `BAD_BASE64`, `TOO_LARGE`
 */
export async function readDataArgument(typed: string, options: DataArgumentOptions): Promise<Uint8Array> {
  const bytes = await rawBytes(typed, options);
  return options.base64 ? decodeBase64(bytes) : bytes;
}

async function rawBytes(typed: string, options: DataArgumentOptions): Promise<Uint8Array> {
  if (options.literal) return Buffer.from(typed, 'utf8');
  if (typed === '-') return readStdin(options);
  if (typed.startsWith('@@')) return Buffer.from(typed.slice(1), 'utf8');
  if (typed.startsWith('@')) return readDataFile(typed.slice(1), options.signal);
  return Buffer.from(typed, 'utf8');
}

async function readDataFile(path: string, signal: AbortSignal): Promise<Uint8Array> {
  const { open } = await import('node:fs/promises');
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      if (size > MAX_BYTES) throw tooLarge(path);
      return await file.readFile({ signal });
    } finally {
      await file.close();
    }
  } catch (error) {
    if (signal.aborted || error instanceof UsageError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`cannot read the file ${JSON.stringify(path)}: ${reason}`, {
      code: 'BAD_FILE',
      hint: 'A value that begins with @ names a file; write @@ for a value that begins with one @, or give --literal.',
      cause: error,
    });
  }
}

async function readStdin({ stdin, stdinTaken }: DataArgumentOptions): Promise<Uint8Array> {
  if (stdinTaken) {
    throw new UsageError('in the shell, stdin is where commands come from and can not be a value', {
      hint: 'Use @file; or give --literal if the value is a dash.',
    });
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_BYTES) throw tooLarge('stdin');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks, size);
}

function tooLarge(what: string): UsageError {
  return new UsageError(`${what} is larger than any znode can be (over ${MAX_BYTES / 1024 / 1024} MiB)`, {
    code: 'TOO_LARGE',
  });
}

// Buffer.from skips what is no base64, and would so write other bytes than meant.
function decodeBase64(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1').replaceAll(/\s/g, '');
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/.test(text)) {
    throw new UsageError('the data is not base64', {
      code: 'BAD_BASE64',
      hint: 'It may hold A-Z a-z 0-9 + / and = at its end; leave out -b to take it as it is.',
    });
  }
  return Buffer.from(text, 'base64');
}
