import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { formatPointer, type JsonStep } from './json-pointer.ts';
import type { JsonContainer, JsonDocument, JsonItem, JsonNode } from './json-scan.ts';

/** How far the steps of a pointer lead. */
export interface Located {
  /** The containers gone through, outermost first, each with the item taken. */
  readonly way: readonly { readonly container: JsonContainer; readonly item: JsonItem }[];
  /** The last value reached. */
  readonly node: JsonNode;
  /** Steps that lead nowhere: empty where the pointer's value is there. */
  readonly rest: readonly JsonStep[];
}

const INDEX = /^(?:0|[1-9]\d*)$/;

/** Follows a pointer as far as it leads. @throws ZkshError `NO_VALUE` where it could lead nowhere: an index into an object */
export function locate({ root }: JsonDocument, steps: readonly JsonStep[]): Located {
  const way: { container: JsonContainer; item: JsonItem }[] = [];
  let node = root;
  for (const [i, step] of steps.entries()) {
    const item = 'items' in node ? itemAt(node, step, steps.slice(0, i)) : undefined;
    if (item === undefined) return { way, node, rest: steps.slice(i) };
    way.push({ container: node as JsonContainer, item });
    node = item.value;
  }
  return { way, node, rest: [] };
}

/** `-` is behind the last element and so never there. */
function itemAt({ type, items }: JsonContainer, step: JsonStep, before: readonly JsonStep[]): JsonItem | undefined {
  if (type === 'object' && step.index) throw noValue(before, `is an object, and [${step.name}] counts elements`);
  if (type === 'object') return items.find(({ key }) => key === step.name);
  if (step.name === '-') return undefined;
  if (!INDEX.test(step.name)) throw noValue(before, `is an array, and ${JSON.stringify(step.name)} is no index`);
  return items[Number(step.name)];
}

/** Says of a place in the JSON what is wrong with it. */
function noValue(steps: readonly JsonStep[], says: string, hint?: string): ZkshError {
  const place = steps.length === 0 ? 'the whole value' : formatPointer(steps);
  return new ZkshError(`${place} ${says}`, { code: 'NO_VALUE', exitCode: ExitCode.notFound, hint });
}

/** What is not there, where something was looked for. */
export function missing({ node, rest }: Located, steps: readonly JsonStep[], hint?: string): ZkshError {
  const reached = steps.slice(0, steps.length - rest.length);
  if (!('items' in node)) return noValue(reached, `is a ${node.type} and holds nothing`, hint);
  const to = steps.slice(0, reached.length + 1);
  if (node.type === 'object') return noValue(to, 'is not there', hint);
  return noValue(to, `is not there: the array has ${node.items.length} elements`, hint);
}
