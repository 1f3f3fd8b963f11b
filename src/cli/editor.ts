import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ExitCode, UsageError, ZkshError } from '../protocol/errors.ts';
import { canAsk, type Io } from './io.ts';

const SHELL = '/bin/sh';
const FALLBACK = 'vi';

/** A file only we can read, in a directory only we can look into; both are gone after `remove`. */
export class EditedFile {
  readonly path: string;
  readonly #directory: string;

  /** @param name what the editor shows, and tells the kind of text by */
  static async create(name: string, content: Uint8Array, env: Io['env']): Promise<EditedFile> {
    const directory = await mkdtemp(join(env.TMPDIR ?? tmpdir(), 'zksh-edit-'));
    const file = new EditedFile(directory, name);
    await writeFile(file.path, content, { mode: 0o600, flag: 'wx' });
    return file;
  }

  private constructor(directory: string, name: string) {
    this.#directory = directory;
    // Names of znodes may hold anything but a slash; the length limit of file systems is 255 bytes.
    this.path = join(
      directory,
      name
        .replaceAll(/[^\w.-]/g, '_')
        .slice(-100)
        .replace(/^\.*$/, 'znode'),
    );
  }

  read(): Promise<Buffer> {
    return readFile(this.path);
  }

  async remove(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/**
 * Runs $VISUAL, $EDITOR or vi on a file and waits for its end.
 *
 * @throws UsageError `NO_EDITOR` where none is named and no terminal is there; ZkshError `EDITOR_FAILED`
 */
export async function runEditor(file: string, io: Io, signal: AbortSignal): Promise<void> {
  const editor = editorOf(io);
  const code = await run(editor, file, io, signal);
  if (signal.aborted) throw signal.reason;
  if (code === 0) return;
  throw new ZkshError(`the editor (${editor}) ended with exit code ${code}: nothing was written`, {
    code: 'EDITOR_FAILED',
    exitCode: ExitCode.failure,
    hint: code === NOT_FOUND ? 'Name an editor that is installed in $VISUAL or $EDITOR.' : undefined,
  });
}

const NOT_FOUND = 127;

function editorOf(io: Io): string {
  const named = [io.env.VISUAL, io.env.EDITOR].find((name) => name !== undefined && name.trim() !== '');
  if (named !== undefined) return named;
  // An editor that was named may be a script; vi would wait for keys that nobody presses.
  if (canAsk(io)) return FALLBACK;
  throw new UsageError('there is no terminal to edit on', {
    code: 'NO_EDITOR',
    hint: 'Name a program that edits the file by itself in $EDITOR, or use set with @file.',
  });
}

function run(editor: string, file: string, io: Io, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    // $EDITOR may carry arguments ("code --wait"), so a shell has to read it; the file's name it must not read. With
    // exec the shell becomes the editor, so that a signal ends the editor itself; NAME=value before it forbids that.
    const exec = /^\s*\w+=/.test(editor) ? '' : 'exec ';
    const child = spawn(SHELL, ['-c', `${exec}${editor} "$1"`, SHELL, file], {
      env: { ...io.env },
      stdio: [
        io.stdin === process.stdin ? 'inherit' : 'ignore',
        // The result goes to stdout; where that is no terminal, the screen is on stderr's.
        io.stdout === process.stdout && io.stdout.isTTY ? 'inherit' : io.stderr === process.stderr ? 2 : 'pipe',
        io.stderr === process.stderr ? 'inherit' : 'pipe',
      ],
    });
    child.stdout?.pipe(io.stderr, { end: false });
    child.stderr?.pipe(io.stderr, { end: false });
    const stop = () => child.kill('SIGTERM');
    signal.addEventListener('abort', stop, { once: true });
    child.on('error', reject);
    child.on('close', (code, killer) => {
      signal.removeEventListener('abort', stop);
      resolve(code ?? 128 + (killer === null ? 0 : constants.signals[killer]));
    });
  });
}
