import { UsageError } from '../protocol/errors.ts';
import { formatServerLine, parseServerValue, type ServerLine } from './server-line.ts';

/** The part of a configuration that reconfig changes: what `/zookeeper/config` and `zoo.cfg.dynamic` hold. */
export interface DynamicConfig {
  servers: readonly ServerLine[];
  /** The zxid of the reconfiguration that made it; a file on disk carries it in its name instead. */
  version?: bigint | undefined;
  /** Hierarchical quorums: group number to member ids. */
  groups: ReadonlyMap<bigint, readonly bigint[]>;
  /** Hierarchical quorums: member id to weight; a member that is not named weighs 1. */
  weights: ReadonlyMap<bigint, bigint>;
}

/** Parses the text of a dynamic configuration; throws `UsageError` with the offending line. */
export function parseDynamicConfig(text: string): DynamicConfig {
  const servers: ServerLine[] = [];
  const groups = new Map<bigint, readonly bigint[]>();
  const weights = new Map<bigint, bigint>();
  let version: bigint | undefined;
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [key, value] = keyAndValue(line);
    const [, kind, number] = /^(server|group|weight)\.(\d+)$/.exec(key) ?? [];
    if (kind === 'server') servers.push(parseServerValue(BigInt(number ?? 0), value));
    else if (kind === 'group')
      groups.set(
        BigInt(number ?? 0),
        value.split(':').map((id) => integer(id, line)),
      );
    else if (kind === 'weight') weights.set(BigInt(number ?? 0), integer(value, line));
    else if (key === 'version') version = hex(value, line);
    else throw bad(line, 'only server, group, weight and version lines belong there');
  }
  const twice = servers.find((server, index) => servers.findIndex(({ id }) => id === server.id) !== index);
  if (twice !== undefined) throw bad(`server.${twice.id}`, 'that id stands there twice');
  return { servers, groups, weights, ...(version === undefined ? {} : { version }) };
}

/** Prints a dynamic configuration one line an entry, members by id, the version (hexadecimal, no 0x) last. */
export function formatDynamicConfig(config: DynamicConfig): string {
  const servers = [...config.servers].sort((a, b) => (a.id < b.id ? -1 : 1)).map(formatServerLine);
  const groups = [...config.groups].map(([group, ids]) => `group.${group}=${ids.join(':')}`);
  const weights = [...config.weights].map(([id, weight]) => `weight.${id}=${weight}`);
  const version = config.version === undefined ? [] : [`version=${config.version.toString(16)}`];
  return `${[...servers, ...groups, ...weights, ...version].join('\n')}\n`;
}

function keyAndValue(line: string): [string, string] {
  // java.util.Properties takes ":" for "=", and never escapes here: ids and hosts hold none of its specials.
  const match = /^([^=:\s]+)\s*[=:]\s*(.*)$/.exec(line);
  if (match === null) throw bad(line, 'it is not KEY=VALUE');
  return [match[1] ?? '', match[2] ?? ''];
}

function integer(text: string, line: string): bigint {
  if (!/^\s*\d+\s*$/.test(text)) throw bad(line, `"${text}" is not a whole number`);
  return BigInt(text.trim());
}

function hex(text: string, line: string): bigint {
  if (!/^[0-9a-f]{1,16}$/i.test(text)) throw bad(line, `"${text}" is not a hexadecimal version`);
  return BigInt(`0x${text}`);
}

function bad(line: string, why: string): UsageError {
  return new UsageError(`bad dynamic configuration line "${line}": ${why}`, { code: 'BAD_DYNAMIC_CONFIG' });
}
