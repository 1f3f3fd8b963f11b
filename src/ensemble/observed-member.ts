import { formatHostPort } from '../client/connect-string.ts';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import type { ClientTarget } from './member.ts';
import type { MemberObservation } from './observe-member.ts';

/** `host:port` where it answered, or where it was asked. */
export function hostOf({ member, address }: Pick<MemberObservation, 'member' | 'address'>): string {
  return address === undefined ? member.name : formatHostPort(address);
}

/** The address that answered, and whether it wants TLS. */
export function targetOf({ address, member }: Pick<MemberObservation, 'member' | 'address'>): ClientTarget | undefined {
  return member.targets.find(({ host, port }) => host === address?.host && port === address.port);
}

/** Those named by id or `host:port`, in that order; all when none is named. @throws ZkshError `NO_MEMBER` */
export function chosenMembers(
  members: readonly MemberObservation[],
  named: readonly string[],
): readonly MemberObservation[] {
  if (named.length === 0) return members;
  return named.map((name) => {
    const found = members.find((one) => `${one.member.id}` === name || hostOf(one) === name);
    if (found !== undefined) return found;
    throw new ZkshError(`there is no member ${name}`, {
      code: 'NO_MEMBER',
      exitCode: ExitCode.notFound,
      hint: `The members are ${members.map((one) => one.member.id ?? hostOf(one)).join(', ')}.`,
    });
  });
}
