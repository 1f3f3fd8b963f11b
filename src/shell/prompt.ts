import { escapeControl } from '../output/text-safety.ts';
import type { Paint, Role } from '../output/theme.ts';

/**
 * How the shell stands with the ensemble.
 *
 * - `connecting`: no server has served it yet
 * - `connected`, `read-only`: a server serves it
 * - `reconnecting`: the connection is lost, the session may live
 * - `refused`: the servers, or our own settings, made it impossible; `connect` tries again
 * - `not connected`: after `close`
 */
export type ShellState = 'connecting' | 'connected' | 'read-only' | 'reconnecting' | 'refused' | 'not connected';

const ROLES = {
  connecting: 'warn',
  connected: 'good',
  'read-only': 'warn',
  reconnecting: 'warn',
  refused: 'bad',
  'not connected': 'dim',
} as const satisfies Record<ShellState, Role>;

/** What the prompt shows. */
export interface PromptParts {
  /** The context's name. */
  context: string | undefined;
  /** Shown where there is no context: the connection string. */
  servers: string;
  state: ShellState;
  cwd: string;
}

/** `prod (connected) /brokers> `; a shell without a context shows its first server. */
export function promptText(
  { context, servers, state, cwd }: PromptParts,
  paint: Paint = (_role, text) => text,
): string {
  const name = escapeControl(context ?? shortServers(servers));
  return `${paint('name', name)} (${paint(ROLES[state], state)}) ${paint('path', escapeControl(cwd))}> `;
}

function shortServers(servers: string): string {
  const [first = '', ...others] = servers.split(',');
  const chroot = /\/.*$/.exec(others.at(-1) ?? '')?.[0] ?? '';
  return others.length === 0 ? first : `${first},…${chroot}`;
}
