#!/usr/bin/env node
// `npm run build`: TypeScript into dist/, then oclif.manifest.json, so that starting one command never reads the others.
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Plugin } from '@oclif/core/config';
import { settings } from '@oclif/core/settings';
import { $ } from 'zx';

const root = fileURLToPath(new URL('..', import.meta.url));
const manifestFile = join(root, 'oclif.manifest.json');

/** Files in dist/ whose source is gone: oclif would still offer them as commands. */
function leftovers() {
  const dist = join(root, 'dist');
  if (!existsSync(dist)) return [];
  return readdirSync(dist, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(js|d\.ts)$/.test(file))
    .filter((file) => !existsSync(join(root, file.replace(/\.(js|d\.ts)$/, '.ts'))))
    .map((file) => join(dist, file));
}

async function writeManifest() {
  settings.enableAutoTranspile = false;
  const plugin = new Plugin({
    root,
    type: 'core',
    ignoreManifest: true,
    errorOnManifestCreate: true,
    respectNoCacheDefault: true,
  });
  await plugin.load();
  writeFileSync(manifestFile, `${JSON.stringify(plugin.manifest)}\n`);
}

const tsc = await $({ cwd: root, stdio: 'inherit', nothrow: true })`node node_modules/typescript/bin/tsc -p .`;
for (const file of leftovers()) rmSync(file);
if (tsc.exitCode === 0) {
  await writeManifest();
} else {
  // A manifest of the build before would hide the commands of this one.
  rmSync(manifestFile, { force: true });
  process.exitCode = 1;
}
