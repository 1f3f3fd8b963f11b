#!/usr/bin/env node
'use strict';
// Starts the build. CommonJS, because Node's loader of ES modules alone would take a tenth of the time that a command
// has, and with compiled code kept between runs, because compiling takes most of what is left.
const path = require('node:path');

const root = path.join(__dirname, '..');
const bundle = path.join(root, 'dist', 'bundle');

/** In the user's own cache: who can write to it can make this user run code. */
function cacheFolder() {
  const { XDG_CACHE_HOME, HOME } = process.env;
  const base = XDG_CACHE_HOME || (HOME && path.join(HOME, '.cache'));
  return base && path.isAbsolute(base) ? path.join(base, 'zksh', 'code') : undefined;
}

/** How files of the bundle are loaded. */
function loader() {
  const plain = { load: (/** @type {string} */ name) => require(path.join(bundle, name)), keep: undefined };
  if (process.argv.includes('--debug') || process.env.ZKSH_DEBUG === '1') {
    // Stack traces name the sources, of the files that Node loads after this.
    process.setSourceMapsEnabled(true);
    return plain;
  }
  const folder = cacheFolder();
  if (folder === undefined || process.env.NODE_DISABLE_COMPILE_CACHE === '1') return plain;
  return require('./code-cache.cjs').codeCache(bundle, folder);
}

async function start() {
  const { load, keep } = loader();
  const { code, commands } = await load('./zksh.cjs').run(process.argv.slice(2), root);
  // What was written is out before the process goes, also into a slow pipe.
  await new Promise((resolve) => process.stdout.write('', resolve));
  keep?.(commands);
  process.exit(code);
}

void start();
