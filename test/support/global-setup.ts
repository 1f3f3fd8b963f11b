import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { down, list } from '../../src/local/ensemble.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The state directory of this run's local ensembles. */
    ensemblesDir: string;
  }
}

/**
 * Gives the run a directory for its ensembles; servers start when a test first asks for them (see ensembles.ts) and all
 * end with the run. A reaper process does the same when vitest is killed and no teardown runs.
 */
export default function setup(project: TestProject): () => Promise<void> {
  const ensemblesDir = mkdtempSync(join(tmpdir(), 'zksh-test-servers-'));
  project.provide('ensemblesDir', ensemblesDir);
  const reaper = spawn(process.execPath, [fileURLToPath(new URL('reaper.js', import.meta.url)), ensemblesDir], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  reaper.unref();
  return async () => {
    for (const { name } of await list(ensemblesDir)) await down({ name, stateDir: ensemblesDir });
    rmSync(ensemblesDir, { recursive: true, force: true });
    reaper.stdin.end();
  };
}
