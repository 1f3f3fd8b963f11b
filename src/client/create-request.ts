import { type Acl, OPEN_ACL } from '../protocol/acl.ts';
import { type CreateMode, createModes, MAX_TTL } from '../protocol/create-mode.ts';
import { UsageError } from '../protocol/errors.ts';
import { operations } from '../protocol/operations.ts';

/** How a znode is to be created. */
export interface CreateSpec {
  data: Uint8Array | null;
  mode?: CreateMode | undefined;
  acl?: readonly Acl[] | undefined;
  /** Milliseconds, for the modes with a time to live. */
  ttl?: number | bigint | undefined;
  /** Ask for the new znode's Stat too (servers from 3.5). */
  stat?: boolean | undefined;
}

function checkTtl(mode: CreateMode, ttl: number | bigint | undefined): bigint | undefined {
  if (!createModes[mode].ttl) {
    if (ttl !== undefined) {
      throw new UsageError(`a time to live does not go with mode ${mode}`, { hint: 'Use a mode ending in _with_ttl.' });
    }
    return undefined;
  }
  const hint = `It is 1 to ${MAX_TTL} milliseconds.`;
  if (ttl === undefined) throw new UsageError(`mode ${mode} needs a time to live`, { hint });
  if (typeof ttl === 'number' && !Number.isInteger(ttl)) throw new UsageError(`bad time to live ${ttl}`, { hint });
  const value = BigInt(ttl);
  if (value < 1n || value > MAX_TTL) throw new UsageError(`bad time to live ${value}`, { hint });
  return value;
}

function entriesOf(acl: readonly Acl[]) {
  return acl.map(({ perms, scheme, id }) => ({ perms, id: { scheme, id } }));
}

/** The usual ACL, put into its form once: an import creates 100,000 znodes with it. */
const OPEN = entriesOf(OPEN_ACL);

/** Which of the four create operations does it, and with what record. Containers and TTL nodes have their own. */
export function createRequest(path: string, spec: CreateSpec) {
  const mode = spec.mode ?? 'persistent';
  const ttl = checkTtl(mode, spec.ttl);
  const acl = spec.acl === undefined ? OPEN : entriesOf(spec.acl);
  const record = { path, data: spec.data, acl, flags: createModes[mode].flags };
  if (ttl !== undefined)
    return { name: 'createTTL', operation: operations.createTTL, record: { ...record, ttl } } as const;
  if (mode === 'container') return { name: 'createContainer', operation: operations.createContainer, record } as const;
  // create is as old as ZooKeeper; create2 only adds the Stat, and a 3.4 server drops the connection over it.
  if (spec.stat) return { name: 'create2', operation: operations.create2, record } as const;
  return { name: 'create', operation: operations.create, record } as const;
}
