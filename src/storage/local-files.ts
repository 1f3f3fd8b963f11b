import { open, readdir, stat } from 'node:fs/promises';
import type { OpenFile, StorageReader } from './storage-reader.ts';

/** The files of this machine. */
export const localFiles: StorageReader = {
  list: (directory) => readdir(directory),
  facts: async (path) => {
    const found = await stat(path);
    const kind = found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other';
    return { kind, size: found.size, modified: found.mtimeMs };
  },
  open: async (path): Promise<OpenFile> => {
    // A pipe or a socket would be waited for, perhaps for ever.
    if (!(await stat(path)).isFile()) throw new Error(`${path} is no file`);
    const handle = await open(path, 'r');
    return {
      read: async (position, length) => {
        const bytes = Buffer.allocUnsafe(length);
        let filled = 0;
        while (filled < length) {
          const { bytesRead } = await handle.read(bytes, filled, length - filled, position + filled);
          if (bytesRead === 0) break;
          filled += bytesRead;
        }
        return bytes.subarray(0, filled);
      },
      close: () => handle.close(),
    };
  },
};
