#!/usr/bin/env node
import nodeModule from 'node:module';
import { fileURLToPath } from 'node:url';

// From Node 22 on, compiled code is kept between runs; it must be asked for before the code is loaded.
if ('enableCompileCache' in nodeModule && typeof nodeModule.enableCompileCache === 'function') {
  nodeModule.enableCompileCache();
}
// Where NODE_ENV says development, oclif would go looking for a TypeScript loader.
const { settings } = await import('@oclif/core/settings');
settings.enableAutoTranspile = false;
const entry = new URL('../dist/src/cli/main.js', import.meta.url);
/** @type {typeof import('../src/cli/main.ts')} */
const { main } = await import(entry.href);

const code = await main(process.argv.slice(2), fileURLToPath(new URL('..', import.meta.url)));
// What was written is out before the process goes, also into a slow pipe.
await new Promise((resolve) => process.stdout.write('', resolve));
process.exit(code);
