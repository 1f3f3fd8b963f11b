import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const RUN = fileURLToPath(new URL('../../bin/run.cjs', import.meta.url));

/** How the built `zksh` is started: by Node, or itself where ZKSH_TEST_BINARY names the self-contained executable. */
export const ZKSH: readonly [string, ...string[]] =
  process.env.ZKSH_TEST_BINARY === undefined ? [process.execPath, RUN] : [process.env.ZKSH_TEST_BINARY];

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

interface Surroundings {
  stdin?: string;
  env?: Record<string, string>;
}

/** Starts the built `zksh` as a process of its own, in an environment that names no ensemble. */
export function startZksh(
  argv: readonly string[],
  { stdin = '', env }: Surroundings = {},
): { child: ChildProcessWithoutNullStreams; ended: Promise<Ended> } {
  const [file, ...before] = ZKSH;
  const child = spawn(file, [...before, ...argv], { env: { ...process.env, NO_COLOR: '1', ...env } });
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  // It may end without having read its input.
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code) => resolve({ code, stdout: stdout(), stderr: stderr() }));
  });
  return { child, ended };
}

/** Runs the built `zksh` and waits for its end. */
export function zksh(argv: readonly string[], surroundings?: Surroundings): Promise<Ended> {
  return startZksh(argv, surroundings).ended;
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}
