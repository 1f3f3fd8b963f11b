import { UsageError } from '../protocol/errors.ts';

/** Where a server can be reached by the other servers; several when it has several networks (3.6, `|`). */
interface QuorumAddress {
  /** A name, an IPv4 or an IPv6 address, without brackets. */
  host: string;
  quorumPort: number;
  electionPort: number;
}

/** Where a server takes clients; no host means every address (the server prints 0.0.0.0). */
interface ClientAddress {
  host?: string | undefined;
  port: number;
}

/** One member of an ensemble as a `server.N=…` line declares it. */
export interface ServerLine {
  id: bigint;
  addresses: readonly QuorumAddress[];
  role: 'participant' | 'observer';
  client?: ClientAddress | undefined;
  /** Part of the line since 3.10 only; older servers keep it in zoo.cfg. */
  secureClient?: ClientAddress | undefined;
}

const FORM = 'server.ID=HOST:PORT:PORT[:participant|:observer][|HOST:PORT:PORT…][;[HOST:]PORT][;[HOST:]SECUREPORT]';

/** Parses `server.N=…`; throws `UsageError` (code `BAD_SERVER_LINE`) that names what is wrong. */
export function parseServerLine(line: string): ServerLine {
  const match = /^\s*server\.(\d+)\s*[=:]\s*(.*?)\s*$/.exec(line);
  if (match === null) throw bad(line, `it is not of the form ${FORM}`);
  return parseServerValue(BigInt(match[1] ?? 0), match[2] ?? '');
}

/** Parses the line of that server, with or without `server.N=` before it. @throws UsageError `BAD_SERVER_LINE` */
export function parseServerLineOf(id: bigint, text: string): ServerLine {
  if (!/^\s*server\./.test(text)) return parseServerValue(id, text);
  const line = parseServerLine(text);
  if (line.id === id) return line;
  throw bad(text, `it is of server ${line.id}, and the id is ${id}`);
}

/** Parses what stands right of `server.N=`. */
export function parseServerValue(id: bigint, value: string): ServerLine {
  const [servers = '', client, secureClient, ...rest] = value.split(';');
  if (rest.length > 0) throw bad(value, 'there are more than two client addresses');
  const parsed = servers.split('|').map((part) => parseQuorumPart(part, value));
  const roles = new Set(parsed.flatMap(({ role }) => (role === undefined ? [] : [role])));
  if (roles.size > 1) throw bad(value, 'its addresses have different roles');
  return {
    id,
    addresses: parsed.map(({ address }) => address),
    role: [...roles][0] ?? 'participant',
    ...optional('client', parseClientPart(client, value)),
    ...optional('secureClient', parseClientPart(secureClient, value)),
  };
}

/** Prints the line as the server itself does in `/zookeeper/config`: the role always, a client's host always. */
export function formatServerLine(server: ServerLine): string {
  const addresses = server.addresses.map((a) => `${bracket(a.host)}:${a.quorumPort}:${a.electionPort}`).join('|');
  const client = server.client === undefined ? '' : formatClient(server.client);
  const secure = server.secureClient === undefined ? '' : `;${formatClient(server.secureClient)}`;
  const tail = client === '' && secure === '' ? '' : `;${client}${secure}`;
  return `server.${server.id}=${addresses}:${server.role}${tail}`;
}

function parseQuorumPart(
  text: string,
  whole: string,
): { address: QuorumAddress; role: ServerLine['role'] | undefined } {
  const [host = '', quorum, election, role, ...rest] = splitHost(text.trim(), whole);
  if (host === '' || quorum === undefined || election === undefined || rest.length > 0) {
    throw bad(whole, `"${text}" is not HOST:PORT:PORT or HOST:PORT:PORT:ROLE`);
  }
  const address = { host, quorumPort: port(quorum, whole), electionPort: port(election, whole) };
  if (address.quorumPort === address.electionPort) throw bad(whole, 'its quorum and election port are the same');
  return { address, role: role === undefined ? undefined : parseRole(role, whole) };
}

function parseClientPart(text: string | undefined, whole: string): ClientAddress | undefined {
  const trimmed = text?.trim() ?? '';
  if (trimmed === '') return undefined;
  const parts = splitHost(trimmed, whole);
  if (parts.length > 2) throw bad(whole, `"${trimmed}" is not PORT or HOST:PORT`);
  const [first = '', second] = parts;
  return second === undefined ? { port: port(first, whole) } : { host: first, port: port(second, whole) };
}

/** Splits at colons, but keeps a bracketed IPv6 address whole (ConfigUtils.getHostAndPort). */
function splitHost(text: string, whole: string): string[] {
  if (!text.startsWith('[')) return text.split(':').map((part) => part.trim());
  const end = text.indexOf(']');
  if (end < 0 || (end + 1 < text.length && text[end + 1] !== ':'))
    throw bad(whole, `"${text}" has an unclosed bracket`);
  const rest = text.slice(end + 2);
  return [text.slice(1, end), ...(rest === '' ? [] : rest.split(':').map((part) => part.trim()))];
}

function parseRole(text: string, whole: string): ServerLine['role'] {
  const role = text.toLowerCase();
  if (role === 'participant' || role === 'observer') return role;
  throw bad(whole, `"${text}" is neither participant nor observer`);
}

function port(text: string, whole: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > 65535) throw bad(whole, `"${text}" is not a port`);
  return value;
}

function formatClient(address: ClientAddress): string {
  return `${bracket(address.host ?? '0.0.0.0')}:${address.port}`;
}

function bracket(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}

function bad(line: string, why: string): UsageError {
  return new UsageError(`bad server line "${line}": ${why}`, {
    code: 'BAD_SERVER_LINE',
    hint: `A server line is ${FORM}`,
  });
}
