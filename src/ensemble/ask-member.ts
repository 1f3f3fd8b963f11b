import { ExitCode, UsageError, ZkshError } from '../protocol/errors.ts';
import { type AdminAnswer, type AdminRequest, askAdminServer } from './admin-server.ts';
import { fourLetterWord } from './four-letter-word.ts';
import type { Asking, MemberObservation } from './observe-member.ts';
import { targetOf } from './observed-member.ts';

/**
 * Sends a four-letter word to a member that was observed, through the address that answered.
 *
 * @throws ZkshError as `fourLetterWord` does; `CONNECTION_FAILED` where it takes no clients
 */
export async function askWord(
  observation: MemberObservation,
  word: string,
  { limit: timeout, signal, secure }: Asking,
): Promise<string> {
  const target = targetOf(observation);
  if (target === undefined) {
    throw new ZkshError(`${observation.member.name} takes no clients: there is no port to send ${word} to`, {
      code: 'CONNECTION_FAILED',
      exitCode: ExitCode.connection,
      hint: 'Ask its AdminServer: zksh admin.',
    });
  }
  const { host, port, tls } = target;
  return fourLetterWord({ host, port, word, timeout, signal, tls: tls ? secure?.(target) : undefined });
}

/**
 * Runs a command of the AdminServer of a member that was observed.
 *
 * @param command its name and, after a `?`, its parameters
 * @param post what to send by POST, for a command that changes something
 * @throws ZkshError as `askAdminServer` does; `NO_ADMIN_SERVER`, `ADMIN_COMMAND_FAILED`; UsageError `UNKNOWN_ADMIN_COMMAND`
 */
export async function askAdminCommand(
  observation: MemberObservation,
  command: string,
  { limit: timeout, signal, secure }: Asking,
  post?: AdminRequest['post'],
): Promise<AdminAnswer & { url: string }> {
  const url = adminUrlOf(observation);
  const { hostname, port } = new URL(url);
  const server = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 443) };
  const tls = url.startsWith('https:') ? secure?.(server) : undefined;
  const answer = await askAdminServer({ url, command, post, timeout, signal, tls });
  if (answer.error !== undefined) throw saysNo(url, command, answer.error);
  return { ...answer, url };
}

function adminUrlOf({ adminUrl, member, missing }: MemberObservation): string {
  if (adminUrl !== undefined) return adminUrl;
  const why = missing.find(({ source }) => source === 'admin')?.reason;
  throw new ZkshError(`the AdminServer of ${member.name} was not found${why === undefined ? '' : `: ${why}`}`, {
    code: 'NO_ADMIN_SERVER',
    exitCode: ExitCode.connection,
    hint: 'Name it: --admin PORT, --admin https://{host}:8443/commands, or for one member --admin 3=9090.',
  });
}

function saysNo(url: string, command: string, error: string): ZkshError {
  const message = `the AdminServer at ${url} refuses ${command}: ${error}`;
  if (!/^Unknown command/.test(error)) {
    return new ZkshError(message, { code: 'ADMIN_COMMAND_FAILED', exitCode: ExitCode.failure });
  }
  return new UsageError(message, {
    code: 'UNKNOWN_ADMIN_COMMAND',
    hint: 'Later releases have more of them; monitor, leader, connections and dump are old.',
  });
}
