import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, inject, onTestFailed, onTestFinished } from 'vitest';
import { down, type LocalEnsemble, type LocalSpec, logs, open, up } from '../../src/local/ensemble.ts';
import { withLock } from '../../src/local/file-lock.ts';
import { defaultCacheDir } from '../../src/local/installation.ts';
import './global-setup.ts';

/** A running ensemble and the secret of its super user (`addauth digest super:SECRET`). */
export interface TestEnsemble extends LocalEnsemble {
  stateDir: string;
  superSecret: string;
}

/** A spec whose name and place the test support chooses. */
export type TestSpec = Omit<LocalSpec, 'name' | 'stateDir'>;

const SHARED = {
  standalone: { servers: 1 },
  three: { servers: 3 },
  tls: { servers: 1, tls: true },
  sasl: { servers: 1, sasl: true },
} satisfies Record<string, TestSpec>;

const FIRST_USE_TIMEOUT = 120_000;
let counter = 0;

/**
 * An ensemble that all test files of a run share; started by whoever asks first, stopped when the run ends. Never stop
 * or reconfigure it, and stay under a path of your own: use `ephemeralEnsemble` for anything destructive.
 */
export function sharedEnsemble(kind: keyof typeof SHARED): Promise<TestEnsemble> {
  return shared(kind, SHARED[kind]);
}

/** Like `sharedEnsemble`: a standalone server of that release, fetched by Maven when it is not installed. */
export function sharedRelease(version: string): Promise<TestEnsemble> {
  return shared(`release-${version}`, { servers: 1, version });
}

/** An ensemble for one test: called inside it, removed when it ends; its log ends are printed when it fails. */
export async function ephemeralEnsemble(spec: TestSpec = {}): Promise<TestEnsemble> {
  const placed = place(nextName(), spec);
  onTestFinished(async () => {
    await down(placed);
  }, 60_000);
  onTestFailed(() => printLogs(placed));
  return withSecret(await up(placed));
}

/** An ensemble for the tests of one describe block: called in its body, gives a function that returns the ensemble. */
export function useEnsemble(spec: TestSpec = {}): () => TestEnsemble {
  let ensemble: TestEnsemble | undefined;
  const placed = place(nextName(), spec);
  beforeAll(async () => {
    ensemble = await withSecret(await up(placed));
  }, FIRST_USE_TIMEOUT);
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') await printLogs(placed);
  });
  afterAll(async () => {
    await down(placed);
  });
  return () => {
    if (ensemble === undefined) throw new Error('the ensemble is only there inside tests and hooks');
    return ensemble;
  };
}

async function shared(name: string, spec: TestSpec): Promise<TestEnsemble> {
  const placed = place(`shared-${name}`, spec);
  const ensemble = await withLock(join(placed.stateDir, '.first-use', name), FIRST_USE_TIMEOUT, async () => {
    return open(placed).catch(() => up(placed));
  });
  return withSecret(ensemble);
}

/** Test files run in several processes of one state directory. */
function nextName(): string {
  counter += 1;
  return `test-${process.pid}-${counter}`;
}

function place(name: string, spec: TestSpec): LocalSpec & { stateDir: string } {
  // An unnamed version must not depend on what earlier runs fetched, so its cache holds no named ones.
  const cacheDir = spec.version === undefined ? `${defaultCacheDir()}-unnamed` : defaultCacheDir();
  return { cacheDir, ...spec, name, stateDir: stateDirOfRun() };
}

function stateDirOfRun(): string {
  const stateDir: string | undefined = inject('ensemblesDir');
  if (stateDir === undefined) throw new Error('real servers need: vitest run --config test/vitest.config.ts');
  return stateDir;
}

async function withSecret(ensemble: LocalEnsemble): Promise<TestEnsemble> {
  const superSecret = (await readFile(ensemble.superAuth.secretFile, 'utf8')).trim();
  return { ...ensemble, stateDir: stateDirOfRun(), superSecret };
}

async function printLogs(placed: LocalSpec): Promise<void> {
  const ensemble = await open(placed).catch(() => undefined);
  for (const { id, state } of ensemble?.members ?? []) {
    const { path, lines } = await logs(placed, id, 25);
    process.stderr.write(`--- member ${id} (${state}), end of ${path} ---\n${lines.join('\n')}\n`);
  }
}
