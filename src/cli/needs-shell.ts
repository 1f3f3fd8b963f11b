import { UsageError } from '../protocol/errors.ts';
import type { CommandHost } from './host.ts';

/** Refuses, outside the shell, a command that acts on the session alone: there the session ends with the command. */
export function needsShell(host: CommandHost, command: string, hint: string): void {
  if (host.session !== undefined) return;
  throw new UsageError(`${command} works in the shell only: a watch lives as long as its session`, {
    code: 'NEEDS_SHELL',
    hint,
  });
}
