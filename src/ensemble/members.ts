import { formatHostPort, type HostPort, parseConnectString } from '../client/connect-string.ts';
import { UsageError } from '../protocol/errors.ts';
import type { DynamicConfig } from './dynamic-config.ts';
import type { AdminAddress, ClientTarget, Member } from './member.ts';
import { isWildcard } from './places.ts';
import type { ServerLine } from './server-line.ts';

/** Where AdminServers are: `off`, one place for all, and places of single members by id or `host:port`. */
export interface AdminChoice {
  off: boolean;
  /** A port, or a URL in which `{host}` and `{id}` stand for the member's. */
  everywhere: string | undefined;
  of: ReadonlyMap<string, string>;
}

const DEFAULT_ADMIN_PORT = 8080;

/** Reads the values of `--admin`. @throws UsageError `BAD_ADMIN` */
export function parseAdminChoice(values: readonly string[]): AdminChoice {
  const of = new Map<string, string>();
  let everywhere: string | undefined;
  let off = false;
  for (const value of values) {
    const [, key, place] = /^(\d+|[^=/]+:\d+)=(.*)$/.exec(value) ?? [];
    if (value === 'off') off = true;
    else if (!isPlace(place ?? value)) throw badAdmin(value);
    else if (key !== undefined && place !== undefined) of.set(key, place);
    else everywhere = value;
  }
  return { off, everywhere, of };
}

function isPlace(text: string): boolean {
  if (/^\d{1,5}$/.test(text)) return Number(text) > 0 && Number(text) < 65_536;
  return /^https?:\/\/\S+$/.test(text) && URL.canParse(text.replaceAll('{host}', 'h').replaceAll('{id}', '1'));
}

/** Reads `--members`: `host:port` or `id=host:port`, joined by commas. @throws UsageError */
export function parseMemberList(text: string): { id: bigint | undefined; server: HostPort }[] {
  return text.split(',').map((part) => {
    const [, id, rest = part] = /^\s*(?:server\.)?(\d{1,19})=(.*)$/.exec(part) ?? [];
    const { hosts, chroot } = parseConnectString(rest);
    const [server] = hosts;
    if (server === undefined || chroot !== '' || server.host.includes('=')) {
      throw new UsageError(`"${part}" is no member`, { hint: 'Write it as host:port, or with its id as 3=host:port.' });
    }
    return { id: id === undefined ? undefined : BigInt(id), server };
  });
}

/** Members as somebody listed them, before anything is known of them. */
export function listedMembers(
  listed: readonly { id?: bigint | undefined; server: HostPort }[],
  how: { tls: boolean; admin: AdminChoice },
): Member[] {
  return listed.map(({ id, server }) => ({
    id,
    name: formatHostPort(server),
    targets: [{ ...server, tls: how.tls }],
    admin: adminOf(id, [server], how),
    configured: undefined,
  }));
}

/**
 * A member as the committed configuration has it; its client address may be one for each of its networks. With TLS, and a
 * configuration that names no secure port (none does before 3.10), the one that all those listed have is tried as well.
 */
export function configuredMember(
  line: ServerLine,
  how: { tls: boolean; admin: AdminChoice; listed?: readonly { server: HostPort }[] },
): Member {
  const targets = [...guessed(line, how), ...targetsOf(line, how.tls)];
  const hosts = targets.length > 0 ? targets : line.addresses.map(({ host }) => ({ host, port: 0 }));
  const name = targets[0] === undefined ? (line.addresses[0]?.host ?? '') : formatHostPort(targets[0]);
  return { id: line.id, name, targets, admin: adminOf(line.id, hosts, how), configured: line.role };
}

function guessed(
  { addresses, secureClient }: ServerLine,
  { tls, listed = [] }: { tls: boolean; listed?: readonly { server: HostPort }[] },
): ClientTarget[] {
  const ports = new Set(listed.map(({ server }) => server.port));
  const [port] = ports;
  if (!tls || secureClient !== undefined || ports.size !== 1 || port === undefined) return [];
  // On a host that was listed, that port is another member's.
  const others = addresses.filter(({ host }) => !listed.some(({ server }) => server.host === host));
  return others.map(({ host }) => ({ host, port, tls: true }));
}

/** What a name's addresses are; empty when it has none. */
export type Resolved = ReadonlyMap<string, readonly string[]>;

/** A member that was asked, and the id it gave. */
export interface Known {
  member: Member;
  serverId: bigint | undefined;
  /** It told the same configuration, so it is one of its members. */
  kin: boolean;
}

/**
 * Brings those listed and those configured together: by name, by the addresses behind names, and by id. What is left of
 * the listed is not in the configuration, except a name that stands for several of its members.
 */
