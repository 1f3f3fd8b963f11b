import { appendFile, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';

/** A directory of a test. What runs on files below it ends with the run at the latest, also when a worker crashes. */
export async function ownDirectory(name: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), `zksh-${name}-`));
  await appendFile(`${inject('ensemblesDir')}.others`, `${directory}\n`);
  return directory;
}
