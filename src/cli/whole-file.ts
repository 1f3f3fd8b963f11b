import { randomBytes } from 'node:crypto';
import { access, link, open, rename, unlink } from 'node:fs/promises';
import { ExitCode, UsageError, ZkshError } from '../protocol/errors.ts';

/** @throws UsageError `FILE_EXISTS` when there is something at the place */
export async function refuseExisting(file: string): Promise<void> {
  const there = await access(file).then(
    () => true,
    () => false,
  );
  if (there) throw exists(file);
}

/**
 * Tries whether a file may be made at the place, before the work that is to fill it; leaves nothing there.
 *
 * @throws ZkshError `WRITE_FAILED`
 */
export async function requireWritable(file: string): Promise<void> {
  const temporary = temporaryFor(file);
  try {
    await (await open(temporary, 'wx', 0o600)).close();
    await unlink(temporary);
  } catch (error) {
    throw asFailure(file, error as NodeJS.ErrnoException);
  }
}

/**
 * Writes a file so that it is there as a whole or not at all, readable by its owner alone. What stands there is put away
 * with `force` alone.
 *
 * @throws UsageError `FILE_EXISTS`; ZkshError `WRITE_FAILED`
 */
export async function writeWhole(file: string, text: string, { force }: { force: boolean }): Promise<void> {
  const temporary = temporaryFor(file);
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (force) return await rename(temporary, file);
    // Unlike `rename`, it refuses when somebody made one meanwhile.
    await link(temporary, file);
    await unlink(temporary);
  } catch (error) {
    await unlink(temporary).catch(() => {});
    throw asFailure(file, error as NodeJS.ErrnoException);
  }
}

function temporaryFor(file: string): string {
  return `${file}.${randomBytes(4).toString('hex')}.part`;
}

function asFailure(file: string, error: NodeJS.ErrnoException): ZkshError {
  if (error.code === 'EEXIST') return exists(file);
  return new ZkshError(`cannot write ${file}: ${error.message}`, {
    code: 'WRITE_FAILED',
    exitCode: ExitCode.failure,
    hint: 'Check that its directory is there and may be written to.',
    cause: error,
  });
}

function exists(file: string): UsageError {
  return new UsageError(`${file} is there already`, {
    code: 'FILE_EXISTS',
    hint: 'Name another file, or overwrite it with --force.',
  });
}
