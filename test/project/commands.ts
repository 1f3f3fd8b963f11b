import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Entry } from '../../bin/docs.js';

const folder = fileURLToPath(new URL('../../commands', import.meta.url));

/** Every command, loaded from its source, with the name a person types. */
export async function allCommands(): Promise<Entry[]> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const load = files.sort().map(async (file) => {
    const module = await import(/* @vite-ignore */ join(folder, file));
    const id = file.replace(/(\/index)?\.ts$/, '').replaceAll('/', ' ');
    return { id, command: module.default as Entry['command'] };
  });
  return Promise.all(load);
}
