import { open } from 'node:fs/promises';

/** How much of the end of a log is read to find its last lines: enough for a few stack traces. */
const WINDOW = 64 * 1024;

/** The last lines of a file, none when it does not exist. */
export async function tail(path: string, lines: number): Promise<string[]> {
  const file = await open(path, 'r').catch(() => undefined);
  if (file === undefined) return [];
  try {
    const { size } = await file.stat();
    const length = Math.min(size, Math.max(WINDOW, lines * 400));
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const text = buffer.subarray(0, bytesRead).toString('utf8');
    return text
      .replace(/\n$/, '')
      .split('\n')
      .slice(-lines)
      .filter((line, index) => index > 0 || line !== '');
  } finally {
    await file.close();
  }
}
