#!/usr/bin/env node
// `npm run build`: TypeScript into dist/, oclif.manifest.json, and the bundle that bin/run.cjs starts. All is made in a
// folder of its own and put in place at the end: a build that fails, or is under way, leaves the one before as it is.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Plugin } from '@oclif/core/config';
import { settings } from '@oclif/core/settings';
import { $ } from 'zx';
import { bundle } from './bundle.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const work = join(root, 'node_modules', '.cache', `zksh-build-${process.pid}`);

/** What oclif says of the compiled commands, as if they were in dist/ already. @param {string} folder */
async function readManifest(folder) {
  settings.enableAutoTranspile = false;
  const pjson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  pjson.oclif.commands = `./${relative(root, join(folder, 'commands'))}`;
  const options = { ignoreManifest: true, errorOnManifestCreate: true, respectNoCacheDefault: true };
  const plugin = new Plugin({ root, pjson, type: 'core', isRoot: true, ...options });
  await plugin.load();
  const depth = relative(root, folder).split(sep).length;
  for (const command of Object.values(plugin.manifest.commands)) {
    command.relativePath = ['dist', ...(command.relativePath ?? []).slice(depth)];
  }
  return plugin.manifest;
}

/** @param {string} folder @param {unknown} manifest */
function putInPlace(folder, manifest) {
  const before = join(work, 'before');
  writeFileSync(join(work, 'manifest.json'), `${JSON.stringify(manifest)}\n`);
  if (existsSync(dist)) renameSync(dist, before);
  renameSync(folder, dist);
  renameSync(join(work, 'manifest.json'), join(root, 'oclif.manifest.json'));
}

const compiled = join(work, 'dist');
mkdirSync(work, { recursive: true });
try {
  const tsc = ['node_modules/typescript/bin/tsc', '-p', '.', '--outDir', compiled];
  const { exitCode } = await $({ cwd: root, stdio: 'inherit', nothrow: true })`node ${tsc}`;
  if (exitCode === 0) {
    const manifest = await readManifest(compiled);
    await bundle(manifest, join(compiled, 'bundle'));
    putInPlace(compiled, manifest);
  } else {
    process.exitCode = 1;
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
