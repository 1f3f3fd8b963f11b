import type { TransactionOp } from '../client/transaction.ts';
import { isAtOrBelow, parentOf } from '../protocol/paths.ts';
import { Errno, isServerError, ServerError } from '../protocol/server-errors.ts';
import { bulkWrite } from './bulk-write.ts';
import { differences, differs, kindOfCopy, readWhole } from './copy-compare.ts';
import { type CopyEnd, placeOf } from './copy-ends.ts';
import { type CopyOptions, type CopyPlan, pairsOf } from './copy-plan.ts';
import { kindOf } from './node-kind.ts';
import { brokenOff, Failures, PartialError } from './partial-error.ts';
import { atRoot, type LiveNode, treeNodes } from './tree-nodes.ts';

/** What a copy has done. */
export interface CopyResult {
  /** Znodes created or replaced. */
  readonly written: number;
  /** Znodes that were there already, with the same content. */
  readonly already: number;
}

/** A znode on its way. */
interface Copied {
  readonly path: string;
  readonly ops: readonly TransactionOp[];
  /** Undefined for a parent above the target, of which only that it is there matters. */
  readonly node: LiveNode | undefined;
}

/**
 * Copies what was planned, parents before children, in transactions of many. What is there already with the same content
 * is left, so that a copy that was broken off goes on when it is run again.
 *
 * @throws PartialError with the code of the first failure when some znodes were not copied
 */
export async function copyTree(plan: CopyPlan, options: CopyOptions): Promise<CopyResult> {
  const run = new CopyRun(plan, options);
  const summary = () => `${run.copied} znodes of ${JSON.stringify(plan.source.path)} were copied`;
  try {
    await run.write();
  } catch (error) {
    throw brokenOff(error, summary());
  }
  if (run.failures.count > 0)
    throw new PartialError(`${summary()}, others were not`, run.failures, { done: run.copied });
  return { written: run.written, already: run.already };
}

class CopyRun {
  written = 0;
  already = 0;
  readonly failures = new Failures();
  readonly #source: CopyEnd;
  readonly #target: CopyEnd;
  readonly #targetExists: boolean;
  readonly #options: CopyOptions;
  #writing = 0;

  constructor({ source, target, targetExists }: CopyPlan, options: CopyOptions) {
    this.#source = source;
    this.#target = target;
    this.#targetExists = targetExists;
    this.#options = options;
  }

  /** Both those written and those found: what is at the target by now. */
  get copied(): number {
    return this.written + this.already + this.#writing;
  }

  async write(): Promise<void> {
    const { signal, progress, batchSize } = this.#options;
    const report = await bulkWrite<Copied>(this.#target.client, this.#items(), {
      signal,
      batchSize,
      settled: (item, error, uncertain) => this.#settled(item, error, uncertain),
      progress: (done) => {
        this.#writing = done;
        progress?.(this.copied);
      },
    });
    this.#writing = 0;
    this.written += report.written;
    this.already += report.already;
    let cause: string | undefined;
    for (const { item, error } of report.failures) {
      // Where a parent could not be created, what is below it can't be.
      if (cause !== undefined && isServerError(error, Errno.noNode) && isAtOrBelow(item.path, cause)) continue;
      cause = item.path;
      this.failures.add(cause, isServerError(error, Errno.nodeExists) ? differs(cause, ['content']) : error);
    }
    this.failures.count += report.failed - report.failures.length;
  }

  async *#items(): AsyncGenerator<Copied> {
    if (!this.#targetExists) {
      yield* await this.#parents();
      for await (const node of this.#sourceNodes()) yield* this.#creation(node);
      return;
    }
    for await (const { left, right } of pairsOf(this.#source, this.#target, this.#options)) {
      if (left === undefined) continue;
      const node = readWhole(left, atRoot(this.#source.path, left.path));
      if (right === undefined) yield* this.#creation(node);
      else yield* await this.#replacement(node, readWhole(right, placeOf(this.#target, right.path)));
    }
  }

  async *#sourceNodes(): AsyncGenerator<LiveNode> {
    const { signal, acl } = this.#options;
    const { client, path } = this.#source;
    for await (const batch of treeNodes(client, path, { signal, acl })) {
      for (const node of batch) yield readWhole(node, atRoot(path, node.path));
    }
  }

  #creation(node: LiveNode): Copied[] {
    const kind = kindOfCopy(node.kind, this.#options);
    if (kind === undefined) return [];
    const path = placeOf(this.#target, node.path);
    const { acl, data } = node;
    return [{ path, node, ops: [{ type: 'create', path, data, acl: this.#options.acl ? acl : undefined, ...kind }] }];
  }

  /** Where something is already: nothing, a conflict, or what makes it the same, guarded by the versions just read. */
  async #replacement(node: LiveNode, there: LiveNode): Promise<Copied[]> {
    if (kindOfCopy(node.kind, this.#options) === undefined) return [];
    const found = differences(node, there, this.#options);
    const path = placeOf(this.#target, node.path);
    if (found.length === 0) {
      this.already += 1;
      return [];
    }
    if (this.#options.existing !== 'overwrite' || found.includes('kind')) {
      this.failures.add(path, differs(path, found));
      return [];
    }
    // The ACL goes first: data must not be where only the old one guards it.
    if (found.includes('ACL') && !(await this.#replaceAcl(path, node, there))) return [];
    if (found.includes('data')) {
      return [{ path, node, ops: [{ type: 'setData', path, data: node.data, version: there.stat.version }] }];
    }
    this.written += 1;
    return [];
  }

  async #replaceAcl(path: string, { acl = [] }: LiveNode, { stat }: LiveNode): Promise<boolean> {
    const { signal } = this.#options;
    try {
      await this.#target.client.setAcl(path, acl, { version: stat.aversion, signal });
      return true;
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      this.failures.add(path, error);
      return false;
    }
  }

  async #parents(): Promise<Copied[]> {
    if (!this.#options.parents) return [];
    const { client, path } = this.#target;
    const { signal } = this.#options;
    // As create --parents: those above are for the same people.
    const acl = this.#options.acl ? (await this.#source.client.getAcl(this.#source.path, { signal })).acl : undefined;
    const above: Copied[] = [];
    for (let at = parentOf(path); at !== '/'; at = parentOf(at)) {
      if ((await client.exists(at, { signal })) !== undefined) break;
      above.unshift({ path: at, node: undefined, ops: [{ type: 'create', path: at, acl }] });
    }
    return above;
  }

  /** What was refused may be so already: written by an earlier run, or by a try of this one whose answer was lost. */
  async #settled({ path, node, ops }: Copied, error: ServerError, uncertain: boolean): Promise<boolean> {
    const exists = isServerError(error, Errno.nodeExists);
    if (node === undefined) return exists;
    const replaced = uncertain && ops[0]?.type === 'setData' && isServerError(error, Errno.badVersion);
    if (!exists && !replaced) return false;
    const copy = await this.#lookAt(path).catch((refusal: unknown) => {
      if (refusal instanceof ServerError) return undefined;
      throw refusal;
    });
    return copy !== undefined && differences(node, copy, this.#options).length === 0;
  }

  async #lookAt(path: string): Promise<LiveNode> {
    const { client } = this.#target;
    const { signal } = this.#options;
    const { data, stat } = await client.getData(path, { signal });
    const acl = this.#options.acl ? (await client.getAcl(path, { signal })).acl : undefined;
    return { path, data, stat, kind: kindOf(stat), acl };
  }
}
