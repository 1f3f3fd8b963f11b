import { aclJson } from '../output/acl.ts';
import { lossLines } from '../output/deletion.ts';
import { STAT_COLUMNS, statJson } from '../output/stat.ts';
import type { View } from '../output/view.ts';
import type { FoundDeleted, FoundDeletion } from '../znodes/find-delete.ts';
import type { Candidate } from '../znodes/find-tests.ts';
import type { Execution } from './exec-event.ts';

/** A znode that a command was run for, or would be. */
export interface Executed extends Candidate {
  readonly command: readonly string[];
  /** The command as it could be typed. */
  readonly line: string;
  /** Undefined in a dry run. */
  readonly exec: Execution | undefined;
}

/** What `find --delete` has done, or would do. */
export interface FindDeletion {
  readonly path: string;
  readonly plan: FoundDeletion;
  /** Undefined in a dry run. */
  readonly outcome: FoundDeleted | undefined;
}

const PATH = { header: 'path', value: ({ path }: Candidate) => path } as const;

export const foundView: View<Candidate> = {
  text: ({ path }, style) => style.name(path),
  columns: [PATH, ...STAT_COLUMNS],
  json: foundJson,
};

/** Paths that end with a null character, for `xargs -0`. */
export const nullView: View<Candidate> = {
  text: ({ path }, style) => style.name(path),
  json: foundJson,
  raw: ({ path }) => `${path}\0`,
  piped: 'raw',
};

export const execView: View<Executed> = {
  text: ({ line, exec }, style) => {
    if (exec === undefined) return `would run ${style.name(line)}`;
    return exec.output.length === 0 ? undefined : style.data(exec.output).replace(/\n$/, '');
  },
  columns: [
    PATH,
    { header: 'exitCode', kind: 'number', value: ({ exec }) => exec?.exitCode },
    { header: 'took', kind: 'duration', value: ({ exec }) => exec?.took },
    { header: 'output', value: ({ exec }) => exec?.output },
  ],
  json: (item) => ({
    ...foundJson(item),
    command: item.command,
    exec: item.exec && { exitCode: item.exec.exitCode, output: item.exec.output, tookMs: item.exec.took },
  }),
};

export const deletionView: View<FindDeletion> = {
  text: ({ path, plan, outcome }, style) => {
    if (outcome === undefined) {
      const paths = plan.znodes.map((znode) => `  ${style.name(znode.path)}`).toReversed();
      return [`Would ${deed(path, plan)}:`, ...paths, ...lossLines(plan, style), ...keptLines(plan)].join('\n');
    }
    const { failures, deleted } = outcome;
    const listed = failures.kept.map(({ path: left, error }) => `${style.name(left)}: ${error.code}`);
    const more = failures.count - listed.length;
    return [
      `deleted ${amount(deleted)}${failures.count > 0 ? `, ${failures.count.toLocaleString('en-US')} are left:` : ''}`,
      ...listed,
      ...(more > 0 ? [`and ${more.toLocaleString('en-US')} more`] : []),
    ].join('\n');
  },
  json: ({ path, plan, outcome }) => ({
    path,
    paths: plan.znodes.map((znode) => znode.path).toReversed(),
    kept: plan.kept,
    bytes: plan.bytes,
    ephemerals: plan.ephemerals,
    deleted: outcome?.deleted ?? 0,
    gone: outcome?.gone ?? 0,
    failed: outcome?.failures.count ?? 0,
    failures:
      outcome?.failures.kept.map((one) => ({ path: one.path, code: one.error.code, message: one.error.message })) ?? [],
    dryRun: outcome === undefined,
  }),
};

/** Paths that a question names one by one. */
const NAMED = 10;

/** `delete 3 znodes found in /app`. */
export function deed(path: string, { znodes }: FoundDeletion): string {
  return `delete ${amount(znodes.length)} found in ${path}`;
}

/** What a person should know before saying yes. */
export function deedDetails(plan: FoundDeletion): string[] {
  const paths = plan.znodes
    .slice(-NAMED)
    .map(({ path }) => path)
    .toReversed();
  const more = plan.znodes.length - paths.length;
  return [
    ...paths,
    ...(more > 0 ? [`and ${more.toLocaleString('en-US')} more`] : []),
    ...lossLines(plan),
    ...keptLines(plan),
  ];
}

function keptLines({ kept }: FoundDeletion): string[] {
  return kept.length === 0 ? [] : [`${amount(kept.length)} found will stay: there are others below`];
}

function amount(znodes: number): string {
  return `${znodes.toLocaleString('en-US')} ${znodes === 1 ? 'znode' : 'znodes'}`;
}

function foundJson({ path, stat, acl }: Candidate): Record<string, unknown> {
  return { path, stat: stat && statJson(stat), acl: acl && aclJson(acl) };
}
