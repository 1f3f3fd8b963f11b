import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '../../client/client.ts';
import { ExitCode, ZkshError } from '../../protocol/errors.ts';
import { hex64 } from '../../protocol/zxid.ts';
import { reasonOf } from '../missing.ts';
import type { EnsembleObservation } from '../observe.ts';
import type { Asking } from '../observe-member.ts';
import { connectToMembers } from './member-client.ts';
import type { MemberSource } from './places.ts';
import { nameOf } from './places.ts';
import { askTracked } from './tracked.ts';

/** What shows that a session is gone. */
export interface KillProof {
  /** Who lists all sessions, and this one no more; undefined where nobody tells. */
  readonly unlisted: MemberSource | undefined;
  /** Its ephemerals that were looked for and are not there, or are another's. */
  readonly gone: number;
}

/** Requests under way at once. */
const AT_ONCE = 100;
const PAUSE = 100;

/**
 * Looks whether anything is left of a session: in the list of whoever tells of all sessions, and of its ephemerals.
 *
 * @throws ZkshError `STILL_THERE`; `NOT_PROVEN` when nobody could be asked
 */
export async function proveKilled(
  id: bigint,
  ephemerals: readonly string[],
  observation: EnsembleObservation,
  asking: Asking,
): Promise<KillProof> {
  try {
    const left = await ephemeralsLeft(id, ephemerals, observation, asking);
    if (left.length > 0) throw stillThere(id, `${left.length} of its ephemerals are there, ${left[0]} for one`);
    return { unlisted: await unlistedBy(id, observation, asking), gone: ephemerals.length };
  } catch (error) {
    throw error instanceof ZkshError && error.code === 'STILL_THERE' ? error : notProven(id, error);
  }
}

/** Who lists all sessions, once this one is not among them: others may be behind the member that ended it. */
async function unlistedBy(
  id: bigint,
  { members }: EnsembleObservation,
  asking: Asking,
): Promise<MemberSource | undefined> {
  const started = performance.now();
  for (;;) {
    const { tracked } = await askTracked(members, asking);
    const { sessions } = tracked?.value ?? {};
    if (tracked === undefined || sessions === undefined) return undefined;
    const { host } = nameOf(tracked.member);
    if (!sessions.has(id)) return { member: nameOf(tracked.member), source: tracked.source };
    if (performance.now() - started > asking.limit) throw stillThere(id, `${host} lists it (${tracked.source})`);
    await sleep(PAUSE, undefined, { signal: asking.signal });
  }
}

async function ephemeralsLeft(
  id: bigint,
  paths: readonly string[],
  { members }: EnsembleObservation,
  asking: Asking,
): Promise<string[]> {
  if (paths.length === 0) return [];
  const client = await connectToMembers(members, asking);
  try {
    await client.sync('/', { signal: asking.signal });
    const left: string[] = [];
    for (let at = 0; at < paths.length; at += AT_ONCE) {
      const some = paths.slice(at, at + AT_ONCE);
      const owned = await Promise.all(some.map((path) => isOwned(client, path, id, asking)));
      left.push(...some.filter((_, i) => owned[i]));
    }
    return left;
  } finally {
    await client.close({ timeout: Math.min(asking.limit, 1000) }).catch(() => undefined);
  }
}

async function isOwned(client: Client, path: string, id: bigint, { signal }: Asking): Promise<boolean> {
  const stat = await client.exists(path, { signal });
  return stat !== undefined && BigInt.asIntN(64, stat.ephemeralOwner) === id;
}

function stillThere(id: bigint, what: string): ZkshError {
  return new ZkshError(`session ${hex64(id)} was closed, yet ${what}`, {
    code: 'STILL_THERE',
    exitCode: ExitCode.failure,
    hint: `Look again with sessions show ${hex64(id)}; a member may lag behind.`,
  });
}

function notProven(id: bigint, cause: unknown): ZkshError {
  return new ZkshError(
    `session ${hex64(id)} was ended, yet what is left of it could not be looked at: ${reasonOf(cause)}`,
    {
      code: 'NOT_PROVEN',
      exitCode: ExitCode.failure,
      hint: `Look with sessions show ${hex64(id)}: it should not be there.`,
      cause,
    },
  );
}
