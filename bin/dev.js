#!/usr/bin/env node
// zksh from its TypeScript sources: Node 22.18 and later run them as they are, Node 20 builds first.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

if ('typescript' in process.features && process.features.typescript) {
  const { settings } = await import('@oclif/core/settings');
  // Node strips the types itself; oclif's own way needs a loader.
  settings.enableAutoTranspile = false;
  const { main } = await import('../src/cli/main.ts');
  const pjson = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  pjson.oclif.commands = './commands';
  process.exit(await main(process.argv.slice(2), { root, pjson, ignoreManifest: true }));
} else {
  const built = spawnSync(process.execPath, [`${root}bin/build.js`], { stdio: ['ignore', 2, 2] });
  if (built.status !== 0) process.exit(1);
  await import('./run.js');
}
