import { spawn } from 'node:child_process';

/** What a process that is timed has to end as. */
export interface Expected {
  /** Part of what it prints. */
  output: string;
  /** 0 alone when not given. */
  codes?: readonly number[];
}

/** Milliseconds from the start of a process to its end. @throws Error when it does not end as expected */
export function timeOf(command: readonly string[], { output: wanted, codes = [0] }: Expected): Promise<number> {
  return new Promise((resolve, reject) => {
    const [file = '', ...args] = command;
    const before = performance.now();
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    child.on('error', reject);
    child.on('close', (code) => {
      const took = performance.now() - before;
      if (code !== null && codes.includes(code) && output.includes(wanted)) resolve(took);
      else reject(new Error(`${command.join(' ')} ended with ${code}: ${output.trim()}`));
    });
  });
}
