import type { Io } from '../cli/io.ts';
import { resolveZnodePath } from '../cli/resolve-path.ts';
import { escapeControl } from '../output/text-safety.ts';
import { ExitCode, UsageError, ZkshError } from '../protocol/errors.ts';
import { SHELL_LANGUAGE } from './language-help.ts';
import type { ShellScope } from './scope.ts';

/** What a shell word may use of the line it stands in. */
interface WordLine {
  readonly scope: ShellScope;
  readonly io: Io;
  readonly signal: AbortSignal;
}

/** A word that exists in the shell only: it shows or changes the shell itself. Returns the lines it prints. */
export interface ShellWord {
  readonly usage: string;
  readonly summary: string;
  run(args: readonly string[], line: WordLine): Promise<readonly string[]> | readonly string[];
}

/** Lines `history` shows when no number is given. */
const HISTORY_SHOWN = 20;
const CLEAR = '\x1b[H\x1b[2J\x1b[3J';

const quit: ShellWord = {
  usage: 'quit [CODE]',
  summary: 'leave the shell; Ctrl-D does the same',
  run([code, ...rest], { scope }) {
    refuseMore('quit', rest);
    if (code !== undefined && !/^\d{1,3}$/.test(code)) throw new UsageError(`"${code}" is no exit code`);
    scope.quit = { code: code === undefined ? undefined : Number(code) };
    return [];
  },
};

/** The shell's own words by name; all other words are commands. */
export const SHELL_WORDS: Readonly<Record<string, ShellWord>> = {
  cd: {
    usage: 'cd [PATH | -]',
    summary: 'make PATH the current znode; / without one, the one before with -',
    async run([typed = '/', ...rest], { scope, signal }) {
      refuseMore('cd', rest);
      const path = typed === '-' ? scope.previousCwd : resolveZnodePath(typed, scope.cwd);
      const client = await scope.session.client();
      if (path !== '/' && (await client.exists(path, { signal })) === undefined) throw noNode(path);
      scope.previousCwd = scope.cwd;
      scope.cwd = path;
      return typed === '-' ? [path] : [];
    },
  },
  pwd: {
    usage: 'pwd',
    summary: 'print the current znode',
    run(args, { scope }) {
      refuseMore('pwd', args);
      return [scope.cwd];
    },
  },
  history: {
    usage: 'history [N]',
    summary: `print the last N lines typed, ${HISTORY_SHOWN} when not given; secrets are not kept`,
    run([count = `${HISTORY_SHOWN}`, ...rest], { scope }) {
      refuseMore('history', rest);
      if (!/^\d+$/.test(count)) throw new UsageError(`"${count}" is no number of lines`);
      const { lines } = scope.history;
      const from = Math.max(0, lines.length - Number(count));
      return lines.slice(from).map((line, index) => `${from + index + 1} - ${line}`);
    },
  },
  redo: {
    usage: 'redo N',
    summary: 'run line N of the history again; !! runs the last one',
    run: () => {
      throw new UsageError('redo takes the number of a line and stands alone on its line', {
        hint: 'history shows the lines with their numbers.',
      });
    },
  },
  connect: {
    usage: 'connect [HOST:PORT,…/CHROOT | -C CONTEXT]',
    summary: 'open a new session, to the same ensemble or to another',
    async run(args, { scope }) {
      const choice = connectChoice(args);
      const same = choice.servers === undefined && choice.context === undefined;
      await scope.session.open(same ? undefined : await scope.resolveTarget(choice));
      scope.cwd = '/';
      scope.previousCwd = '/';
      // In a script the next line must be able to count on it.
      if (!scope.interactive) await scope.session.client();
      return [];
    },
  },
  close: {
    usage: 'close',
    summary: 'end the session; the shell stays',
    async run(args, { scope }) {
      refuseMore('close', args);
      await scope.session.close();
      return [];
    },
  },
  printwatches: {
    usage: 'printwatches [on | off]',
    summary: 'show watch events as they come, or not',
    run([choice, ...rest], { scope }) {
      refuseMore('printwatches', rest);
      if (choice === undefined) return [`printwatches is ${scope.printWatches ? 'on' : 'off'}`];
      if (choice !== 'on' && choice !== 'off') throw new UsageError('printwatches is on or off');
      scope.printWatches = choice === 'on';
      return [];
    },
  },
  clear: {
    usage: 'clear',
    summary: 'clear the screen; Ctrl-L does the same',
    run(args, { io }) {
      refuseMore('clear', args);
      if (io.stdout.isTTY === true) io.stdout.write(CLEAR);
      return [];
    },
  },
  quit,
  exit: { ...quit, usage: 'exit [CODE]' },
};

/** What `help` prints in the shell before the commands, and `help shell` alone. */
export function shellHelp(): string[] {
  const words = Object.values(SHELL_WORDS);
  const width = Math.max(...words.map(({ usage }) => usage.length));
  return [
    'Words of the shell',
    ...words.map(({ usage, summary }) => `  ${usage.padEnd(width)}  ${summary}`),
    '',
    ...SHELL_LANGUAGE,
  ];
}

function connectChoice(args: readonly string[]): { servers?: string; context?: string } {
  const [first, second, ...rest] = args;
  refuseMore('connect', rest);
  if (first === '-C' || first === '--context') {
    if (second === undefined) throw new UsageError(`${first} needs the name of a context`);
    return { context: second };
  }
  if (second !== undefined) throw new UsageError(`connect takes one connection string; "${second}" is too much`);
  return first === undefined ? {} : { servers: first };
}

function noNode(path: string): ZkshError {
  return new ZkshError(`there is no znode ${escapeControl(path)}`, { code: 'NO_NODE', exitCode: ExitCode.notFound });
}

function refuseMore(word: string, rest: readonly string[]): void {
  const [extra] = rest;
  if (extra === undefined) return;
  throw new UsageError(`unexpected argument: ${extra}`, { hint: `Usage: ${SHELL_WORDS[word]?.usage ?? word}` });
}
