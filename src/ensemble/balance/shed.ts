import { ExitCode, ZkshError } from '../../protocol/errors.ts';
import { askAdminCommand } from '../ask-member.ts';
import type { Asking, MemberObservation } from '../observe-member.ts';

/** The first release whose AdminServer can close connections: ShedConnectionsCommand, ZOOKEEPER-5015. */
const SINCE = [3, 10] as const;

/**
 * Asks a member to close so many percent of its clients' connections; their sessions go on wherever they connect again. The
 * server throws a die for each connection. With 0 none is closed: that tells whether it would.
 *
 * @returns how many it closed
 * @throws ZkshError as `askAdminCommand` does, `CANNOT_SHED`, `ADMIN_AUTH`
 */
export async function shedConnections(member: MemberObservation, percent: number, asking: Asking): Promise<number> {
  const { version } = member.facts;
  const [major = 0, minor = 0] = (version?.value ?? '').split('.').map(Number);
  if (major < SINCE[0] || (major === SINCE[0] && minor < SINCE[1]))
    throw cannot(`it runs ${version?.value ?? 'a release that is not told'}; servers can from 3.10 on`);
  const authorization = authorizationOf(asking);
  if (authorization === undefined) throw unauthorized('there are no credentials to send');
  const answer = await askAdminCommand(member, 'shed_connections', asking, {
    body: { percentage: percent },
    authorization,
  }).catch((error: unknown) => {
    if (error instanceof ZkshError && /\b(Not auth|Auth info)/.test(error.message)) throw unauthorized(error.message);
    throw error;
  });
  const shed = answer.fields.connections_shed;
  if (typeof shed === 'number') return shed;
  throw cannot('its AdminServer answered without saying how many connections it closed');
}

/** The AdminServer wants ALL on `/` of whoever sheds: `digest user:password`, as Commands.handleAuthentication reads it. */
function authorizationOf({ options }: Asking): string | undefined {
  const [first] = options.auth ?? [];
  if (first === undefined) return undefined;
  const secret = typeof first.auth === 'string' ? first.auth : Buffer.from(first.auth).toString('utf8');
  return `${first.scheme} ${secret}`;
}

function cannot(why: string): ZkshError {
  return new ZkshError(`it cannot shed connections: ${why}`, {
    code: 'CANNOT_SHED',
    exitCode: ExitCode.unhealthy,
    hint: 'A restart of that member alone moves its clients (rolling restart --only ID), or their connect strings, or a load balancer.',
  });
}

function unauthorized(why: string): ZkshError {
  return new ZkshError(`its AdminServer does not let us shed connections: ${why}`, {
    code: 'ADMIN_AUTH',
    exitCode: ExitCode.refused,
    hint: 'It wants all permissions on /: give --auth digest:super:file:PATH.',
  });
}
