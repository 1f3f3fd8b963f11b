import type { Client } from '../client/client.ts';
import type { CallOptions } from '../client/request.ts';
import { ExitCode, UsageError, ZkshError } from '../protocol/errors.ts';
import { isAtOrBelow, parentOf } from '../protocol/paths.ts';
import { Errno, isServerError, ServerError } from '../protocol/server-errors.ts';
import { formatLimits, formatUsage, parseQuotaRecord, type QuotaNumbers } from './quota-record.ts';
import { walk } from './walk.ts';

/** Where the server looks for quotas (Quotas.java): below it stand the paths that have one. */
const QUOTAS = '/zookeeper/quota';
const LIMITS = 'zookeeper_limits';
const USAGE = 'zookeeper_stats';

/** A quota and what is used of it. */
export interface Quota {
  path: string;
  /** The znode that holds the limits. */
  limitsPath: string;
  limits: QuotaNumbers;
  usage: QuotaNumbers;
}

/** @throws ZkshError `NO_QUOTA` where the path has none */
export async function readQuota(client: Client, path: string, options: CallOptions = {}): Promise<Quota> {
  const home = quotaHome(client, path);
  try {
    const [limits, usage] = await Promise.all([
      client.getData(`${home}/${LIMITS}`, options),
      client.getData(`${home}/${USAGE}`, options),
    ]);
    return {
      path,
      limitsPath: `${home}/${LIMITS}`,
      limits: parseQuotaRecord(limits.data?.toString() ?? ''),
      usage: parseQuotaRecord(usage.data?.toString() ?? ''),
    };
  } catch (error) {
    throw isServerError(error, Errno.noNode) ? noQuota(path, error) : error;
  }
}

/**
 * Sets limits; those not named stay as they are. The server counts from then on, and keeps to hard limits where it runs
 * with enforceQuota=true.
 *
 * @throws ServerError `NO_NODE`; ZkshError `QUOTA_NESTED` where a path above or below has a quota
 */
export async function setQuota(
  client: Client,
  path: string,
  limits: QuotaNumbers,
  options: CallOptions = {},
): Promise<Quota> {
  const home = quotaHome(client, path);
  if ((await client.exists(path, options)) === undefined) throw new ServerError(Errno.noNode, 'setquota', path);
  await refuseNested(client, path, options);
  const merged = await changeLimits(client, home, limits, options);
  if (!merged) await createQuota(client, home, limits, options);
  return readQuota(client, path, options);
}

/**
 * Takes limits away: those named, or the whole quota.
 *
 * @throws ZkshError `NO_QUOTA`
 */
export async function deleteQuota(
  client: Client,
  path: string,
  which: readonly (keyof QuotaNumbers)[],
  options: CallOptions = {},
): Promise<void> {
  const home = quotaHome(client, path);
  if (which.length > 0) {
    const cleared = Object.fromEntries(which.map((name) => [name, undefined]));
    if (!(await changeLimits(client, home, cleared, options))) throw noQuota(path);
    return;
  }
  const { children } = await client.getChildren(home, options).catch((error) => {
    throw isServerError(error, Errno.noNode) ? noQuota(path, error) : error;
  });
  const own = children.filter((name) => name === LIMITS || name === USAGE);
  if (!own.includes(LIMITS)) throw noQuota(path);
  await client.multi(
    own.map((name) => ({ type: 'delete', path: `${home}/${name}` })),
    options,
  );
  await trim(client, home, options);
}

/** @returns false where there is no quota yet */
async function changeLimits(
  client: Client,
  home: string,
  limits: QuotaNumbers,
  options: CallOptions,
): Promise<boolean> {
  try {
    const { data, stat } = await client.getData(`${home}/${LIMITS}`, options);
    const merged = { ...parseQuotaRecord(data?.toString() ?? ''), ...limits };
    await client.setData(`${home}/${LIMITS}`, formatLimits(merged), { ...options, version: stat.version });
    return true;
  } catch (error) {
    if (isServerError(error, Errno.noNode)) return false;
    throw error;
  }
}

async function createQuota(client: Client, home: string, limits: QuotaNumbers, options: CallOptions): Promise<void> {
  const missing: string[] = [];
  for (let at = home; (await client.exists(at, options)) === undefined; at = parentOf(at)) missing.unshift(at);
  // The server counts what is there when the usage znode is created, and needs the limits before it.
  await client.multi(
    [
      ...missing.map((path) => ({ type: 'create' as const, path })),
      { type: 'create', path: `${home}/${LIMITS}`, data: formatLimits(limits) },
      { type: 'create', path: `${home}/${USAGE}`, data: formatUsage({ count: 0n, bytes: 0n }) },
    ],
    options,
  );
}

/** The server knows one quota a branch. */
async function refuseNested(client: Client, path: string, options: CallOptions): Promise<void> {
  for (let at = parentOf(path); at !== '/'; at = parentOf(at)) {
    if ((await client.exists(`${QUOTAS}${at}/${LIMITS}`, options)) !== undefined) throw nested(path, at);
  }
  const home = QUOTAS + path;
  try {
    for await (const { path: found } of walk(client, home, { signal: options.signal })) {
      if (found.endsWith(`/${LIMITS}`) && parentOf(found) !== home) {
        throw nested(path, parentOf(found).slice(QUOTAS.length));
      }
    }
  } catch (error) {
    if (!isServerError(error, Errno.noNode)) throw error;
  }
}

/** Deletes what is empty from `home` up. */
async function trim(client: Client, home: string, options: CallOptions): Promise<void> {
  try {
    for (let at = home; at !== QUOTAS; at = parentOf(at)) await client.delete(at, options);
  } catch (error) {
    if (!isServerError(error, Errno.notEmpty) && !isServerError(error, Errno.noNode)) throw error;
  }
}

/** zkCli writes `CHROOT/zookeeper/quota` from inside a chroot, where no server looks. */
function quotaHome(client: Client, path: string): string {
  if (client.chroot !== '') {
    throw new UsageError(`quotas are kept in ${QUOTAS}, which is outside the chroot ${client.chroot}`, {
      code: 'BAD_PATH',
      hint: `Connect without the chroot and name ${path === '/' ? client.chroot : client.chroot + path}.`,
    });
  }
  if (path === '/' || isAtOrBelow(path, QUOTAS)) {
    throw new UsageError(`${path} can have no quota`, { code: 'BAD_PATH', hint: `Not / and not below ${QUOTAS}.` });
  }
  return QUOTAS + path;
}

function noQuota(path: string, cause?: unknown): ZkshError {
  return new ZkshError(`quota for ${JSON.stringify(path)} does not exist`, {
    code: 'NO_QUOTA',
    exitCode: ExitCode.notFound,
    hint: 'Set one with setquota.',
    cause,
  });
}

function nested(path: string, other: string): ZkshError {
  return new ZkshError(`${JSON.stringify(path)} can have no quota: ${JSON.stringify(other)} has one`, {
    code: 'QUOTA_NESTED',
    exitCode: ExitCode.conflict,
    hint: `The server counts one quota a branch: delquota ${other} first.`,
  });
}
