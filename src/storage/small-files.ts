import { join } from 'node:path';
import { factsIfThere, isNothing, readSmall, type StorageReader, whyUnreadable } from './storage-reader.ts';

/** A number a server keeps in a file of its own. */
export interface NumberFile {
  readonly path: string;
  /** Undefined when the first line is no number. */
  readonly value: bigint | undefined;
  /** Its first line as it stands; undefined when the file cannot be read. */
  readonly text: string | undefined;
  /** Why it cannot be read. */
  readonly error: string | undefined;
}

/** The files of a server that hold one number each, and the two that only have to be there. */
export interface SmallFiles {
  readonly myid: NumberFile | undefined;
  readonly acceptedEpoch: NumberFile | undefined;
  readonly currentEpoch: NumberFile | undefined;
  /** A new current epoch that was written, but not put in place when the server died. */
  readonly currentEpochTmp: NumberFile | undefined;
  /** Only 3.4 makes it: the server died between taking a snapshot of a new epoch and noting that epoch. */
  readonly updatingEpoch: boolean;
  /** Only 3.6 and later heed it: an empty database is meant to be empty. It belongs beside the logs. */
  readonly initialize: boolean;
}

const MAX_BYTES = 4096;

/** @param data where myid is, `versioned` its directory version-2, `logs` the dataLogDir */
export async function readSmallFiles(
  reader: StorageReader,
  { data, versioned, logs }: { data: string; versioned: string; logs: string },
): Promise<SmallFiles> {
  const isThere = async (path: string): Promise<boolean> =>
    (await factsIfThere(reader, path).catch(() => undefined)) !== undefined;
  return {
    myid: await readNumber(reader, join(data, 'myid')),
    acceptedEpoch: await readNumber(reader, join(versioned, 'acceptedEpoch')),
    currentEpoch: await readNumber(reader, join(versioned, 'currentEpoch')),
    currentEpochTmp: await readNumber(reader, join(versioned, 'currentEpoch.tmp')),
    updatingEpoch: await isThere(join(versioned, 'updatingEpoch')),
    initialize: await isThere(join(logs, 'initialize')),
  };
}

async function readNumber(reader: StorageReader, path: string): Promise<NumberFile | undefined> {
  try {
    const text = (await readSmall(reader, path, MAX_BYTES)).toString('latin1').split(/\r\n|\r|\n/)[0] ?? '';
    return { path, text, value: javaLong(text), error: undefined };
  } catch (error) {
    return isNothing(error) ? undefined : { path, text: undefined, value: undefined, error: whyUnreadable(error) };
  }
}

/** Long.parseLong: no white space, no underscore. */
function javaLong(text: string): bigint | undefined {
  if (!/^[+-]?\d{1,19}$/.test(text)) return undefined;
  const value = BigInt(text.replace('+', ''));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}
