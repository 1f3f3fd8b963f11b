import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { parentOf } from '../protocol/paths.ts';
import { Errno, ServerError } from '../protocol/server-errors.ts';
import { type Carried, differences, differs, kindOfCopy, readWhole } from './copy-compare.ts';
import { type CopyEnd, checkEnds, placeOf } from './copy-ends.ts';
import { kindOf } from './node-kind.ts';
import { paired } from './paired.ts';
import { Failures, PartialError } from './partial-error.ts';
import { atRoot, treeNodes } from './tree-nodes.ts';

export interface CopyOptions extends Carried {
  readonly signal?: AbortSignal | undefined;
  /** Copy what is below too. */
  readonly recursive: boolean;
  /**
   * What to do where something is at the target already that is no earlier, unfinished run of the same copy: `refuse`;
   * `merge` = add what is missing and leave what differs; `overwrite` = replace data and ACLs that differ.
   */
  readonly existing: 'refuse' | 'merge' | 'overwrite';
  /** Create missing parents of the target. */
  readonly parents: boolean;
  /** Writes in one transaction; 1000 by default. */
  readonly batchSize?: number | undefined;
  /** Told how many znodes have been dealt with by now. */
  readonly progress?: ((done: number) => void) | undefined;
}

/** What a copy would do, as things were when they were looked at. */
export interface CopyPlan {
  readonly source: CopyEnd;
  readonly target: CopyEnd;
  /** Something is at the target already. */
  readonly targetExists: boolean;
  /** Znodes that a whole copy has. */
  readonly znodes: number;
  /** Of data in those that are to be written. */
  readonly bytes: number;
  /** Of the znodes: there already, with the same content. */
  readonly already: number;
  /** Of the znodes: there already, with other content. */
  readonly differing: number;
  /** At the target, and not at the source. */
  readonly extra: number;
  /** At the source, and to be left out unless `ephemerals` says otherwise. */
  readonly ephemerals: readonly { path: string; owner: bigint }[];
  /** Znodes whose names end as the server numbers sequential ones. */
  readonly numbered: number;
}

type Count = { -readonly [K in keyof Omit<CopyPlan, 'source' | 'target' | 'targetExists'>]: CopyPlan[K] };

const RECURSIVE_HINT = 'Give -r to copy all that is below it too.';
const EPHEMERAL_HINT = 'An ephemeral belongs to its session; cp --ephemerals persistent makes a copy that does not.';

/**
 * Looks at both ends of a copy; nothing is written.
 *
 * @throws ServerError `NO_NODE`, `NOT_EMPTY`, `NO_AUTH`; ZkshError `SYSTEM_NODE`, `OVERLAP`, `EPHEMERAL`, `ACL_HIDDEN`;
 *   PartialError `DIFFERS` where the target is in use for something else
 */
export async function planCopy(source: CopyEnd, target: CopyEnd, options: CopyOptions): Promise<CopyPlan> {
  const { signal, recursive } = options;
  await checkEnds(source, target, signal);
  const stat = await source.client.exists(source.path, { signal });
  if (stat === undefined) throw new ServerError(Errno.noNode, 'copy', source.path);
  if (stat.numChildren > 0 && !recursive) throw new ServerError(Errno.notEmpty, 'copy', source.path, RECURSIVE_HINT);
  if (kindOfCopy(kindOf(stat), options) === undefined) throw ephemeralRoot(source.path);
  const targetExists = (await target.client.exists(target.path, { signal })) !== undefined;
  if (!targetExists && !options.parents) await checkParent(target, signal);
  const count = targetExists ? await compare(source, target, options) : await measure(source, target, options);
  return { source, target, targetExists, ...count };
}

/** The plan where nothing is at the target yet: no data has to be read for it. */
async function measure(source: CopyEnd, target: CopyEnd, options: CopyOptions): Promise<Count> {
  const { signal } = options;
  const tally = new Tally(source, options);
  for await (const batch of treeNodes(source.client, source.path, { signal, acl: false, data: false })) {
    for (const node of batch) {
      const { stat, kind } = readWhole(node, atRoot(source.path, node.path));
      placeOf(target, node.path);
      if (tally.takes(node.path, kind)) tally.count.bytes += stat.dataLength;
    }
    options.progress?.(tally.count.znodes);
  }
  return tally.count;
}

