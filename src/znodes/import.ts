import type { Client } from '../client/client.ts';
import { ConnectionLostError } from '../client/errors.ts';
import type { TransactionOp } from '../client/transaction.ts';
import { UsageError } from '../protocol/errors.ts';
import { parentOf } from '../protocol/paths.ts';
import { Errno, isServerError, ServerError } from '../protocol/server-errors.ts';
import { type BulkItem, type BulkReport, bulkWrite } from './bulk-write.ts';
import { create } from './create.ts';
import { type LateAcl, ParentAcls, setLateAcls } from './import-acl.ts';
import { endedEarly, hiddenAcl, importFailure } from './import-failure.ts';
import { ImportPlan, type ImportRules, type ImportStep } from './import-plan.ts';
import type { ImportSource } from './import-source.ts';
import type { ExportHeader } from './ndjson-format.ts';
import { kindOf, type TreeNode } from './node-kind.ts';
import { paired } from './paired.ts';
import { PartialError } from './partial-error.ts';
import { refuseSystemNode } from './system-nodes.ts';
import { differences } from './tree-difference.ts';
import { treeNodes } from './tree-nodes.ts';

export interface ImportOptions extends ImportRules {
  signal?: AbortSignal | undefined;
  /** Create the znodes above the target that are missing: persistent, without data. */
  parents?: boolean | undefined;
  oneByOne?: boolean | undefined;
  /** Operations in one transaction. */
  batchSize?: number | undefined;
  /** Told how many znodes are written by now. */
  progress?: ((done: number) => void) | undefined;
}

/** How an import went. */
export interface ImportReport {
  readonly root: string;
  readonly created: number;
  readonly already: number;
  readonly overwritten: number;
  readonly kept: number;
  readonly pruned: number;
  readonly ephemerals: number;
  readonly unreadable: number;
}

/** Compares only: everything that an import would do is in the plan. */
export async function planImport(
  client: Client,
  source: ImportSource,
  target: string | undefined,
  options: ImportOptions,
): Promise<ImportPlan> {
  const { plan, steps } = await begin(client, source, target, options);
  for await (const _ of steps);
  return plan;
}

/**
 * Creates what an export holds, with kinds, data and ACLs. What is there already and the same is passed over, so that an
 * import that was interrupted goes on where it ended when it is run again.
 *
 * @param target where the export's root goes; where it came from, by default
 * @throws PartialError with the code of the first failure, when something could not be done; the rest is done
 */
export async function importTree(
  client: Client,
  source: ImportSource,
  target: string | undefined,
  options: ImportOptions,
): Promise<ImportReport> {
  const { plan, steps, acls } = await begin(client, source, target, options);
  return new Import(client, plan, acls, options).run(steps);
}

async function begin(client: Client, source: ImportSource, target: string | undefined, options: ImportOptions) {
  const { header, batches } = await source.open();
  const root = target ?? header.root;
  checkAcl(header, source.name, options);
  refuseSystemNode(root, client.chroot, 'an import');
  const acls = new ParentAcls(client, options.signal);
  await acls.identify();
  const plan = new ImportPlan(root, options, acls);
  return { plan, acls, steps: plan.steps(paired(batches, await existing(client, root, options))) };
}

/** Without ACLs in the export, everything would be open to everybody if nothing were said. */
function checkAcl({ acl }: ExportHeader, name: string, options: ImportOptions): void {
  if (acl || options.acl !== undefined) return;
  throw new UsageError(`${name} has no ACLs: it was exported with --no-acl`, {
    code: 'NO_ACLS',
    hint: 'Say which ACL its znodes get: --acl world:anyone:cdrwa lets everybody do everything.',
  });
}

/** What is at the target; nothing where it is not there yet. */
async function existing(client: Client, root: string, { signal, existing: policy, oneByOne, acl }: ImportOptions) {
  await client.sync(root, { signal });
  if ((await client.exists(root, { signal })) === undefined) return noNodes();
  const compared = policy !== 'skip';
  return treeNodes(client, root, { signal, oneByOne, data: compared, acl: compared && acl === undefined });
}

async function* noNodes(): AsyncGenerator<readonly never[], void> {}

interface Item extends BulkItem {
  readonly type: 'create' | 'overwrite' | 'prune';
  readonly node: TreeNode | undefined;
}

/** One import, being done. */
class Import {
  readonly #client: Client;
  readonly #plan: ImportPlan;
  readonly #acls: ParentAcls;
  readonly #options: ImportOptions;
  readonly #late: LateAcl[] = [];
  /** What could not be created: nothing below it can be. */
  readonly #missing = new Set<string>();
  #asked = { create: 0, overwrite: 0, prune: 0 };
  #failed = { create: 0, overwrite: 0, prune: 0 };

  constructor(client: Client, plan: ImportPlan, acls: ParentAcls, options: ImportOptions) {
    this.#client = client;
    this.#plan = plan;
    this.#acls = acls;
    this.#options = options;
  }

  async run(steps: AsyncGenerator<ImportStep, void>): Promise<ImportReport> {
    const { failures } = this.#plan;
    let done = 0;
    try {
      await this.#write(this.#items(steps), (now) => {
        done = now;
        this.#options.progress?.(now);
      });
      // Something that failed may be why something else is surplus.
      if (failures.count === 0) await this.#prune();
      await setLateAcls(this.#client, this.#late, failures, this.#options.signal);
    } catch (error) {
      throw endedEarly(error, done);
    }
    if (failures.count > 0) throw new PartialError(this.#summary(), failures);
    return this.#report();
  }

