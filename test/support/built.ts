import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const RUN = fileURLToPath(new URL('../../bin/run.js', import.meta.url));

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
  const child = spawn(process.execPath, [RUN, ...argv], { env: { ...process.env, NO_COLOR: '1', ...env } });
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
