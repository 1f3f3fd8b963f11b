import { membershipOf, readConfigFile } from '../../../config/member.ts';
import {
  entriesOf,
  type PropertiesFile,
  parseProperties,
  printProperties,
  removeProperty,
  setProperty,
} from '../../../config/properties-file.ts';
import { type DynamicConfig, parseDynamicConfig } from '../../../ensemble/dynamic-config.ts';
import { formatServerLine, parseServerValue, type ServerLine } from '../../../ensemble/server-line.ts';

/** How server lines are written in a file: as those that stand there. */
interface LineStyle {
  /** `:participant` is said. */
  roles: boolean;
  /** `;2181` is said; 3.4 knows none. */
  clients: boolean;
}

/** The membership that the text of a file holds: zoo.cfg, or the file that dynamicConfigFile names. @throws UsageError */
export function listIn(text: string): DynamicConfig {
  const lines = membershipOf({ file: readConfigFile('', text) }).map(({ key, value }) => `${key}=${value}`);
  return parseDynamicConfig(lines.join('\n'));
}

/**
 * The text with that membership: lines of servers that it has otherwise are changed, those of others taken out, new ones
 * put behind the last; every other byte stays. A peerType that stands there follows what the list says of the member.
 *
 * @param own the member whose file it is; how it names itself stays
 */
export function withList(text: string, list: DynamicConfig, own: bigint): string {
  const file = parseProperties(text);
  const style = styleOf(file);
  const there = new Map(listIn(text).servers.map((line) => [line.id, line]));
  const gone = [...there.keys()].filter((id) => !list.servers.some((line) => line.id === id));
  const kept = gone.reduce((pieces, id) => removeProperty(pieces, `server.${id}`), file);
  const edited = list.servers.reduce((pieces, line) => {
    const now = there.get(line.id);
    return now !== undefined && sameLine(now, line, line.id === own) ? pieces : withLine(pieces, line, style);
  }, kept);
  return printProperties(withPeerType(edited, list.servers.find(({ id }) => id === own)?.role));
}

/** The text in which a member itself has other addresses: by its line, and by clientPort where lines do not say it. */
export function movedTo(text: string, line: ServerLine): string {
  const file = parseProperties(text);
  const style = styleOf(file);
  const own = listIn(text).servers.find(({ id }) => id === line.id);
  const kept = own?.addresses.map(({ host }) => host).filter((host) => ANYWHERE.test(host)) ?? [];
  const addresses = line.addresses.map((one, i) => ({ ...one, host: kept[i] ?? one.host }));
  const moved = withLine(file, { ...line, addresses }, style);
  const { client } = line;
  if (style.clients || client === undefined) return printProperties(moved);
  const port = setProperty(moved, 'clientPort', `${client.port}`);
  const bound = entriesOf(port).some(({ key }) => key.trim() === 'clientPortAddress');
  return printProperties(
    bound && client.host !== undefined ? setProperty(port, 'clientPortAddress', client.host) : port,
  );
}

/** Whether the lines of a file say where clients go: else each zoo.cfg says its own. */
export function saysClients(text: string): boolean {
  return styleOf(parseProperties(text)).clients;
}

const ANYWHERE = /^(?:0\.0\.0\.0|[0:]+)$/;

/** A server may know itself by a name of its own (0.0.0.0), and a client port need not stand in the line. */
export function sameLine(a: ServerLine, b: ServerLine, own: boolean): boolean {
  const shape = (line: ServerLine): string => {
    const addresses = own ? line.addresses.map((one) => ({ ...one, host: '*' })) : line.addresses;
    return formatServerLine({ ...line, addresses, client: undefined, secureClient: undefined });
  };
  return shape(a) === shape(b);
}

function styleOf(file: PropertiesFile): LineStyle {
  const values = entriesOf(file).flatMap(({ key, value }) => (/^\s*server\.\d+\s*$/.test(key) ? [value] : []));
  return {
    roles: values.some((value) => /:participant\b/i.test(value)),
    clients: values.some((value) => value.includes(';')),
  };
}

function withLine(file: PropertiesFile, line: ServerLine, style: LineStyle): PropertiesFile {
  const key = `server.${line.id}`;
  const fresh = !file.some((piece) => piece.kind === 'entry' && piece.key === key);
  const set = setProperty(file, key, valueWritten(line, style));
  if (!fresh) return set;
  const last = set.findLastIndex(
    (piece, i) => i < set.length - 1 && piece.kind === 'entry' && /^server\./.test(piece.key),
  );
  const added = set.at(-1);
  // Behind the last of its kind, unless that ends the file anyway.
  if (added === undefined || last < 0 || last === set.length - 2 || !/[\r\n]$/.test(added.raw)) return set;
  return [...set.slice(0, last + 1), added, ...set.slice(last + 1, -1)];
}

function valueWritten(line: ServerLine, { roles, clients }: LineStyle): string {
  const whole = formatServerLine(clients ? line : { ...line, client: undefined, secureClient: undefined });
  const value = whole.slice(whole.indexOf('=') + 1);
  const plain = roles ? value : value.replace(':participant', '');
  // What is written must be read as what was meant.
  parseServerValue(line.id, plain);
  return plain;
}

function withPeerType(file: PropertiesFile, role: ServerLine['role'] | undefined): PropertiesFile {
  const entry = entriesOf(file).findLast(({ key }) => key.trim() === 'peerType');
  if (entry === undefined || role === undefined || entry.value.trim().toLowerCase() === role) return file;
  return setProperty(file, entry.key, role);
}
