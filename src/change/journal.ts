import { type FileHandle, mkdir, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import type { ChangeLimits, Plan } from './plan.ts';

/** The process that makes a change: `who` is `user@host`. */
export interface Maker {
  who: string;
  pid: number;
}

/** What one line of a journal says. `at` is milliseconds since the epoch. */
export type Entry = { at: number } & (
  | { type: 'plan'; plan: Plan; by?: Maker | undefined }
  | { type: 'begin'; step: string; before: Readonly<Record<string, string>> }
  | { type: 'gate'; step: string; gate: string; when: 'before' | 'after'; pass: boolean; evidence: string }
  | { type: 'act'; step: string; facts: Readonly<Record<string, string>> }
  | { type: 'acted'; step: string; evidence: string; facts: Readonly<Record<string, string>> }
  | { type: 'done'; step: string }
  /** What it did is taken back from here on: whatever is found of it after a kill is neither the one nor the other. */
  | { type: 'undoing'; step: string; because: string }
  | { type: 'undone'; step: string; evidence: string }
  /** What a step had begun was ended whole; it is neither done nor taken back. */
  | { type: 'mended'; step: string; evidence: string }
  | { type: 'stopped'; step: string | undefined; reason: string }
  /** A person wants it ended: from here on steps that were done may be half taken back. */
  | { type: 'aborting' }
  /** `limits` are those that hold from here on, where they were given anew. */
  | { type: 'resumed'; limits?: ChangeLimits | undefined; by?: Maker | undefined }
  | { type: 'end'; outcome: 'done' | 'aborted'; report: Readonly<Record<string, unknown>> }
);

/** An entry without its time, for whoever writes it. */
export type NewEntry = Entry extends infer E ? (E extends Entry ? Omit<E, 'at'> : never) : never;

/**
 * The journal of one change: a line of JSON an entry, on the disk before anything goes on. What was begun is known after
 * a kill -9, so that `resume` goes on from the last proven step.
 */
export class Journal {
  readonly path: string;
  readonly #file: FileHandle;
  readonly #now: () => number;
  #entries: Entry[];
  #failed: ZkshError | undefined;

  private constructor(path: string, file: FileHandle, now: () => number, entries: Entry[]) {
    this.path = path;
    this.#file = file;
    this.#now = now;
    this.#entries = entries;
  }

  /** Begins the journal of a plan. @throws ZkshError `JOURNAL_FAILED` */
  static async create(directory: string, plan: Plan, now: () => number, by?: Maker): Promise<Journal> {
    const path = join(directory, `${plan.id}.jsonl`);
    try {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const journal = new Journal(path, await open(path, 'ax', 0o600), now, []);
      await syncDirectory(directory);
      await journal.write({ type: 'plan', plan, by });
      return journal;
    } catch (error) {
      throw failed(path, error);
    }
  }

  /** Opens one to go on with it. @throws ZkshError `NO_CHANGE`, `BAD_JOURNAL`, `JOURNAL_FAILED` */
  static async reopen(directory: string, id: string, now: () => number): Promise<Journal> {
    const path = join(directory, `${id}.jsonl`);
    const { entries, whole } = await readJournal(path);
    try {
      const file = await open(path, 'a', 0o600);
      // A line that was cut off by the kill is left behind: what follows it must not be taken for its end.
      await file.truncate(whole);
      return new Journal(path, file, now, [...entries]);
    } catch (error) {
      throw failed(path, error);
    }
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  get plan(): Plan {
    return planOf(this.#entries, this.path);
  }

  /** Returns when it is on the disk. @throws ZkshError `JOURNAL_FAILED`, and then always: its last line may be half there */
  async write(entry: NewEntry): Promise<void> {
    if (this.#failed !== undefined) throw this.#failed;
    const whole = { at: this.#now(), ...entry } as Entry;
    try {
      await this.#file.appendFile(`${JSON.stringify(whole, bigintToJson)}\n`);
      await this.#file.datasync();
    } catch (error) {
      this.#failed = failed(this.path, error);
      throw this.#failed;
    }
    this.#entries.push(whole);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** Reads a journal: its entries, and how many bytes of the file are whole lines. @throws ZkshError `NO_CHANGE`, `BAD_JOURNAL` */
export async function readJournal(path: string): Promise<{ entries: readonly Entry[]; whole: number }> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw failed(path, error);
    throw absent(`there is no journal ${path}`);
  }
  const end = text.lastIndexOf('\n') + 1;
  const entries = text
    .slice(0, end)
    .split('\n')
    .filter((line) => line !== '')
    .map((line, i) => parseEntry(line, path, i + 1));
  planOf(entries, path);
  return { entries, whole: Buffer.byteLength(text.slice(0, end)) };
}

/** What was written down of a change. @throws ZkshError `NO_CHANGE`, `BAD_JOURNAL` */
export async function readChange(directory: string, id: string): Promise<readonly Entry[]> {
  // An id is a name, never a way out of the directory.
  if (!/^[\w-]+$/.test(id)) throw absent(`there is no change ${JSON.stringify(id)}`);
  return (await readJournal(join(directory, `${id}.jsonl`))).entries;
}

/** The changes of which there is a journal, the newest last; without those that were killed before their plan was written. */
export async function readChanges(directory: string): Promise<(readonly Entry[])[]> {
  const names = (await readdir(directory).catch(() => [])).filter((name) => name.endsWith('.jsonl')).sort();
  const read = await Promise.all(
    names.map(async (name) => {
      const path = join(directory, name);
      return (await hasLine(path)) ? [(await readJournal(path)).entries] : [];
    }),
  );
  return read.flat();
}

async function hasLine(path: string): Promise<boolean> {
  return (await readFile(path)).includes(0x0a);
}

function absent(message: string): ZkshError {
  return new ZkshError(message, {
    code: 'NO_CHANGE',
    exitCode: ExitCode.notFound,
    hint: 'zksh rolling status lists the changes there are.',
  });
}

function planOf(entries: readonly Entry[], path: string): Plan {
  const [first] = entries;
  if (first?.type === 'plan' && isPlan(first.plan)) return first.plan;
  throw new ZkshError(`${path} is no journal of a change: it does not begin with a plan`, {
    code: 'BAD_JOURNAL',
    exitCode: ExitCode.failure,
    hint: 'A change that was killed before its plan was written did nothing: make it anew.',
  });
}

function isPlan(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { id, steps, limits } = value as Record<string, unknown>;
  return typeof id === 'string' && Array.isArray(steps) && typeof limits === 'object' && limits !== null;
}

function parseEntry(line: string, path: string, number: number): Entry {
  try {
    const value: unknown = JSON.parse(line, bigintFromJson);
    if (typeof value === 'object' && value !== null && 'type' in value && 'at' in value) return value as Entry;
  } catch {
    // Said below.
  }
  throw new ZkshError(`line ${number} of ${path} cannot be read`, {
    code: 'BAD_JOURNAL',
    exitCode: ExitCode.failure,
    hint: 'The file was changed by somebody else. Look at it, and at the ensemble, before you go on by hand.',
  });
}

function bigintToJson(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? { $int: value.toString() } : value;
}

function bigintFromJson(_key: string, value: unknown): unknown {
  const int = typeof value === 'object' && value !== null && '$int' in value ? value.$int : undefined;
  return typeof int === 'string' && /^-?\d+$/.test(int) ? BigInt(int) : value;
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  await handle.sync().finally(() => handle.close());
}

function failed(path: string, error: unknown): ZkshError {
  if (error instanceof ZkshError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new ZkshError(`the journal ${path} cannot be written: ${reason}`, {
    code: 'JOURNAL_FAILED',
    exitCode: ExitCode.failure,
    hint: 'Without it nothing is changed any further. Make room, or the directory writable, or begin with another --journal-dir.',
    cause: error,
  });
}
