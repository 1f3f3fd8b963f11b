import { ExitCode, UsageError, ZkshError } from '../protocol/errors.ts';
import {
  duplicateKey,
  type JsonDocument,
  type JsonItem,
  type JsonNode,
  JsonSyntaxError,
  position,
  scanJson,
} from './json-scan.ts';

/** The JSON that a znode holds; undefined where it holds nothing. @throws ZkshError `NOT_JSON` */
export function documentOf(path: string, data: Buffer | null): JsonDocument | undefined {
  if (data === null || data.length === 0) return undefined;
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    throw notJson(path, 'it is no UTF-8 text');
  }
  try {
    return scanJson(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw notJson(path, error.message);
  }
}

/** Refuses a value in which an object has a key twice. @throws ZkshError `NOT_JSON` */
export function refuseDuplicates(path: string, doc: JsonDocument, node: JsonNode = doc.root): void {
  const twice = duplicateKey(node);
  if (twice !== undefined) throw ambiguous(path, doc, twice);
}

/** The error for a key that an object has twice. */
export function ambiguous(path: string, { text }: JsonDocument, { key, start }: JsonItem): ZkshError {
  return notJson(path, `the key ${JSON.stringify(key)} stands twice in one object (${position(text, start)})`);
}

function notJson(path: string, why: string): ZkshError {
  return new ZkshError(`the data of ${JSON.stringify(path)} cannot be used as JSON: ${why}`, {
    code: 'NOT_JSON',
    exitCode: ExitCode.failure,
    hint: 'See it with get; correct it with edit.',
  });
}

/** The error for a znode that has no data at all. */
export function noData(path: string, hint?: string): ZkshError {
  return new ZkshError(`${JSON.stringify(path)} has no data`, { code: 'NO_VALUE', exitCode: ExitCode.notFound, hint });
}

/** Reads JSON given on the command line. @throws UsageError `BAD_JSON` */
export function parseGiven(text: string, what: string, hint?: string): JsonDocument {
  try {
    const doc = scanJson(text);
    const twice = duplicateKey(doc.root);
    if (twice === undefined) return doc;
    throw new JsonSyntaxError(text, twice.start, `the key ${JSON.stringify(twice.key)} stands twice`);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new UsageError(`${what} is not JSON: ${error.message}`, {
      code: 'BAD_JSON',
      ...(hint !== undefined && { hint }),
    });
  }
}
