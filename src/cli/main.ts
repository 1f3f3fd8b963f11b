import type { Interfaces } from '@oclif/core';
import { ExitError } from '@oclif/core/errors';
import { run } from '@oclif/core/run';
import { settings } from '@oclif/core/settings';
import { ExitCode } from '../protocol/errors.ts';
import { processIo } from './io.ts';
import { reportError } from './report-error.ts';

/** Runs one command line in a process of its own and returns what that exits with; throws nothing. */
export async function main(argv: readonly string[], load: Interfaces.LoadOptions): Promise<number> {
  // Else oclif, where NODE_ENV says development, would go looking for a TypeScript loader.
  settings.enableAutoTranspile = false;
  try {
    await run([...argv], load);
    return ExitCode.done;
  } catch (error) {
    // A command has reported its own failure; what else comes here is oclif's own, such as a command it does not know.
    if (error instanceof ExitError) return error.oclif.exit ?? ExitCode.failure;
    const io = processIo();
    return reportError(error, { io, json: false, debug: io.env.ZKSH_DEBUG !== undefined });
  }
}