export function matchMembers(
  listed: readonly Known[],
  config: DynamicConfig,
  resolved: Resolved,
): { matched: Map<bigint, number>; strangers: number[] } {
  const matched = new Map<bigint, number>();
  const taken = new Set<number>();
  for (const same of [sameName, sameAddress(resolved), sameId, sameHostAlone(listed, config)]) {
    for (const line of config.servers) {
      if (matched.has(line.id)) continue;
      const index = listed.findIndex((known, i) => !taken.has(i) && same(known, line));
      if (index < 0) continue;
      matched.set(line.id, index);
      taken.add(index);
    }
  }
  const strangers = listed.flatMap((known, i) => (taken.has(i) || isAlias(known, config, resolved) ? [] : [i]));
  return { matched, strangers };
}

function sameId({ member, serverId }: Known, { id }: ServerLine): boolean {
  return (member.id ?? serverId) === id;
}

function sameName({ member }: Known, line: ServerLine): boolean {
  return targetsOf(line, false).some((one) => member.targets.some((target) => equal(one, target)));
}

function sameAddress(resolved: Resolved): (known: Known, line: ServerLine) => boolean {
  return ({ member }, line) => {
    const theirs = targetsOf(line, false).flatMap((target) => expand(target, resolved));
    const addresses = member.targets.flatMap((target) => expand(target, resolved));
    return addresses.length > 0 && addresses.every((one) => theirs.some((their) => equal(one, their)));
  };
}

/** A secure port is not in the configuration before 3.10: the only member of a host is the one meant. */
function sameHostAlone(listed: readonly Known[], config: DynamicConfig): (known: Known, line: ServerLine) => boolean {
  const hostsOf = (line: ServerLine) => [...targetsOf(line, false), ...line.addresses].map(({ host }) => host);
  return ({ member }, line) => {
    const target = member.targets[0];
    if (target?.tls !== true || !hostsOf(line).includes(target.host)) return false;
    const here = (known: Known) => known.member.targets[0]?.host === target.host;
    return (
      listed.filter(here).length === 1 &&
      config.servers.filter((other) => hostsOf(other).includes(target.host)).length === 1
    );
  };
}

function isAlias({ member, kin, serverId }: Known, config: DynamicConfig, resolved: Resolved): boolean {
  // A server that was removed and still runs follows on, and tells the configuration that is without it.
  if (kin) return serverId === undefined || config.servers.some(({ id }) => id === serverId);
  const addresses = member.targets.flatMap((target) => expand(target, resolved));
  const theirs = config.servers.flatMap((line) => targetsOf(line, false).flatMap((one) => expand(one, resolved)));
  return addresses.length > 1 && addresses.every((one) => theirs.some((their) => equal(one, their)));
}

function expand({ host, port }: HostPort, resolved: Resolved): HostPort[] {
  return (resolved.get(host) ?? []).map((address) => ({ host: address, port }));
}

function equal(a: HostPort, b: HostPort): boolean {
  return a.port === b.port && a.host.toLowerCase() === b.host.toLowerCase();
}

/** A wildcard client address is reached at every address the other members know it by. */
function targetsOf({ addresses, client, secureClient }: ServerLine, tls: boolean): ClientTarget[] {
  const from = tls && secureClient !== undefined ? secureClient : client;
  if (from === undefined) return [];
  const { host, port } = from;
  const hosts = isWildcard(host) ? addresses.map((address) => address.host) : [host ?? ''];
  return [...new Set(hosts)].map((one) => ({ host: one, port, tls: from === secureClient }));
}

function adminOf(
  id: bigint | undefined,
  servers: readonly HostPort[],
  { tls, admin }: { tls: boolean; admin: AdminChoice },
): AdminAddress[] {
  const own = admin.of.get(`${id}`) ?? servers.map((server) => admin.of.get(formatHostPort(server))).find(Boolean);
  const hosts = [...new Set(servers.map(({ host }) => host))];
  if (own !== undefined) return hosts.slice(0, 1).map((host) => ({ url: adminUrl(own, host, id), certain: true }));
  if (admin.off) return [];
  // Before its id is known, one named for any id may be it: whose it is, an AdminServer tells.
  const byId = id === undefined ? [...admin.of].filter(([key]) => /^\d+$/.test(key)).map(([, place]) => place) : [];
  const places = [...byId, admin.everywhere ?? `${DEFAULT_ADMIN_PORT}`];
  const urls = hosts.flatMap((host) =>
    places.flatMap((place) => {
      const url = adminUrl(place, host, id);
      return tls && /^\d+$/.test(place) ? [url, url.replace(/^http:/, 'https:')] : [url];
    }),
  );
  return urls.map((url) => ({ url, certain: false }));
}

function adminUrl(place: string, host: string, id: bigint | undefined): string {
  const name = host.includes(':') ? `[${host}]` : host;
  if (/^\d+$/.test(place)) return `http://${name}:${place}/commands`;
  const url = place.replaceAll('{host}', name).replaceAll('{id}', `${id ?? ''}`);
  return /^https?:\/\/[^/]+\/?$/.test(url) ? `${url.replace(/\/$/, '')}/commands` : url;
}

function badAdmin(value: string): UsageError {
  return new UsageError(`"${value}" says not where an AdminServer is`, {
    code: 'BAD_ADMIN',
    hint: 'Give a port, a URL such as https://{host}:8443/commands, either for one member as 3=9090, or off.',
  });
}
