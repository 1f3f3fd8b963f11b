#!/usr/bin/env node
// `npm run bench`: compiles the bench together with src/, since Node 20 runs no TypeScript, and starts it.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const compiled = new URL('../../node_modules/.cache/zksh-bench/test/bench/main.js', import.meta.url);

const tsc = ['node_modules/typescript/bin/tsc', '-p', 'test/bench'];
const { status } = spawnSync(process.execPath, tsc, { cwd: root, stdio: ['ignore', 2, 2] });
if (status === 0) {
  /** @type {{ main(argv: string[], root: string): Promise<number> }} */
  const { main } = await import(compiled.href);
  process.exitCode = await main(process.argv.slice(2), root);
} else {
  process.exitCode = 1;
}
