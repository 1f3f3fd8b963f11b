import type { DynamicConfig } from '../ensemble/dynamic-config.ts';
import { isWildcard } from '../ensemble/places.ts';
import { formatServerLine, type ServerLine } from '../ensemble/server-line.ts';
import type { Inventory } from './inventory.ts';

/** Where an inventory and the committed configuration do not agree. */
export interface Drift {
  /** Members of the ensemble that the inventory does not have. */
  missing: readonly bigint[];
  /** Entries of the inventory that are no members. */
  extra: readonly bigint[];
  /** Members whose server lines differ in more than the way they are written. */
  differing: readonly { id: bigint; inventory: string; committed: string }[];
}

/** Compares by ids; nothing is taken to be the same because it looks alike. */
export function driftOf({ members }: Pick<Inventory, 'members'>, config: DynamicConfig): Drift {
  const ids = (list: readonly { id: bigint }[]) => list.map(({ id }) => id).sort((a, b) => (a < b ? -1 : 1));
  const committed = new Map(config.servers.map((server) => [server.id, server]));
  return {
    missing: ids(config.servers.filter(({ id }) => !members.some((member) => member.id === id))),
    extra: ids(members.filter(({ id }) => !committed.has(id))),
    differing: members.flatMap(({ id, line }) => {
      const other = committed.get(id);
      if (other === undefined || plain(line) === plain(other)) return [];
      return [{ id, inventory: formatServerLine(line), committed: formatServerLine(other) }];
    }),
  };
}

export function hasDrift({ missing, extra, differing }: Drift): boolean {
  return missing.length + extra.length + differing.length > 0;
}

/** Names in small letters, and no client host where it is every address: `;2181` is what 0.0.0.0:2181 says. */
function plain(line: ServerLine): string {
  const client = (address: ServerLine['client']) =>
    address === undefined || !isWildcard(address.host) ? address : { port: address.port };
  const addresses = line.addresses.map((address) => ({ ...address, host: address.host.toLowerCase() }));
  addresses.sort((a, b) => (`${a.host}:${a.quorumPort}` < `${b.host}:${b.quorumPort}` ? -1 : 1));
  return formatServerLine({
    ...line,
    addresses,
    client: client(line.client),
    secureClient: client(line.secureClient),
  });
}
