import type { Config } from '@oclif/core/config';
import type { HostDefaults } from '../cli/host.ts';
import type { Io } from '../cli/io.ts';
import type { Paint } from '../output/theme.ts';
import type { WatchEvent } from '../protocol/events.ts';
import { isAtOrBelow } from '../protocol/paths.ts';
import type { History } from './history.ts';
import type { ShellSession, ShellTarget } from './session.ts';

/** How a shell is started. */
export interface ShellOptions {
  readonly config: Config;
  readonly io: Io;
  /** The ensemble to begin with. */
  readonly target: ShellTarget;
  resolveTarget: ShellScope['resolveTarget'];
  /** What the shell's own flags set for all its lines. */
  readonly defaults: HostDefaults;
  /** A script to run instead of asking a person; `-` is the standard input. */
  readonly file?: string | undefined;
  /** In a script: after a failure, go on with the next line. */
  readonly keepGoing: boolean;
  /** Milliseconds a script waits for its first connection. */
  readonly connectTimeout: number;
}

/** What the two ways of running have in common. */
export interface Surroundings extends ShellOptions {
  readonly paint: Paint | undefined;
}

/** What every line of one shell shares. */
export interface ShellScope {
  /** oclif's: knows every command. */
  readonly config: Config;
  readonly io: Io;
  readonly session: ShellSession;
  readonly history: History;
  readonly defaults: HostDefaults;
  /** A person types; else lines come from a script. */
  readonly interactive: boolean;
  cwd: string;
  previousCwd: string;
  /** Whether watch events are shown. */
  printWatches: boolean;
  /** Set by `quit`: the shell ends after this line, with this exit code where one was given. */
  quit: { readonly code: number | undefined } | undefined;
  /** The znode that a running `watch` shows the events of by itself. */
  watched: string | undefined;
  /** A system command has the terminal: what there is to tell waits until it is back. */
  terminalLent: boolean;
  /** Resolves what `connect` was given to servers and credentials. */
  resolveTarget(choice: { servers?: string | undefined; context?: string | undefined }): Promise<ShellTarget>;
}

/** A shell's state before its first line. */
export function newScope(
  { config, defaults, resolveTarget }: ShellOptions,
  session: ShellSession,
  history: History,
  io: Io,
  interactive: boolean,
): ShellScope {
  return {
    config,
    io,
    session,
    history,
    defaults,
    interactive,
    resolveTarget,
    cwd: '/',
    previousCwd: '/',
    printWatches: true,
    quit: undefined,
    watched: undefined,
    terminalLent: false,
  };
}

/** Whether the shell shows a watch event; what a running `watch` shows is not shown twice. */
export function showsEvent({ printWatches, watched }: ShellScope, event: WatchEvent): boolean {
  return printWatches && (watched === undefined || !isAtOrBelow(event.path, watched));
}
