import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { chmod, chown, lstat, mkdir, open, readdir, realpath, rename, rm, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ExitCode } from '../protocol/errors.ts';
import type { HostDriver, Limits, Ownership, Ran } from './host.ts';
import { absolute, endOf, HostError } from './host-error.ts';
import { isDirectory } from './posix-files.ts';

type Files = Pick<HostDriver, 'readFile' | 'writeFile' | 'list' | 'makeDirectory' | 'removeFile'>;
type Run = (argv: readonly string[], limits: Limits) => Promise<Ran>;

/** Files of this machine. `run` is for what Node can't do: owners by name. */
export function localFiles(name: string, run: Run): Files {
  const setOwner = async (path: string, owner: string, limits: Limits): Promise<void> => {
    const { code, stderr } = await run(['chown', owner, path], limits);
    if (code !== 0) throw new Error(endOf(stderr));
  };
  return {
    readFile: (path, { maxBytes, end = false }) =>
      guarded(name, 'reading', path, () => read(name, path, maxBytes, end)),
    list: (path) => guarded(name, 'listing', path, async () => (await readdir(path)).sort()),
    removeFile: (path) => guarded(name, 'removing', path, () => remove(name, path)),
    makeDirectory: (path, { mode, owner, ...limits }) =>
      guarded(name, 'making', path, async () => {
        const found = await unlessMissing(stat(path));
        if (found?.isDirectory()) return false;
        await mkdir(dirname(path), { recursive: true, mode: 0o755 });
        await mkdir(path, { mode: 0o700 });
        try {
          if (owner !== undefined) await setOwner(path, owner, limits);
          await chmod(path, mode);
        } catch (error) {
          await rmdir(path);
          throw error;
        }
        return true;
      }),
    writeFile: (path, content, options) =>
      guarded(name, 'writing', path, () => write(name, path, content, options, setOwner)),
  };
}

async function read(name: string, path: string, maxBytes: number, end: boolean): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.min(maxBytes, 64 * 1024 * 1024) + 1);
    let position = end ? Math.max(0, size - maxBytes) : 0;
    let length = 0;
    for (let got = -1; got !== 0 && length <= maxBytes; length += got, position += got) {
      got = (await handle.read(buffer, length, buffer.length - length, position)).bytesRead;
    }
    if (length <= maxBytes) return buffer.subarray(0, length);
    // It grew while it was read.
    if (end) return buffer.subarray(0, maxBytes);
  } finally {
    await handle.close();
  }
  throw new HostError(name, `${path} has more than ${maxBytes} bytes`, {
    code: 'FILE_TOO_LARGE',
    exitCode: ExitCode.failure,
    outcome: 'none',
    hint: 'Ask for its end, or name another file.',
  });
}

async function write(
  name: string,
  path: string,
  content: string | Uint8Array,
  { mode, owner, ...limits }: Limits & Ownership,
  setOwner: (path: string, owner: string, limits: Limits) => Promise<void>,
): Promise<void> {
  const target = (await unlessMissing(realpath(path))) ?? path;
  const before = await unlessMissing(stat(target));
  if (before?.isDirectory()) throw isDirectory(name, path);
  const temporary = join(dirname(target), `.zksh-${randomBytes(8).toString('hex')}.tmp`);
  try {
    const handle = await open(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
    try {
      await handle.writeFile(content);
      if (owner !== undefined) await setOwner(temporary, owner, limits);
      else if (before !== undefined) await keepOwner(temporary, before);
      await handle.chmod(mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(target));
}

async function keepOwner(path: string, { uid, gid }: { uid: number; gid: number }): Promise<void> {
  const own = await stat(path);
  if (own.uid !== uid || own.gid !== gid) await chown(path, uid, gid);
}

/** The new name is on disk only with the directory. */
async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function remove(name: string, path: string): Promise<boolean> {
  const found = await unlessMissing(lstat(path));
  if (found === undefined) return false;
  if (found.isDirectory()) throw isDirectory(name, path);
  await unlink(path);
  return true;
}

async function unlessMissing<T>(looked: Promise<T>): Promise<T | undefined> {
  try {
    return await looked;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

async function guarded<T>(name: string, verb: string, path: string, work: () => Promise<T>): Promise<T> {
  absolute(path);
  try {
    return await work();
  } catch (error) {
    if (error instanceof HostError) throw error;
    const code = codeOf(error);
    const missing = code === 'ENOENT';
    const denied = code === 'EACCES' || code === 'EPERM';
    throw new HostError(name, `${verb} ${path} failed: ${error instanceof Error ? error.message : String(error)}`, {
      code: missing ? 'NO_FILE' : denied ? 'HOST_PERMISSION' : 'HOST_COMMAND_FAILED',
      exitCode: missing ? ExitCode.notFound : denied ? ExitCode.refused : ExitCode.failure,
      outcome: 'failed',
      hint: denied ? 'Another user may be needed, or sudo.' : 'Check the path.',
      cause: error,
    });
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined;
}
