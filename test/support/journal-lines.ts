import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** An entry of a journal, as much of it as tests look at. */
export interface Line {
  type: string;
  step?: string;
}

/** The entries of a journal, as far as they are whole. */
export function entriesIn(path: string): Line[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Line);
  } catch {
    return [];
  }
}

/** The journal that is not one of those that were known; a path of nothing while there is none. */
export async function newJournal(directory: string, known: readonly string[]): Promise<string> {
  return join(directory, (await journalNames(directory)).find((name) => !known.includes(name)) ?? 'none');
}

export async function journalNames(directory: string): Promise<string[]> {
  return readdir(directory).catch(() => []);
}
