import { randomUUID } from 'node:crypto';
import { link, lstat, open, rename, rm } from 'node:fs/promises';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { type Draft, draftEnsembleFile } from './draft.ts';
import { parseEnsembleFile } from './ensemble-file.ts';
import type { Nearest } from './shape.ts';

/**
 * Writes a first ensemble file: whole or not at all, and never over another one unless `replace` is set.
 *
 * @throws ZkshError `FILE_EXISTS`, `CANNOT_WRITE_FILE`; UsageError for a draft that no ensemble file can say
 */
export async function writeDraft(
  draft: Draft,
  path: string,
  how: { replace: boolean; nearest: Nearest },
): Promise<void> {
  const text = await draftEnsembleFile(draft);
  await parseEnsembleFile(text, path, how.nearest);
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o644);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // A link, unlike a rename, fails when somebody else was quicker.
    if (how.replace) await rename(temporary, path);
    else await link(temporary, path);
  } catch (error) {
    throw cannotWrite(path, error as NodeJS.ErrnoException);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** So that nobody answers questions for a file that can't be written. @throws ZkshError `FILE_EXISTS` */
export async function refuseExisting(path: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found !== undefined) throw exists(path);
}

function exists(path: string): ZkshError {
  return new ZkshError(`there is a file ${path} already`, {
    code: 'FILE_EXISTS',
    exitCode: ExitCode.conflict,
    hint: 'Give --force to replace it, or name another one.',
  });
}

function cannotWrite(path: string, error: NodeJS.ErrnoException): ZkshError {
  if (error.code === 'EEXIST') return exists(path);
  return new ZkshError(`cannot write ${path}: ${error.message}`, {
    code: 'CANNOT_WRITE_FILE',
    exitCode: ExitCode.failure,
    hint: 'Check the directory and its permissions.',
    cause: error,
  });
}
