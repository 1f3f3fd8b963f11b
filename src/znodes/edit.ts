import type { Client } from '../client/client.ts';
import type { CallOptions } from '../client/request.ts';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import type { Stat } from '../protocol/records.ts';
import { decodeBase64 } from './base64.ts';

/** How the bytes of a znode stand in the file that is edited. */
export type EditForm = 'text' | 'bytes' | 'base64';

/** A znode as it was when its editing began. */
export interface Draft {
  path: string;
  form: EditForm;
  before: Uint8Array | null;
  /** The version that may be overwritten. */
  version: number;
  /** What the file holds at first. */
  file: Buffer;
}

const BASE64_LINE = /.{1,76}/g;
const LINE_FEED = 0x0a;

/** Reads a znode for editing. @throws ServerError `NO_NODE`, `NO_AUTH`; ZkshError `BINARY` for bytes that are no text */
export async function readDraft(client: Client, path: string, form: EditForm, options: CallOptions): Promise<Draft> {
  const { data, stat } = await client.getData(path, options);
  const bytes = data ?? Buffer.alloc(0);
  if (form === 'text' && !isText(bytes)) {
    throw new ZkshError(`the data of ${JSON.stringify(path)} is no text (${bytes.length} bytes)`, {
      code: 'BINARY',
      exitCode: ExitCode.failure,
      hint: 'Edit it as base64 with --base64, or as it is with --force.',
    });
  }
  const file = form === 'base64' ? asBase64(bytes) : bytes;
  return { path, form, before: data, version: stat.version, file };
}

/**
 * What the edited file says the znode shall hold; undefined when that is what it holds already. Editors end a file
 * with a line feed; where the data did not end with one, that one is left out again.
 *
 * @throws ZkshError `BAD_BASE64`
 */
export function editedData(draft: Draft, file: Buffer): Buffer | undefined {
  const after = draft.form === 'base64' ? fromBase64(file) : withoutAddedLineFeed(draft, file);
  return after.equals(draft.before ?? Buffer.alloc(0)) ? undefined : after;
}

/** Writes it, if the znode is still the one that was read. @throws ServerError `BAD_VERSION`, `NO_NODE`, `NO_AUTH` */
export function writeEdited(client: Client, draft: Draft, data: Buffer, options: CallOptions): Promise<Stat> {
  return client.setData(draft.path, data, { ...options, version: draft.version });
}

function isText(bytes: Buffer): boolean {
  try {
    // A null byte is valid UTF-8, but no editor's idea of text.
    return !new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes).includes('\0');
  } catch {
    return false;
  }
}

function asBase64(bytes: Buffer): Buffer {
  return Buffer.from((bytes.toString('base64').match(BASE64_LINE) ?? []).map((line) => `${line}\n`).join(''));
}

function fromBase64(file: Buffer): Buffer {
  const bytes = decodeBase64(file.toString('latin1'));
  if (bytes !== undefined) return bytes;
  throw new ZkshError('what you wrote is no base64: nothing was written', {
    code: 'BAD_BASE64',
    exitCode: ExitCode.usage,
  });
}

function withoutAddedLineFeed({ file: before }: Draft, file: Buffer): Buffer {
  const added = before.at(-1) !== LINE_FEED && file.at(-1) === LINE_FEED && file.at(-2) !== LINE_FEED;
  return added ? file.subarray(0, -1) : file;
}
