import { reportError } from '../cli/report-error.ts';
import { loadTheme, wantsColour } from '../output/theme.ts';
import { runInteractive } from './interactive.ts';
import type { ShellOptions } from './scope.ts';
import { fileScript, pipedScript } from './script.ts';
import { runScript } from './script-runner.ts';

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
