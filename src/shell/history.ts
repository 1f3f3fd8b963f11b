import { chmod, mkdir, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { UsageError } from '../protocol/errors.ts';
import { REDACTED, redact } from './redaction.ts';

/** Lines kept in the file, give or take a factor of two: it is cut when a shell starts, not at every line. */
const KEEP = 2000;
/** A longer line is a pasted value, not a command to recall; also, one write this small is never torn. */
const MAX_LINE = 4000;
const STALE_LOCK_MS = 60_000;
const CONTROLS = /\p{Cc}/u;

type Environment = Readonly<Record<string, string | undefined>>;

/** `history` under zksh's XDG state directory. */
export function historyFile(env: Environment): string {
  return join(env.XDG_STATE_HOME ?? join(env.HOME ?? homedir(), '.local', 'state'), 'zksh', 'history');
}

/**
 * The lines typed so far, secrets replaced. Several shells share one file: each appends its lines whole and never
 * rewrites what others wrote, except to cut the oldest.
 */
export class History {
  readonly #lines: string[];
  readonly #file: string | undefined;
  #writing: Promise<void> = Promise.resolve();
  /** Why lines are no longer saved; a full disk must not stop anybody from typing. */
  failure: Error | undefined;

  constructor(lines: readonly string[] = [], file?: string) {
    this.#lines = [...lines];
    this.#file = file;
  }

  /** Reads the file, which need not exist; it is for its owner's eyes only from here on. */
  static async load(file: string): Promise<History> {
    try {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      const text = await readFile(file, 'utf8');
      await chmod(file, 0o600);
      const lines = readLines(text);
      if (lines.length > 2 * KEEP) await trim(file);
      return new History(lines.slice(-KEEP), file);
    } catch (error) {
      const history = new History([], file);
      if (!isMissing(error)) history.failure = error as Error;
      return history;
    }
  }

  /** Oldest first. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** Adds a line, its secrets replaced. A line that starts with a blank, or repeats the last one, is left out. */
  add(line: string): void {
    const text = redact(line).trimEnd();
    if (text === '' || /^\s/.test(line) || text === this.#lines.at(-1) || CONTROLS.test(text.replaceAll('\t', ' ')))
      return;
    this.#lines.push(text);
    if (this.#lines.length > 2 * KEEP) this.#lines.splice(0, this.#lines.length - KEEP);
    const file = this.#file;
    if (file === undefined || text.length > MAX_LINE) return;
    this.#writing = this.#writing
      .then(() => append(file, `${text}\n`))
      .catch((error: unknown) => {
        this.failure = error as Error;
      });
  }

  /** Waits until every line is in the file. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  /**
   * The line with `!!` at its start, or `redo N` as a whole, replaced by what they stand for; numbers as `history`
   * shows them. Throws a UsageError when there is no such line or its secret is gone.
   */
  expand(line: string): string {
    const again = /^\s*!!/.exec(line);
    if (again) return this.#recall(this.#lines.length) + line.slice(again[0].length);
    const redo = /^\s*redo\s+(\S+)\s*$/.exec(line);
    return redo ? this.#recall(/^\d+$/.test(redo[1] ?? '') ? Number(redo[1]) : Number.NaN) : line;
  }

  #recall(number: number): string {
    const line = this.#lines[number - 1];
    if (line === undefined) {
      throw new UsageError(
        Number.isNaN(number) ? 'redo needs the number of a line' : 'there is no such line in the history',
        {
          code: 'NO_HISTORY',
          hint: 'history shows the lines with their numbers.',
        },
      );
    }
    if (!line.includes(REDACTED)) return line;
    throw new UsageError('the line held a secret, which the history does not keep', {
      code: 'SECRET_NOT_KEPT',
      hint: 'Type it again.',
    });
  }
}

function readLines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !CONTROLS.test(line.replaceAll('\t', ' ')));
}

/** O_APPEND puts each line whole at the end, whoever else writes. */
async function append(file: string, text: string): Promise<void> {
  const handle = await open(file, 'a', 0o600);
  try {
    await handle.write(text);
  } finally {
    await handle.close();
  }
}

/** Cuts the oldest lines. What another shell appends to the old file meanwhile is carried over. */
async function trim(file: string): Promise<void> {
  const lock = `${file}.lock`;
  if (!(await takeLock(lock))) return;
  const old = await open(file, 'r');
  const next = `${file}.next`;
  try {
    const text = await old.readFile('utf8');
    const handle = await open(next, 'w', 0o600);
    try {
      await handle.write(`${readLines(text).slice(-KEEP).join('\n')}\n`);
    } finally {
      await handle.close();
    }
    await rename(next, file);
    const late = await old.readFile('utf8');
    if (late !== '') await append(file, late);
  } finally {
    await old.close();
    await unlink(lock).catch(() => undefined);
  }
}

async function takeLock(lock: string): Promise<boolean> {
  const held = await stat(lock).catch(() => undefined);
  if (held !== undefined && Date.now() - held.mtimeMs > STALE_LOCK_MS) await unlink(lock).catch(() => undefined);
  try {
    await (await open(lock, 'wx', 0o600)).close();
    return true;
  } catch {
    return false;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
