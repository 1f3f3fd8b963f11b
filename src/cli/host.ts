import type { Client } from '../client/client.ts';
import type { ConnectOptions } from '../client/connect.ts';
import type { Format } from '../output/view.ts';
import type { ChosenContext } from './connecting.ts';
import { type Io, processIo } from './io.ts';
import type { Prompts } from './prompts.ts';

/**
 * Where a command runs: in a process of its own, in the shell, or in a test. The shell sets `command.host` on the
 * instance and calls `command.perform()`.
 */
export interface CommandHost {
  readonly io: Io;
  /** The shell's current path; undefined outside the shell, where a relative path has no meaning. */
  readonly cwd?: string | undefined;
  /** What the shell's session was opened with; commands use the same settings and heed the same protection. */
  readonly chosen?: ChosenContext | undefined;
  /** The shell's open session. A line with its own `-S` or `-C` gets a connection of its own instead. */
  session?(): Promise<Client>;
  /** Opens connections; absent = the client library's `connect`. */
  connect?(servers: string, options: ConnectOptions): Promise<Client>;
  /** Aborted by Ctrl-C: the running command ends, with exit code 130. */
  readonly signal?: AbortSignal | undefined;
  /** Asks the person; absent = inquirer on a terminal, a refusal otherwise. */
  readonly prompts?: Prompts | undefined;
  /** What the shell's own command line set for all its lines. */
  readonly defaults?: HostDefaults | undefined;
}

export interface HostDefaults {
  readonly output?: Format | undefined;
  readonly noColor?: boolean | undefined;
  readonly quiet?: boolean | undefined;
  readonly debug?: boolean | undefined;
  readonly yes?: boolean | undefined;
  readonly iKnow?: string | undefined;
}

/** A process of its own: no session, no current path. */
export function processHost(signal?: AbortSignal): CommandHost {
  return { io: processIo(), signal };
}
