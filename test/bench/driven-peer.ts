import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { PeerProgram } from './peers.ts';

/** A connected peer program that does what it is told, a line each (see peers/load.ts). */
export interface DrivenPeer {
  readonly name: string;
  readonly version: string;
  /** Why it answers no more; undefined while it does. */
  readonly failure: string | undefined;
  /** Sends a line and waits for the answer; undefined when the peer has failed, now or before. */
  ask<T>(line: string): Promise<T | undefined>;
  end(): void;
}

/** How long a peer may take to connect or to answer, in milliseconds: it is stuck then, and so would be the bench. */
const PATIENCE = 120_000;

/** Starts a peer program. @throws Error with what it said when it does not connect */
export async function drive(program: PeerProgram, address: string): Promise<DrivenPeer> {
  const [command = '', ...args] = program.command;
  const where = program.splitAddress ? address.split(':') : [address];
  const child = spawn(command, [...args, ...where], { stdio: ['pipe', 'pipe', 'pipe'] });
  const complaints = collect(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stdin.on('error', () => {});
  const answer = async <T>(): Promise<T> => {
    const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
    const { value, done } = await lines.next();
    clearTimeout(timer);
    if (done) throw new Error(`${program.name} ended: ${complaints().trim() || 'it said nothing'}`);
    return JSON.parse(value) as T;
  };
  const { version } = await answer<{ version: string }>();
  const peer = {
    name: program.name,
    version,
    failure: undefined as string | undefined,
    ask: async <T>(line: string): Promise<T | undefined> => {
      if (peer.failure !== undefined) return undefined;
      child.stdin.write(`${line}\n`);
      try {
        return await answer<T>();
      } catch (error) {
        peer.failure = (error as Error).message;
        return undefined;
      }
    },
    end: () => {
      child.kill('SIGKILL');
    },
  };
  return peer;
}

function collect(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    text = `${text}${chunk}`.slice(-2000);
  });
  child.on('error', (error) => {
    text += error.message;
  });
  return () => text;
}
