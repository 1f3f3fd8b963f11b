// Started by global-setup.ts with a pipe as its input: the pipe ends when vitest does, however it does. What still runs
// on the directory's configuration files is killed and the directory removed.
import { readdirSync, readFileSync, rmSync } from 'node:fs';

const directory = process.argv[2] ?? '';

/** @param {string} pid */
function serves(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      .split('\0')
      .some((word) => word.startsWith(`${directory}/`));
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
  for (const pid of processes().filter(serves)) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // Gone meanwhile.
    }
  }
  rmSync(directory, { recursive: true, force: true, maxRetries: 10 });
});
