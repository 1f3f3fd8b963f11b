import type { Client } from '../client/client.ts';
import type { CreateOptions } from '../client/options.ts';
import { TransactionError, type TransactionOp } from '../client/transaction.ts';
import { MAX_TTL } from '../protocol/create-mode.ts';
import { UsageError } from '../protocol/errors.ts';
import { parentOf } from '../protocol/paths.ts';
import { Errno } from '../protocol/server-errors.ts';

/** How to create, and whether missing parents are created too. */
export interface CreateWithParents extends CreateOptions {
  parents?: boolean | undefined;
}

/** What was created: the znode, and above it the parents that were missing, top first. */
export interface Created {
  path: string;
  parents: readonly string[];
}

/** Others may create or delete the same parents meanwhile; so often and the paths are fought over. */
const ATTEMPTS = 5;

/** The milliseconds of `-t`. @throws UsageError code `BAD_TTL` */
export function parseTtl(text: string): bigint {
  const value = /^\d+$/.test(text) ? BigInt(text) : 0n;
  if (value < 1n || value > MAX_TTL) {
    throw new UsageError(`"${text}" is no time to live`, {
      code: 'BAD_TTL',
      hint: `It is a whole number of milliseconds, 1 to ${MAX_TTL}.`,
    });
  }
  return value;
}

/**
 * Creates a znode, with `parents` also those above it that are missing: persistent, without data, with the same ACL,
 * in one transaction, so that a failure leaves nothing behind.
 *
 * @throws ServerError or TransactionError `NODE_EXISTS`, `NO_NODE`, `NO_AUTH`, `INVALID_ACL`, …
 */
export async function create(
  client: Client,
  path: string,
  data: Uint8Array | null,
  options: CreateWithParents = {},
): Promise<Created> {
  if (options.parents) return createWithParents(client, path, data, options);
  return { path: (await client.create(path, data, options)).path, parents: [] };
}

async function createWithParents(
  client: Client,
  path: string,
  data: Uint8Array | null,
  options: CreateWithParents,
): Promise<Created> {
  const { mode, acl, ttl, signal } = options;
  const node: TransactionOp = { type: 'create', path, data, mode, acl, ttl };
  for (let attempt = 1; ; attempt++) {
    const parents = await missingParents(client, path, signal);
    if (parents.length === 0 && attempt === 1)
      return { path: (await client.create(path, data, options)).path, parents };
    const above = parents.map((parent): TransactionOp => ({ type: 'create', path: parent, acl }));
    try {
      const results = await client.multi([...above, node], { signal });
      return { path: results.at(-1)?.path ?? path, parents };
    } catch (error) {
      if (attempt === ATTEMPTS || !parentsChanged(error, parents.length)) throw error;
    }
  }
}

async function missingParents(client: Client, path: string, signal: AbortSignal | undefined): Promise<string[]> {
  const missing: string[] = [];
  // The root of a chroot may itself be missing, but it can't be created from inside it.
  for (let at = parentOf(path); at !== '/'; at = parentOf(at)) {
    if ((await client.exists(at, { signal })) !== undefined) break;
    missing.unshift(at);
  }
  return missing;
}

/** A parent came into being, or went, between looking and creating. */
function parentsChanged(error: unknown, parents: number): boolean {
  if (!(error instanceof TransactionError)) return false;
  const code = error.errors[error.index]?.errno;
  return code === Errno.noNode || (code === Errno.nodeExists && error.index < parents);
}