/** @throws PartialError `DIFFERS` where the options say that what is at the target is not to be touched */
async function compare(source: CopyEnd, target: CopyEnd, options: CopyOptions): Promise<Count> {
  const tally = new Tally(source, options);
  const { count } = tally;
  const conflicts = new Failures();
  for await (const { left, right } of pairsOf(source, target, options)) {
    const place = placeOf(target, (left ?? right)?.path ?? '/');
    if (left === undefined) {
      count.extra += 1;
      continue;
    }
    const node = readWhole(left, atRoot(source.path, left.path));
    if (!tally.takes(left.path, node.kind)) continue;
    const found = right === undefined ? undefined : differences(node, readWhole(right, place), options);
    if (found?.length === 0) {
      count.already += 1;
      continue;
    }
    count.bytes += node.stat.dataLength;
    if (found === undefined) continue;
    count.differing += 1;
    conflicts.add(place, differs(place, found));
  }
  if (options.existing === 'refuse') refuseForeign(source, target, count, conflicts);
  return count;
}

/** Both trees, path by path. */
export function pairsOf(source: CopyEnd, target: CopyEnd, { signal, acl }: CopyOptions) {
  const [left, right] = [source, target].map(({ client, path }) => treeNodes(client, path, { signal, acl }));
  return paired(left as ReturnType<typeof treeNodes>, right as ReturnType<typeof treeNodes>);
}

class Tally {
  readonly ephemerals: { path: string; owner: bigint }[] = [];
  readonly count: Count = {
    znodes: 0,
    bytes: 0,
    already: 0,
    differing: 0,
    extra: 0,
    ephemerals: this.ephemerals,
    numbered: 0,
  };
  readonly #source: CopyEnd;
  readonly #options: CopyOptions;

  constructor(source: CopyEnd, options: CopyOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** Counts a znode of the source; false where it is an ephemeral to be left out. */
  takes(relative: string, kind: ReturnType<typeof kindOf>): boolean {
    if (kind.mode === 'ephemeral')
      this.ephemerals.push({ path: atRoot(this.#source.path, relative), owner: kind.owner });
    if (kindOfCopy(kind, this.#options) === undefined) return false;
    this.count.znodes += 1;
    if (/\d{10}$/.test(relative) && relative !== '/') this.count.numbered += 1;
    return true;
  }
}

/**
 * An earlier run that was broken off has left a part of the copy, or, where it moved, all of it and more than is left of
 * the source. Anything else at the target is somebody's.
 */
function refuseForeign(source: CopyEnd, target: CopyEnd, count: Count, conflicts: Failures): void {
  const missing = count.znodes - count.already - count.differing;
  if (count.differing === 0 && (count.extra === 0 || missing === 0)) return;
  const [to, from] = [JSON.stringify(target.path), JSON.stringify(source.path)];
  const hint = '--merge adds what is missing and leaves what differs, --overwrite replaces it. Nothing was changed.';
  if (count.differing > 0) {
    throw new PartialError(`${to} is there and is not a part of a copy of ${from}`, conflicts, { hint });
  }
  throw new ZkshError(`${to} is there, with ${count.extra} znodes that ${from} has not`, {
    code: 'DIFFERS',
    exitCode: ExitCode.conflict,
    hint,
  });
}

async function checkParent({ client, path }: CopyEnd, signal: AbortSignal | undefined): Promise<void> {
  const parent = parentOf(path);
  if ((await client.exists(parent, { signal })) === undefined) throw new ServerError(Errno.noNode, 'create', path);
}

function ephemeralRoot(path: string): ZkshError {
  return new ZkshError(`${JSON.stringify(path)} is ephemeral`, {
    code: 'EPHEMERAL',
    exitCode: ExitCode.unhealthy,
    hint: EPHEMERAL_HINT,
  });
}