  async *#items(steps: AsyncGenerator<ImportStep, void>): AsyncGenerator<Item, void> {
    for await (const step of steps) {
      const item = step.type === 'create' ? await this.#creation(step) : this.#change(step);
      if (item === undefined) continue;
      this.#asked[item.type] += 1;
      yield item;
    }
  }

  async #creation({ path, node, isParent }: ImportStep & { type: 'create' }): Promise<Item | undefined> {
    if (this.#missing.size > 0 && this.#isBelowMissing(path)) {
      this.#plan.failures.count += 1;
      return undefined;
    }
    const wanted = this.#options.acl ?? node.acl;
    if (wanted === undefined) {
      this.#missing.add(path);
      this.#plan.failures.add(path, hiddenAcl(path));
      return undefined;
    }
    const acl = isParent ? this.#acls.toCreate(wanted) : wanted;
    if (acl !== wanted) this.#late.push({ path, acl: wanted, version: 0 });
    const { data, kind } = node;
    const op: TransactionOp = { type: 'create', path, data, acl };
    if (kind.mode === 'persistent_with_ttl') Object.assign(op, { mode: kind.mode, ttl: kind.ttl });
    else if (kind.mode === 'container') op.mode = kind.mode;
    const item: Item = { type: 'create', path, node, ops: [op] };
    // Without the target itself everything would fail, one by one.
    return path === this.#plan.root ? this.#createRoot(item) : item;
  }

  async #createRoot(item: Item): Promise<undefined> {
    const { parents, signal } = this.#options;
    const above = parentOf(item.path);
    if (parents && above !== '/' && (await this.#client.exists(above, { signal })) === undefined) {
      await create(this.#client, above, null, { parents, signal });
    }
    const { failures } = await bulkWrite<Item>(this.#client, [item], {
      signal,
      settled: (one, error) => this.#isSo(one, error),
    });
    if (failures[0] !== undefined) throw failures[0].error;
    this.#asked.create += 1;
  }

  #change(step: ImportStep & { type: 'overwrite' | 'finish-acl' }): Item | undefined {
    if (step.type === 'finish-acl') {
      this.#late.push(step);
      return undefined;
    }
    const { path, node, live } = step;
    const differing = differences(node, live);
    if (differing.includes('acl')) this.#late.push({ path, acl: node.acl ?? [], version: live.stat.aversion });
    if (!differing.includes('data')) return undefined;
    const op: TransactionOp = { type: 'setData', path, data: node.data, version: live.stat.version };
    return { type: 'overwrite', path, node, ops: [op] };
  }

  async #prune(): Promise<void> {
    const items = this.#plan.surplus.reverse().map(({ path, version }): Item => {
      return { type: 'prune', path, node: undefined, ops: [{ type: 'delete', path, version }] };
    });
    this.#asked.prune = items.length;
    await this.#write(items, () => {});
  }

  async #write(items: Iterable<Item> | AsyncIterable<Item>, progress: (done: number) => void): Promise<void> {
    const { signal, batchSize } = this.#options;
    const report = await bulkWrite<Item>(this.#client, items, {
      signal,
      batchSize,
      progress,
      settled: async (item, error, uncertain) => {
        if (await this.#isSo(item, error, uncertain)) return true;
        this.#failed[item.type] += 1;
        if (item.type === 'create') this.#missing.add(item.path);
        return false;
      },
    });
    this.#note(report);
  }

  #note({ failed, failures }: BulkReport<Item>): void {
    for (const { item, error } of failures) {
      if (error instanceof ConnectionLostError) this.#failed[item.type] += 1;
      this.#plan.failures.add(item.path, importFailure(item.path, item.node?.data?.length ?? 0, error));
    }
    this.#plan.failures.count += failed - failures.length;
  }

  /** What the item wants is so already: somebody was faster, or it was us and the answer was lost. */
  async #isSo({ type, path, node }: Item, error: ServerError, uncertain = false): Promise<boolean> {
    if (node === undefined) return isServerError(error, Errno.noNode);
    const taken = isServerError(error, Errno.nodeExists);
    if (!taken && !(uncertain && isServerError(error, Errno.badVersion))) return false;
    const { existing: policy, signal, acl: given } = this.#options;
    if (taken && policy === 'skip') return true;
    try {
      const { data, stat } = await this.#client.getData(path, { signal });
      const acl = type === 'create' && given === undefined ? await this.#client.getAcl(path, { signal }) : undefined;
      const live = { path, data, kind: kindOf(stat), acl: acl?.acl };
      const differing = differences(node, live);
      if (differing.length === 0) return true;
      // Our own entry is still in it.
      return String(differing) === 'acl' && this.#acls.isUnfinished(live.acl ?? [], node.acl ?? []);
    } catch (failure) {
      if (failure instanceof ServerError) return false;
      throw failure;
    }
  }

  #isBelowMissing(path: string): boolean {
    for (let at = path; at !== '/'; at = parentOf(at)) if (this.#missing.has(at)) return true;
    return false;
  }

  #report(): ImportReport {
    const { root, already, kept, overwrite, ephemerals, unreadable } = this.#plan;
    return {
      root,
      created: this.#asked.create - this.#failed.create,
      already,
      overwritten: overwrite - this.#failed.overwrite,
      kept,
      pruned: this.#asked.prune - this.#failed.prune,
      ephemerals,
      unreadable,
    };
  }

  #summary(): string {
    const { root, created, already } = this.#report();
    const { count } = this.#plan.failures;
    return `imported into ${root}, but not all: ${created} created, ${already} there already, ${count} failed`;
  }
}
