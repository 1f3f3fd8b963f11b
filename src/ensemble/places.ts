import type { ServerLine } from './server-line.ts';

/** Where a server listens, by its line. */
export interface Place {
  use: 'quorum' | 'election' | 'client';
  host: string;
  port: number;
}

/** For the other members: at its quorum port while it leads, at its election port always. */
export function placesBetween({ addresses }: ServerLine): Place[] {
  return addresses.flatMap(({ host, quorumPort, electionPort }): Place[] => [
    { use: 'quorum', host, port: quorumPort },
    { use: 'election', host, port: electionPort },
  ]);
}

/** All of them; a client port on every address is named by the host that the others know. */
export function placesOf(line: ServerLine): Place[] {
  const { client, secureClient, addresses } = line;
  const clients = [client, secureClient].flatMap((address): Place[] => {
    const host = isWildcard(address?.host) ? addresses[0]?.host : address?.host;
    return address === undefined || host === undefined ? [] : [{ use: 'client', host, port: address.port }];
  });
  return [...placesBetween(line), ...clients];
}

/** Those of a changed line that must be free: a client port that stays is the server's own, whatever its address. */
export function newPlaces(before: ServerLine, after: ServerLine): Place[] {
  const old = placesOf(before);
  const isOld = ({ use, host, port }: Place): boolean =>
    old.some((one) => one.use === use && one.port === port && (use === 'client' || one.host === host));
  return placesOf(after).filter((place) => !isOld(place));
}

/** Every address of the machine. */
export function isWildcard(host: string | undefined): boolean {
  return host === undefined || /^(0\.0\.0\.0|[0:]+)$/.test(host);
}
