import type { Client } from '../../client/client.ts';
import { formatHostPort } from '../../client/connect-string.ts';
import { ExitCode, ZkshError } from '../../protocol/errors.ts';
import { SERVING } from '../ensemble-status.ts';
import type { Asking, MemberObservation } from '../observe-member.ts';
import { targetOf } from '../observed-member.ts';

/** Takes clients, and may change things. */
export function isServing({ facts, address }: MemberObservation): boolean {
  return address !== undefined && SERVING.includes(facts.role?.value);
}

/**
 * A session with those of the members that serve, or else read only, from the root of the tree whatever chroot people work
 * in. For reading alone; to be closed by the caller.
 *
 * @throws ZkshError as `connect` does; `CANNOT_CONNECT` where none of them serves
 */
export async function connectToMembers(members: readonly MemberObservation[], asking: Asking): Promise<Client> {
  const serving = members.filter(isServing);
  const readers = serving.length > 0 ? serving : members.filter(({ facts }) => facts.role?.value === 'read-only');
  const targets = readers.flatMap((member) => targetOf(member) ?? []);
  const tls = targets[0]?.tls === true;
  const servers = targets.filter((target) => target.tls === tls).map(formatHostPort);
  if (servers.length === 0) {
    throw new ZkshError('no member serves clients', {
      code: 'CANNOT_CONNECT',
      exitCode: ExitCode.connection,
      hint: 'See the members with status.',
    });
  }
  const { connect, options, limit, signal } = asking;
  return connect(servers.join(','), {
    ...options,
    ...(tls ? {} : { tls: undefined }),
    readOnly: serving.length === 0,
    connectTimeout: limit,
    signal,
  });
}
