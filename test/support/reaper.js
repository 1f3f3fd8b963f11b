// Started by global-setup.ts with a pipe as its input: the pipe ends when vitest does, however it does. What still runs
// on configuration files of the directory, and of those that tests made besides, is killed, and they are removed.
import { readdirSync, readFileSync, rmSync } from 'node:fs';

const directory = process.argv[2] ?? '';
const others = `${directory}.others`;

/** @returns {string[]} */
function directories() {
  try {
    return [directory, ...readFileSync(others, 'utf8').split('\n').filter(Boolean)];
  } catch {
    return [directory];
  }
}

/**
 * @param {string} pid
 * @param {readonly string[]} places
 */
function serves(pid, places) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      .split('\0')
      .some((word) => places.some((place) => word.startsWith(`${place}/`)));
  } catch {
    return false;
  }
}

/** @returns {string[]} */
function processes() {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  } catch {
    return [];
  }
}

process.stdin.resume();
process.stdin.on('close', () => {
  if (directory === '') return;
  const places = directories();
  for (const pid of processes().filter((one) => serves(one, places))) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // Gone meanwhile.
    }
  }
  for (const place of [...places, others]) rmSync(place, { recursive: true, force: true, maxRetries: 10 });
});
