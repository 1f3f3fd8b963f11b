import type { Acl } from '../protocol/acl.ts';
import type { CreateMode } from '../protocol/create-mode.ts';
import { UsageError, ZkshError } from '../protocol/errors.ts';
import type { MultiPart, MultiResult } from '../protocol/multi.ts';
import { operations } from '../protocol/operations.ts';
import type { Stat } from '../protocol/records.ts';
import { Errno, ServerError } from '../protocol/server-errors.ts';
import { createRequest } from './create-request.ts';

/** One write of a transaction. `version` −1, the default, means any. */
export type TransactionOp =
  | {
      type: 'create';
      path: string;
      data?: Uint8Array | string | null | undefined;
      mode?: CreateMode | undefined;
      acl?: readonly Acl[] | undefined;
      /** Milliseconds, for the modes with a time to live. */
      ttl?: number | bigint | undefined;
    }
  | { type: 'delete'; path: string; version?: number | undefined }
  | { type: 'setData'; path: string; data: Uint8Array | string | null; version?: number | undefined }
  | { type: 'check'; path: string; version: number };

/** What one write of a transaction gave. */
export type TransactionResult =
  | { type: 'create'; path: string; stat: Stat | undefined }
  | { type: 'delete'; path: string }
  | { type: 'setData'; path: string; stat: Stat }
  | { type: 'check'; path: string };

/** One read of a batch. */
export type ReadOp = { type: 'getData'; path: string } | { type: 'getChildren'; path: string };

/** What one read of a batch gave; each fails by itself. */
export type ReadResult =
  | { type: 'getData'; path: string; data: Buffer | null; stat: Stat }
  | { type: 'getChildren'; path: string; children: string[] }
  | { type: 'error'; path: string; error: ServerError };

/** A transaction was refused whole: nothing of it happened. */
export class TransactionError extends ZkshError {
  /** Which write failed, counted from 0. */
  readonly index: number;
  /** For every write its error; `undefined` for those the failing one rolled back or kept from running. */
  readonly errors: readonly (ServerError | undefined)[];

  constructor(index: number, failed: ServerError, errors: readonly (ServerError | undefined)[]) {
    super(`transaction refused, nothing was changed: operation ${index + 1} of ${errors.length}, ${failed.message}`, {
      code: failed.code,
      exitCode: failed.exitCode,
      hint: failed.hint,
      cause: failed,
    });
    this.index = index;
    this.errors = errors;
  }
}

/** User data as bytes: text as UTF-8, nothing at all as `null`. */
export function toBytes(data: Uint8Array | string | null | undefined): Uint8Array | null {
  if (data === undefined || data === null) return null;
  if (typeof data === 'string') return Buffer.from(data, 'utf8');
  if (data instanceof Uint8Array) return data;
  throw new UsageError(`data must be a Uint8Array, a string or null, not ${typeof data}`, { code: 'BAD_DATA' });
}

/** Types keep a TypeScript caller from it; one in JavaScript gets told. */
function unknownOperation(op: never, hint: string): UsageError {
  const { type } = op as { type?: unknown };
  return new UsageError(`${JSON.stringify(type)} is no type of operation here`, { code: 'BAD_OPERATION', hint });
}

/** A transaction's part on the wire; `resolve` maps a user's path to the server's. */
export function writePart(op: TransactionOp, resolve: (path: string) => string): MultiPart {
  const path = resolve(op.path);
  switch (op.type) {
    case 'create': {
      const { operation, record } = createRequest(path, { ...op, data: toBytes(op.data) });
      return { type: operation.type, record };
    }
    case 'delete':
      return { type: operations.delete.type, record: { path, version: op.version ?? -1 } };
    case 'setData':
      return {
        type: operations.setData.type,
        record: { path, data: toBytes(op.data), version: op.version ?? -1 },
      };
    case 'check':
      return { type: operations.check.type, record: { path, version: op.version } };
    default:
      throw unknownOperation(op, 'A write of a transaction is of type create, delete, setData or check.');
  }
}

export function readPart(op: ReadOp, resolve: (path: string) => string): MultiPart {
  if (op.type !== 'getData' && op.type !== 'getChildren') {
    throw unknownOperation(op, 'A read of a batch is of type getData or getChildren.');
  }
  return { type: operations[op.type].type, record: { path: resolve(op.path), watch: false } };
}

const CREATED: readonly number[] = [operations.create.type, operations.create2.type];

function answers(asked: number, got: number): boolean {
  const creates = [...CREATED, operations.createContainer.type, operations.createTTL.type];
  return asked === got || (creates.includes(asked) && CREATED.includes(got));
}

/** Says why `results` can't be the answer to `parts`: a count or a kind that is off would be data missing. */
export function multiFault(parts: readonly MultiPart[], results: readonly MultiResult[]): string | undefined {
  if (results.length !== parts.length) return `${results.length} results to ${parts.length} operations`;
  const odd = results.findIndex(({ type }, i) => type !== -1 && !answers(parts[i]?.type ?? 0, type));
  return odd < 0 ? undefined : `result ${odd + 1} is of operation ${results[odd]?.type}, asked was ${parts[odd]?.type}`;
}

/**
 * As {@link multiFault}, for writes that are all or nothing: a server answers each with an error or none with one, and
 * of the errors one is the cause (FinalRequestProcessor.java). Anything else could pass for a success.
 */
export function transactionFault(parts: readonly MultiPart[], results: readonly MultiResult[]): string | undefined {
  const fault = multiFault(parts, results);
  const errors = results.filter(({ type }) => type === -1);
  if (fault !== undefined || errors.length === 0) return fault;
  if (errors.length < results.length) return 'some operations failed and some did not';
  return errors.some(({ error }) => isCause(error)) ? undefined : 'all operations failed and none is the cause';
}

/** Error 0 stands before the failing write and −2 after it: neither failed by itself. */
function isCause(errno: number): boolean {
  return errno !== 0 && errno !== Errno.runtimeInconsistency;
}

/** @throws TransactionError when the server refused it */
export function transactionResults(
  ops: readonly TransactionOp[],
  results: readonly MultiResult[],
  strip: (path: string) => string,
): TransactionResult[] {
  const errors = ops.map((op, i) => {
    const errno = results[i]?.error ?? 0;
    return isCause(errno) ? new ServerError(errno, op.type, op.path) : undefined;
  });
  const index = errors.findIndex((error) => error !== undefined);
  const failed = errors[index];
  if (failed !== undefined) throw new TransactionError(index, failed, errors);
  return ops.map((op, i) => {
    const record = results[i]?.record as { path: string; stat: Stat };
    if (op.type === 'create') return { type: op.type, path: strip(record.path), stat: record.stat };
    if (op.type === 'setData') return { type: op.type, path: op.path, stat: record.stat };
    return { type: op.type, path: op.path };
  });
}

export function readResults(ops: readonly ReadOp[], results: readonly MultiResult[]): ReadResult[] {
  return ops.map(({ type, path }, i): ReadResult => {
    const result = results[i];
    if (result === undefined || result.type === -1) {
      return { type: 'error', path, error: new ServerError(result?.error ?? 0, type, path) };
    }
    // Field by field: spreading a record costs more than decoding it.
    const { data, stat, children } = result.record as { data: Buffer | null; stat: Stat; children: string[] };
    return type === 'getData' ? { type, path, data, stat } : { type, path, children };
  });
}
