import type { Config } from '@oclif/core/config';
import type { HostDefaults } from '../cli/host.ts';
import type { Io } from '../cli/io.ts';
import { reportError } from '../cli/report-error.ts';
import { loadTheme, type Paint, wantsColour } from '../output/theme.ts';
import { runInteractive } from './interactive.ts';
import type { ShellScope } from './scope.ts';
import { fileScript, pipedScript } from './script.ts';
import { runScript } from './script-runner.ts';
import type { ShellTarget } from './session.ts';

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

/**
 * Runs a shell to its end: a prompt on a terminal, a script otherwise.
 * @returns the exit code: of a script its first failure's, else 0 or what `quit` was given
 */
export async function startShell(options: ShellOptions): Promise<number> {
  const { io, defaults, file } = options;
  const onTerminal = io.stdin.isTTY === true && io.stdout.isTTY === true;
  const isTty = io.stderr.isTTY === true;
  const paint = wantsColour({ env: io.env, isTty, off: defaults.noColor }) ? await loadTheme() : undefined;
  try {
    if (file === undefined && onTerminal) return await runInteractive({ ...options, paint });
    const script = file === undefined || file === '-' ? pipedScript(io.stdin) : await fileScript(file);
    return await runScript(script, { ...options, paint });
  } catch (error) {
    return reportError(error, { io, json: false, noColor: defaults.noColor, debug: defaults.debug === true });
  }
}
