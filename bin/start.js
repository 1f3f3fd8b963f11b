#!/usr/bin/env node
// `npm start`: set-up, a local ensemble of three real servers, and the shell on it. With piped input that input is
// run as a shell script: stdout is the script's, all talk about set-up goes to stderr.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { orExplain, SetupError, setUp } from './setup.js';

const ENSEMBLE = 'dev';
const run = fileURLToPath(new URL('./run.js', import.meta.url));

/** Brings the ensemble up, or finds it up. */
function ensemble() {
  // stdin stays untouched for the script, and stdout carries nothing but what the script prints.
  const up = spawnSync(process.execPath, [run, 'local', 'up', ENSEMBLE, '--servers', '3'], { stdio: ['ignore', 2, 2] });
  if (up.status !== 0) throw new SetupError(`The local ensemble "${ENSEMBLE}" did not come up; see the lines above.`);
}

orExplain(setUp);
orExplain(ensemble);
process.argv = [process.execPath, run, '-C', ENSEMBLE, ...process.argv.slice(2)];
await import('./run.js');
