import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { vi } from 'vitest';

/** A script of the test that stands on the PATH in place of a tool, and keeps the arguments of each call. */
export interface StandIn {
  directory: string;
  /** What it was called with since the last time this was asked. */
  calls(): string[][];
  /** What it answers from now on: shell code, with the arguments of the call. */
  answer(script: string): void;
  remove(): void;
}

export function standIn(name: string, script: string): StandIn {
  const directory = mkdtempSync(join(tmpdir(), `zksh-${name}-`));
  const [log, answer] = [join(directory, 'calls'), join(directory, 'answer')];
  const file = join(directory, name);
  writeFileSync(answer, script);
  writeFileSync(file, `#!/bin/sh\n{ printf '%s\\0' "$@"; printf '\\0\\0'; } >>${log}\n. ${answer}\n`);
  chmodSync(file, 0o755);
  vi.stubEnv('PATH', `${directory}${delimiter}${process.env.PATH}`);
  return {
    directory,
    calls() {
      const text = existsSync(log) ? readFileSync(log, 'utf8') : '';
      rmSync(log, { force: true });
      return text
        .split('\0\0\0')
        .slice(0, -1)
        .map((call) => call.split('\0'));
    },
    answer: (next) => writeFileSync(answer, next),
    remove() {
      vi.unstubAllEnvs();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
