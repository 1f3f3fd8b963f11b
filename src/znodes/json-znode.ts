import type { Client } from '../client/client.ts';
import { UsageError, ZkshError } from '../protocol/errors.ts';
import type { Stat } from '../protocol/records.ts';
import { Errno, isServerError, ServerError } from '../protocol/server-errors.ts';
import { ambiguous, documentOf, noData, refuseDuplicates } from './json-document.ts';
import {
  compact,
  deleteValue,
  type JsonDifference,
  type JsonEdited,
  mergePatch,
  setValue,
  withoutNulls,
} from './json-edit.ts';
import { locate, missing } from './json-locate.ts';
import type { JsonStep } from './json-pointer.ts';
import { type JsonDocument, type JsonNode, scanJson, textOf } from './json-scan.ts';

/** What a change does to the JSON of a znode. */
export type JsonChange =
  | {
      readonly type: 'set';
      readonly steps: readonly JsonStep[];
      readonly value: JsonDocument;
      readonly parents?: boolean;
    }
  | { readonly type: 'delete'; readonly steps: readonly JsonStep[] }
  | { readonly type: 'merge'; readonly patch: JsonDocument };

export interface JsonChangeOptions {
  signal?: AbortSignal | undefined;
  /** Change only this version of the data; undefined = whichever is there. */
  version?: number | undefined;
  /** Write nothing. */
  dryRun?: boolean | undefined;
}

/** What came of a change. */
export interface JsonChanged {
  /** The whole data afterwards. */
  readonly text: string;
  readonly differences: readonly JsonDifference[];
  /** The version that was read, and changed unless there was nothing to change. */
  readonly readVersion: number;
  /** After the write; undefined when nothing was written. */
  readonly stat: Stat | undefined;
}

/** Tries before giving up on a znode that others write all the time. */
const ATTEMPTS = 10;

/**
 * The value that a pointer leads to in the JSON of a znode.
 *
 * @throws ServerError `NO_NODE`, `NO_AUTH`; ZkshError `NOT_JSON`, `NO_VALUE`
 */
export async function readJson(
  client: Client,
  path: string,
  steps: readonly JsonStep[],
  { signal }: Pick<JsonChangeOptions, 'signal'> = {},
): Promise<{ doc: JsonDocument; node: JsonNode; stat: Stat }> {
  const { data, stat } = await client.getData(path, { signal });
  const doc = documentOf(path, data);
  if (doc === undefined) throw noData(path);
  const found = placed(path, () => {
    const located = locate(doc, steps);
    if (located.rest.length > 0) throw missing(located, steps);
    return located;
  });
  for (const { container, item } of found.way) {
    const twice = container.items.find((other) => other !== item && other.key === item.key && item.key !== undefined);
    if (twice !== undefined) throw ambiguous(path, doc, twice);
  }
  refuseDuplicates(path, doc, found.node);
  return { doc, node: found.node, stat };
}

/**
 * Changes the JSON of a znode and nothing else of its text. The write is guarded by the version that was read. When
 * somebody else has written in between, it is read again, and changed again if the values to be changed are still those
 * of the first reading; otherwise it ends with `BAD_VERSION`.
 *
 * @throws ServerError `BAD_VERSION`, `NO_NODE`, `NO_AUTH`; ZkshError `NOT_JSON`, `NO_VALUE`
 */
export async function changeJson(
  client: Client,
  path: string,
  change: JsonChange,
  { signal, version, dryRun }: JsonChangeOptions = {},
): Promise<JsonChanged> {
  let first: string | undefined;
  for (let attempt = 1; ; attempt++) {
    const { data, stat } = await client.getData(path, { signal });
    if (version !== undefined && stat.version !== version) throw new ServerError(Errno.badVersion, 'setData', path);
    const doc = documentOf(path, data);
    if (doc !== undefined) refuseDuplicates(path, doc);
    const concerned = doc === undefined ? '' : placed(path, () => concernedBy(doc, change));
    first ??= concerned;
    if (concerned !== first) throw new ServerError(Errno.badVersion, 'setData', path, SAME_VALUE);
    const { text, differences } = placed(path, () => edited(path, doc, change));
    const unchanged = differences.length === 0;
    if (unchanged || dryRun === true) return { text, differences, readVersion: stat.version, stat: undefined };
    try {
      const after = await client.setData(path, text, { version: stat.version, signal });
      return { text, differences, readVersion: stat.version, stat: after };
    } catch (error) {
      const again = isServerError(error, Errno.badVersion) && version === undefined && attempt < ATTEMPTS;
      if (!again) throw error;
    }
  }
}

const SAME_VALUE = 'Somebody else has just changed the same value: look at it and decide again. Nothing was written.';

function edited(path: string, doc: JsonDocument | undefined, change: JsonChange): JsonEdited {
  if (doc === undefined) return created(path, change);
  if (change.type === 'delete') return deleteValue(doc, change.steps);
  if (change.type === 'merge') return mergePatch(doc, change.patch);
  return setValue(doc, change.steps, change.value, { parents: change.parents });
}

/** A znode without data is where a whole value may begin, and with `parents` a part of one. */
function created(path: string, change: JsonChange): JsonEdited {
  if (change.type === 'delete') throw noData(path);
  if (change.type === 'merge') return whole(withoutNulls(change.patch));
  if (change.steps.length === 0) return whole(change.value);
  if (change.parents !== true) throw noData(path, 'Give --parents to begin an object in it.');
  return setValue(scanJson('{}'), change.steps, change.value, { parents: true });
}

function whole({ text, root }: JsonDocument): JsonEdited {
  return {
    text: text.slice(root.start, root.end),
    differences: [{ pointer: '', before: undefined, after: compact({ text, root }) }],
  };
}

/** The text of all that a change hangs on: as long as it is the same, the change means the same. */
function concernedBy(doc: JsonDocument, change: JsonChange): string {
  const places = change.type === 'merge' ? leaves(change.patch.root) : [change.steps];
  return places.map((steps) => concernedAt(doc, steps)).join('\n');
}

function concernedAt(doc: JsonDocument, steps: readonly JsonStep[]): string {
  // Appending hangs on nothing that is there.
  if (steps.at(-1)?.name === '-') return '';
  const { way, node, rest } = locate(doc, steps);
  // Elements move when others come and go: an index means the same only in the same array.
  const array = way.find(({ container }) => container.type === 'array')?.container;
  if (array !== undefined) return textOf(doc, array);
  return rest.length > 0 ? 'none' : textOf(doc, node);
}

/** Where a merge patch puts or removes values. */
function leaves(node: JsonNode, steps: readonly JsonStep[] = []): (readonly JsonStep[])[] {
  if (node.type !== 'object' || node.items.length === 0) return [steps];
  return node.items.flatMap(({ key = '', value }) => leaves(value, [...steps, { name: key, index: false }]));
}

/** An error of the JSON alone, with the znode's path before it. */
function placed<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ZkshError) || error instanceof UsageError) throw error;
    const { message, code, exitCode, hint } = error;
    throw new ZkshError(code === 'NO_VALUE' ? `${JSON.stringify(path)}: ${message}` : message, {
      code,
      exitCode,
      hint,
      cause: error,
    });
  }
}
