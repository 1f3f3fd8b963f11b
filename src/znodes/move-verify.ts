import type { Client } from '../client/client.ts';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { differences, kindOfCopy, readWhole } from './copy-compare.ts';
import { placeOf } from './copy-ends.ts';
import { type CopyOptions, type CopyPlan, pairsOf } from './copy-plan.ts';
import { Failures } from './partial-error.ts';
import { atRoot } from './tree-nodes.ts';

/** A copy compared with its source. */
export interface Verified {
  /** What has a later zxid has changed since: all that was compared was read at this one or after it. */
  readonly zxid: bigint;
  /** Znodes of the source of which there is no true copy. */
  readonly failures: Failures;
}

/** Reads both trees once more, whole, and compares them. What is at the target only is nobody's business here. */
export async function verifyCopy(client: Client, plan: CopyPlan, options: CopyOptions): Promise<Verified> {
  const { source, target } = plan;
  // Otherwise the server in use may be behind, and show the source as it was before a change that has been acknowledged.
  await client.sync(source.path, { signal: options.signal });
  const zxid = client.lastZxid;
  const failures = new Failures();
  let compared = 0;
  for await (const { left, right } of pairsOf(source, target, options)) {
    if (left === undefined) continue;
    const path = atRoot(source.path, left.path);
    const node = readWhole(left, path);
    if (kindOfCopy(node.kind, options) === undefined) continue;
    const copy = right === undefined ? undefined : readWhole(right, placeOf(target, right.path));
    const found = copy === undefined ? ['existence'] : differences(node, copy, options);
    if (found.length > 0) failures.add(path, notCopied(path, found));
    compared += 1;
    options.progress?.(compared);
  }
  return { zxid, failures };
}

function notCopied(path: string, found: readonly string[]): ZkshError {
  const message = `${JSON.stringify(path)} has changed since it was copied: ${found.join(', ')}`;
  return new ZkshError(message, { code: 'DIFFERS', exitCode: ExitCode.conflict });
}
