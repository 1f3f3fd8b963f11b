import net from 'node:net';
import { UsageError } from '../protocol/errors.ts';
import { validatePath } from '../protocol/paths.ts';

/** Where a server listens, as the user typed it. */
export interface HostPort {
  /** Name or address, without the brackets of an IPv6 address. */
  host: string;
  port: number;
}

export interface ConnectString {
  hosts: readonly HostPort[];
  /** `''` for none, else an absolute path every path of the session is below. */
  chroot: string;
}

const DEFAULT_CLIENT_PORT = 2181;

/** A password somebody put before an @, as in a URL, is not repeated. */
function shown(text: string): string {
  return JSON.stringify(text.replace(/^(\w+:\/\/)?.*@/s, '$1…@'));
}

function bad(text: string, why: string): UsageError {
  return new UsageError(`bad connection string ${shown(text)}: ${why}`, {
    code: 'BAD_CONNECT_STRING',
    hint: 'It is host:port[,host:port…][/chroot], with [brackets] around an IPv6 address.',
  });
}

function parsePort(text: string, port: string | undefined): number {
  if (port === undefined) return DEFAULT_CLIENT_PORT;
  const number = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  if (number < 1 || number > 65535) throw bad(text, `${shown(port)} is no port`);
  return number;
}

/** Node's pattern takes a millisecond to compile, which a command with `host:port` need not spend. */
function isIPv6(host: string): boolean {
  return host.indexOf(':') !== host.lastIndexOf(':') && net.isIPv6(host);
}

function parseHost(text: string, part: string): HostPort {
  // An IPv6 address without brackets can't carry a port: its last group would be taken for one.
  if (isIPv6(part)) return { host: part, port: DEFAULT_CLIENT_PORT };
  const match = /^(?:\[([^\]]*)\]|([^:[\]]+))(?::(.*))?$/.exec(part);
  if (match === null) throw bad(text, `${shown(part)} is no host:port`);
  const [, bracketed, plain, port] = match;
  if (bracketed !== undefined && !isIPv6(bracketed)) throw bad(text, `[${bracketed}] is no IPv6 address`);
  const host = bracketed ?? plain ?? '';
  if (/[\s@]/.test(host)) throw bad(text, `${shown(host)} is no host`);
  return { host, port: parsePort(text, port) };
}

/**
 * Reads `host1:2181,host2:2181/chroot`.
 *
 * @throws UsageError code `BAD_CONNECT_STRING`
 */
export function parseConnectString(text: string): ConnectString {
  if (text.includes('://')) throw bad(text, 'it is a URL');
  const slash = text.indexOf('/');
  const servers = slash < 0 ? text : text.slice(0, slash);
  const chroot = slash < 0 ? '' : text.slice(slash).replace(/\/$/, '');
  const parts = servers.split(',').map((part) => part.trim());
  if (parts.some((part) => part === '')) {
    throw bad(text, servers.trim() === '' ? 'it names no server' : 'there is an empty place between commas');
  }
  try {
    if (chroot !== '') validatePath(chroot);
  } catch (error) {
    throw bad(text, `its chroot is a ${(error as Error).message}`);
  }
  return { hosts: parts.map((part) => parseHost(text, part)), chroot };
}

/** `host:port`, with brackets where the host is an IPv6 address. */
export function formatHostPort({ host, port }: HostPort): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
