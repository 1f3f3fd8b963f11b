#!/usr/bin/env node
// `npm test [-- FILTER…]`: set-up, build, lint, types, dead code, then vitest; the last line is `N passed, N failed`.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { orExplain, setUpTests } from './setup.js';

orExplain(setUpTests);

const { $ } = await import('zx');
const root = fileURLToPath(new URL('..', import.meta.url));
// A log read later is no place for colour codes, whatever the tools believe of a pipe.
const env = process.stdout.isTTY ? process.env : { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined };
const sh = $({ cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'], nothrow: true, preferLocal: root });

const totals = { passed: 0, failed: 0, skipped: 0 };

/**
 * One check counts as one test.
 * @param {string} title
 * @param {() => Promise<{ exitCode: number | null }>} run
 */
async function check(title, run) {
  process.stdout.write(`── ${title}\n`);
  const { exitCode } = await run();
  totals[exitCode === 0 ? 'passed' : 'failed'] += 1;
}

/** Those that start zksh as a process, and so can start the self-contained executable as well. */
const END_TO_END = [
  'test/cli/process',
  'test/shell/script',
  'test/shell/terminal',
  'test/commands/zkcli-parity',
  'test/project/tour',
  'test/project/binary',
];

/**
 * @param {string} title
 * @param {readonly string[]} args filters and options for vitest
 * @param {Record<string, string>} [surroundings]
 */
async function runTests(title, args, surroundings) {
  process.stdout.write(`── ${title}\n`);
  const folder = mkdtempSync(join(tmpdir(), 'zksh-report-'));
  const report = join(folder, 'report.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const run = sh({ env: { ...env, ...surroundings } });
  const { exitCode } = await run`vitest run --config test/vitest.config.ts ${reporters} ${args}`;
  const failedBefore = totals.failed;
  try {
    count(JSON.parse(readFileSync(report, 'utf8')));
  } catch {
    // No report: vitest itself did not get to its end.
  }
  rmSync(folder, { recursive: true, force: true });
  // An error outside any test (an unhandled rejection, a failed set-up) fails the run without failing a test.
  if (exitCode !== 0 && totals.failed === failedBefore) totals.failed += 1;
}

/**
 * @param {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number,
 *   testResults: { status: string, assertionResults: { status: string }[] }[] }} report
 */
function count(report) {
  totals.passed += report.numPassedTests;
  totals.skipped += report.numPendingTests + report.numTodoTests;
  // A file that cannot be loaded has no tests to fail, yet it has failed.
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  totals.failed += report.numFailedTests + broken.length;
}

await check('build', () => sh`node bin/build.js`);
await check('lint and format', () => sh`biome check --config-path=test --error-on-warnings .`);
await check('types', () => sh`tsc --noEmit -p test`);
await check('dead code', () => sh`knip --no-progress`);
await runTests('tests', process.argv.slice(2));
if (process.argv.length === 2) {
  const binary = join(root, 'dist', 'bin', 'zksh');
  await check('executable', () => sh`node bin/build-binary.js`);
  if (existsSync(binary)) await runTests('end to end, with the executable', END_TO_END, { ZKSH_TEST_BINARY: binary });
}

if (totals.skipped > 0) process.stdout.write(`\n${totals.skipped} skipped, each for the reason it gives\n`);
process.stdout.write(`\n${totals.passed} passed, ${totals.failed} failed\n`);
process.exitCode = totals.failed === 0 ? 0 : 1;
