import type { Client } from '../client/client.ts';
import type { CallOptions } from '../client/request.ts';
import type { Stat } from '../protocol/records.ts';
import { Errno, isServerError, ServerError } from '../protocol/server-errors.ts';
import { create } from './create.ts';

export interface TouchOptions extends CallOptions {
  /** Create the znode where it is missing. */
  create: boolean;
  /** And its missing parents. */
  parents: boolean;
}

/** A znode that comes and goes faster than this many looks is not ours to hold. */
const ATTEMPTS = 5;

/**
 * Sets a znode's data to what it is, so that mtime and version change, or creates it without data. The write is guarded
 * by the version read: data that somebody else writes meanwhile is never undone.
 *
 * @throws ServerError `NO_NODE` where it is missing and may not be created, `NO_AUTH`
 */
export async function touch(
  client: Client,
  path: string,
  options: TouchOptions,
): Promise<{ created: boolean; stat: Stat }> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const stat = await rewrite(client, path, options);
    if (stat !== undefined) return { created: false, stat };
    if (!options.create) break;
    if (await createEmpty(client, path, options)) {
      const made = await client.exists(path, { signal: options.signal });
      if (made !== undefined) return { created: true, stat: made };
    }
  }
  throw new ServerError(Errno.noNode, 'touch', path);
}

/** @returns the new Stat; undefined where there is no znode */
async function rewrite(client: Client, path: string, { signal }: CallOptions): Promise<Stat | undefined> {
  try {
    const { data, stat } = await client.getData(path, { signal });
    return await client.setData(path, data, { version: stat.version, signal });
  } catch (error) {
    if (isServerError(error, Errno.noNode)) return undefined;
    // Somebody wrote between our reading and writing: mtime is as new as we wanted it.
    if (isServerError(error, Errno.badVersion)) return client.exists(path, { signal });
    throw error;
  }
}

/** @returns false where somebody else has just created it */
async function createEmpty(client: Client, path: string, { parents, signal }: TouchOptions): Promise<boolean> {
  try {
    await create(client, path, null, { parents, signal });
    return true;
  } catch (error) {
    const failed = error instanceof Error && !(error instanceof ServerError) ? (error.cause ?? error) : error;
    if (isServerError(failed, Errno.nodeExists)) return false;
    throw error;
  }
}
