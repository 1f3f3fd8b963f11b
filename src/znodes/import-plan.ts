import type { Acl } from '../protocol/acl.ts';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { isAtOrBelow, parentOf } from '../protocol/paths.ts';
import type { ParentAcls } from './import-acl.ts';
import type { UnreadableNode } from './ndjson-format.ts';
import type { TreeNode } from './node-kind.ts';
import type { Pair } from './paired.ts';
import { Failures } from './partial-error.ts';
import { differences } from './tree-difference.ts';
import { atRoot, type LiveNode } from './tree-nodes.ts';

/** What an import does with znodes that are there already and differ: name them, give them what the file says, neither. */
type Existing = 'compare' | 'overwrite' | 'skip';

export interface ImportRules {
  readonly existing: Existing;
  /** Ephemerals would belong to the importer's session, which ends: they are left out, or become persistent. */
  readonly ephemerals: 'skip' | 'persistent';
  /** Delete what the export does not have. */
  readonly prune: boolean;
  /** Given to every znode created instead of the export's own; ACLs are not compared then. */
  readonly acl?: readonly Acl[] | undefined;
}

/** One thing to do for a znode of the export. */
export type ImportStep =
  | { readonly type: 'create'; readonly path: string; readonly node: TreeNode; readonly isParent: boolean }
  | { readonly type: 'overwrite'; readonly path: string; readonly node: TreeNode; readonly live: LiveNode }
  /** An interrupted import left the ACL with an entry of its own. */
  | { readonly type: 'finish-acl'; readonly path: string; readonly acl: readonly Acl[]; readonly version: number };

/** What is to be deleted, provided it is still the version that was seen. */
export interface Surplus {
  readonly path: string;
  readonly version: number;
}

type FromFile = TreeNode | UnreadableNode;
type Live = LiveNode | UnreadableNode;

/** Compares an export with what is there, and says what is to be done. */
export class ImportPlan {
  readonly root: string;
  readonly #rules: ImportRules;
  readonly #acls: ParentAcls;
  readonly failures = new Failures();
  create = 0;
  /** There already, the same. */
  already = 0;
  overwrite = 0;
  /** There already, left alone unseen. */
  kept = 0;
  /** There already, and different: a part of the failures. */
  conflicts = 0;
  /** Ephemerals of the export that are left out. */
  ephemerals = 0;
  /** Znodes that whoever exported could not read. */
  unreadable = 0;
  readonly #surplus = new Map<string, number>();
  #hidden: string | undefined;

  constructor(root: string, rules: ImportRules, acls: ParentAcls) {
    this.root = root;
    this.#rules = rules;
    this.#acls = acls;
  }

  /** What the export does not have, parents first. */
  get surplus(): Surplus[] {
    return Array.from(this.#surplus, ([path, version]) => ({ path, version }));
  }

  async *steps(pairs: AsyncIterable<Pair<FromFile, Live>>): AsyncGenerator<ImportStep, void> {
    // What is created last may turn out to be a parent: the next line says.
    let held: ImportStep | undefined;
    for await (const { left: node, right: live } of pairs) {
      if (node === undefined) {
        this.#extra(live as Live);
        continue;
      }
      if (held !== undefined) yield asParent(held, atRoot(this.root, node.path));
      held = this.#step(node, live);
    }
    if (held !== undefined) yield held;
  }

  #step(given: FromFile, live: Live | undefined): ImportStep | undefined {
    const path = atRoot(this.root, given.path);
    if ('unreadable' in given) {
      this.unreadable += 1;
      this.#hidden = path;
      return undefined;
    }
    const node = this.#wanted(given);
    if (node === undefined) {
      this.ephemerals += 1;
      return undefined;
    }
    if (live === undefined) {
      this.create += 1;
      return { type: 'create', path, node, isParent: false };
    }
    if (this.#rules.existing === 'skip') {
      this.kept += 1;
      return undefined;
    }
    if ('unreadable' in live) {
      this.failures.add(path, cannotCompare(path, live));
      return undefined;
    }
    return this.#compared(path, node, live);
  }

  #compared(path: string, node: TreeNode, live: LiveNode): ImportStep | undefined {
    let differing = differences(node, live);
    const { acl } = node;
    const unfinished =
      differing.includes('acl') && acl !== undefined && this.#acls.isUnfinished(live.acl ?? [], acl) ? acl : undefined;
    if (unfinished !== undefined) differing = differing.filter((what) => what !== 'acl');
    const { existing } = this.#rules;
    if (differing.length > 0 && (existing !== 'overwrite' || differing.includes('mode'))) {
      this.conflicts += 1;
      this.failures.add(path, conflict(path, node, live, differing));
      return undefined;
    }
    if (differing.length > 0) {
      this.overwrite += 1;
      return { type: 'overwrite', path, node, live };
    }
    this.already += 1;
    if (unfinished === undefined) return undefined;
    return { type: 'finish-acl', path, acl: unfinished, version: live.stat.aversion };
  }

  /** What is to be there; undefined for an ephemeral that is left out. */
  #wanted(node: TreeNode): TreeNode | undefined {
    const { ephemerals, acl } = this.#rules;
    const replaced = acl === undefined ? node : { ...node, acl: undefined };
    if (node.kind.mode !== 'ephemeral') return replaced;
    return ephemerals === 'skip' ? undefined : { ...replaced, kind: { mode: 'persistent' } };
  }

  #extra(live: Live): void {
    if (!this.#rules.prune) return;
    const path = atRoot(this.root, live.path);
    // Nobody knows what was in the export's place of it.
    if (this.#hidden !== undefined && isAtOrBelow(path, this.#hidden)) return;
    if ('unreadable' in live || live.kind.mode === 'ephemeral') {
      // A session's own, or not to be seen: it stays, and so must all above it.
      for (let at = parentOf(path); this.#surplus.delete(at); at = parentOf(at));
      return;
    }
    this.#surplus.set(path, live.stat.version);
  }
}

function asParent(step: ImportStep, next: string): ImportStep {
  return step.type === 'create' && isAtOrBelow(next, step.path) ? { ...step, isParent: true } : step;
}

function cannotCompare(path: string, { unreadable }: UnreadableNode): ZkshError {
  return new ZkshError(`${JSON.stringify(path)} is there already and can't be read`, {
    code: unreadable,
    exitCode: ExitCode.refused,
    hint: 'Authenticate as somebody who may read it, or leave what is there alone with --skip-existing.',
  });
}

function conflict(path: string, node: TreeNode, live: LiveNode, differing: readonly string[]): ZkshError {
  const mode = differing.includes('mode') ? `: it is ${live.kind.mode}, in the export ${node.kind.mode}` : '';
  return new ZkshError(`${JSON.stringify(path)} is there already, with other ${differing.join(' and ')}${mode}`, {
    code: 'IMPORT_CONFLICT',
    exitCode: ExitCode.conflict,
    hint: 'See what differs with diff; --overwrite takes what the export has, --skip-existing leaves what is there.',
  });
}
