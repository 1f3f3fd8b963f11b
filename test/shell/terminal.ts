import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { ZKSH } from '../support/built.ts';
import { until } from '../support/until.ts';

const exec = promisify(execFile);
const COLUMNS = '100';
const ROWS = '30';

/** zksh in a pseudo-terminal of its own, driven by keys and read by what is on its screen. */
export interface Terminal {
  /** A directory that this test's shells share, for their history. */
  readonly home: string;
  /** The process id of the shell. */
  pid(): Promise<number>;
  /** Types text as it is. */
  type(text: string): Promise<void>;
  /** Presses keys by tmux's names: `Enter`, `Tab`, `C-c`, `Up`. */
  press(...keys: string[]): Promise<void>;
  /** Types a line and Enter. */
  line(text: string): Promise<void>;
  /** Pastes text in one go. */
  paste(text: string): Promise<void>;
  /** Rows of the screen that have something on them. */
  screen(): Promise<string[]>;
  /** The same as one text, with what has scrolled away: tmux scrolls by a line when the program ends. */
  all(): Promise<string>;
  /** The same with the codes of its colours. */
  painted(): Promise<string>;
  /** Makes the terminal larger or smaller. */
  resize(columns: number, rows: number): Promise<void>;
  /** What tmux knows of it, by a format such as `#{alternate_on}`. */
  about(format: string): Promise<string>;
  /** Waits until the text, or the pattern, is on the screen; returns the screen as one text. */
  shows(what: string | RegExp, milliseconds?: number): Promise<string>;
  /** Waits until the last row is this. */
  promptIs(text: string): Promise<void>;
  /** Waits for the shell's end and returns its exit code. */
  exitCode(): Promise<number>;
}

/** Starts a shell in a terminal; it and its terminal are gone when the test ends. */
export async function openTerminal(args: readonly string[], env: Record<string, string> = {}): Promise<Terminal> {
  const home = env.HOME ?? (await mkdtemp(join(tmpdir(), 'zksh-terminal-')));
  const folder = await mkdtemp(join(tmpdir(), 'zksh-tmux-'));
  const socket = join(folder, 'socket');
  const ended = join(folder, 'ended');
  const surroundings = {
    ...process.env,
    ENDED: ended,
    NO_COLOR: '1',
    ...env,
    HOME: home,
    XDG_STATE_HOME: join(home, 'state'),
    TMUX: '',
  };
  const tmux = async (...words: string[]) =>
    (await exec('tmux', ['-S', socket, '-f', '/dev/null', ...words], { env: surroundings })).stdout;
  const screen = async () =>
    (await tmux('capture-pane', '-p', '-J', '-t', 'zksh')).split('\n').filter((row) => row.trim() !== '');

  onTestFinished(async () => {
    await tmux('kill-server').catch(() => {});
    await rm(folder, { recursive: true, force: true });
    if (env.HOME === undefined) await rm(home, { recursive: true, force: true });
  });
  const size = ['-x', COLUMNS, '-y', ROWS];
  await tmux('new-session', '-d', '-s', 'zksh', ...size, 'sleep 600', ';', 'set-option', '-g', 'remain-on-exit', 'on');
  // tmux wakes its own children when they are stopped; a test that stops the shell needs it one generation down.
  // It may also lose how they ended, so that is written down.
  const note = 'code=$?; echo $code >"$ENDED.part"; mv "$ENDED.part" "$ENDED"; exit $code';
  const command = ['sh', '-c', `"$0" "$@"; ${note}`, ...ZKSH, ...args];
  await tmux('respawn-pane', '-k', '-t', 'zksh', ...command);

  /** Waits for the screen to be as wanted; what it is instead is in the error. */
  const screenWith = async (what: string, wanted: (text: string) => boolean, milliseconds = 20_000) => {
    let text = '';
    const look = async () => {
      text = (await screen()).map((row) => `${row}\n`).join('');
      return wanted(text) && text;
    };
    return until(what, look, milliseconds).catch((error: Error) => {
      throw new Error(`${error.message}\n--- the screen ---\n${text}`);
    });
  };
  const shows = (what: string | RegExp, milliseconds?: number) =>
    screenWith(
      `the screen shows ${what}`,
      (text) => (typeof what === 'string' ? text.includes(what) : what.test(text)),
      milliseconds,
    );
  const type = async (text: string) => void (await tmux('send-keys', '-t', 'zksh', '-l', text));
  const press = async (...keys: string[]) => void (await tmux('send-keys', '-t', 'zksh', ...keys));
  return {
    home,
    type,
    press,
    screen,
    shows,
    all: () => tmux('capture-pane', '-p', '-J', '-S', '-', '-t', 'zksh'),
    painted: () => tmux('capture-pane', '-p', '-e', '-t', 'zksh'),
    resize: async (columns, rows) =>
      void (await tmux('resize-window', '-t', 'zksh', '-x', `${columns}`, '-y', `${rows}`)),
    about: async (format) => (await tmux('display-message', '-p', '-t', 'zksh', format)).trim(),
    async pid() {
      const parent = (await tmux('display-message', '-p', '-t', 'zksh', '#{pane_pid}')).trim();
      return Number((await exec('pgrep', ['-P', parent])).stdout);
    },
    async line(text) {
      await type(text);
      await press('Enter');
    },
    async paste(text) {
      await tmux('set-buffer', text);
      await tmux('paste-buffer', '-t', 'zksh');
    },
    async promptIs(text) {
      const last = text.trimEnd();
      await screenWith(`the last row is ${last}`, (shown) => shown.trimEnd().split('\n').at(-1) === last);
    },
    async exitCode() {
      const status = await until('the shell ends', () => readFile(ended, 'utf8').catch(() => undefined));
      return Number(status);
    },
  };
}
