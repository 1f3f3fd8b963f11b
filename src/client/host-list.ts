import { isIP } from 'node:net';
import { formatHostPort, type HostPort } from './connect-string.ts';
import type { Environment } from './environment.ts';
import { TransportError } from './errors.ts';

/** One address of one server. */
export interface Target extends HostPort {
  /** IP address. */
  address: string;
}

/** As a person reads it: `name:port`, and the address where the name hides it. */
export function describeTarget(target: Target): string {
  const typed = formatHostPort(target);
  return target.address === target.host ? typed : `${typed} [${target.address}]`;
}

/** In random order, so that clients spread over the members. */
function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}

function isSame(a: HostPort, b: HostPort | undefined): boolean {
  return a.host === b?.host && a.port === b.port;
}

/**
 * Every address to try, once round: hosts shuffled, the one asked for first, but the one just lost last, also where it
 * was asked for: it may be hung, and waiting for it again would cost a whole attempt. Names are looked
 * up as their turn comes, anew each round, so that a member that moved is found and a slow name server holds up its own
 * name only.
 *
 * @returns targets, or the error of a name that has no address
 */
export async function* oneRound(
  hosts: readonly HostPort[],
  environment: Environment,
  ends: { first?: HostPort | undefined; last?: HostPort | undefined },
): AsyncGenerator<Target | { host: HostPort; error: TransportError }> {
  const order = shuffled(hosts, environment.random);
  const place = (host: HostPort) => (isSame(host, ends.last) ? 1 : -Number(isSame(host, ends.first)));
  order.sort((a, b) => place(a) - place(b));
  for (const host of order) {
    try {
      const addresses = isIP(host.host) ? [host.host] : await environment.resolve(host.host);
      for (const address of shuffled(addresses, environment.random)) yield { ...host, address };
    } catch (cause) {
      const code = (cause as NodeJS.ErrnoException).code ?? (cause as Error).message;
      yield { host, error: new TransportError('NAME_NOT_FOUND', `the name has no address (${code})`, { cause }) };
    }
  }
}
