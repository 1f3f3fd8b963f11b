import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

/** Where a client's connection comes from. */
export interface ClientAddress {
  /** An IP address (IPv6 in its short form, its zone kept), or a name where the server tells nothing else. */
  readonly host: string;
  /** 0 where it is not told. */
  readonly port: number;
}

const MAX_PORT = 65_535;

/**
 * Reads an address as servers print it: `/10.0.0.7:4711`, `name/10.0.0.7:4711`, `/[0:0:0:0:0:0:0:1%lo]:4711` (Java 14 on),
 * `/0:0:0:0:0:0:0:1:4711` (before), and Jackson's `10.0.0.7:4711` or `name:4711`. Undefined for what is none, as the
 * `null` of a connection just closed.
 */
export function parseClientAddress(text: string): ClientAddress | undefined {
  const [, typed = '', digits = ''] = /^\s*(.+):(\d{1,5})\s*$/.exec(text) ?? [];
  const port = Number(digits);
  if (digits === '' || port > MAX_PORT) return undefined;
  const slash = typed.lastIndexOf('/');
  const address = typed.slice(slash + 1);
  const host = address === '' || address === '<unresolved>' ? typed.slice(0, Math.max(0, slash)) : address;
  return host === '' ? undefined : { host: canonicalHost(host), port };
}

/** `host:port`, with brackets around IPv6. */
export function formatClientAddress({ host, port }: ClientAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Whose sessions are wanted: a host's, or one connection's. */
export interface ClientChoice {
  /** In the same form as {@link ClientAddress.host}; a name stands with the addresses it has. */
  readonly hosts: ReadonlySet<string>;
  readonly port: number | undefined;
}

/** Reads what a person asks for: an address or a name, with or without a port. A name is looked up too. */
export async function chooseClient(text: string): Promise<ClientChoice> {
  const bare = isIP(withoutZone(text.replace(/^\[(.*)\]$/, '$1'))) !== 0;
  const found = bare ? undefined : parseClientAddress(text);
  const host = canonicalHost(found?.host ?? text);
  const known = isIP(withoutZone(host)) !== 0 ? [] : await lookup(host, { all: true }).catch(() => []);
  return { hosts: new Set([host, ...known.map(({ address }) => canonicalHost(address))]), port: found?.port };
}

/** True when the address is one of those asked for; without a zone asked for, that of the address does not count. */
export function isChosen({ host, port }: ClientAddress, { hosts, port: wanted }: ClientChoice): boolean {
  return (wanted === undefined || wanted === port) && (hosts.has(host) || hosts.has(withoutZone(host)));
}

function canonicalHost(typed: string): string {
  const host = typed.replace(/^\[(.*)\]$/, '$1').toLowerCase();
  const zone = host.indexOf('%');
  const plain = withoutZone(host);
  if (isIP(plain) !== 6) return host;
  // The URL parser writes IPv6 addresses in their one short form.
  const short = new URL(`http://[${plain}]`).hostname.slice(1, -1);
  return zone < 0 ? short : short + host.slice(zone);
}

function withoutZone(host: string): string {
  return host.replace(/%.*$/, '');
}
