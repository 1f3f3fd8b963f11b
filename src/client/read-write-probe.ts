import net from 'node:net';
import tls from 'node:tls';
import type { TlsDialer } from './connection.ts';
import type { Environment } from './environment.ts';
import type { Target } from './host-list.ts';

/** ClientCnxn's bound on one `isro`. */
const PROBE_TIMEOUT = 1000;
const MAX_ANSWER = 256;

/** What a server says to `isro`; `unknown` when it is up but keeps the word to itself. */
export type ReadWriteAnswer = 'rw' | 'ro' | 'unknown' | 'down';

/** Asks a server by four-letter word whether it is part of a quorum. */
export function askReadWrite(
  target: Target,
  dialer: TlsDialer | undefined,
  environment: Environment,
): Promise<ReadWriteAnswer> {
  return new Promise((resolve) => {
    const where = { host: target.address, port: target.port };
    const socket = dialer === undefined ? net.connect(where) : tls.connect({ ...dialer.options(target), ...where });
    let answer = '';
    const done = (result: ReadWriteAnswer) => {
      environment.clearTimer(timer);
      socket.destroy();
      resolve(result);
    };
    const timer = environment.setTimer(() => done('down'), PROBE_TIMEOUT);
    socket.once(dialer === undefined ? 'connect' : 'secureConnect', () => socket.write('isro'));
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
      if (answer.length > MAX_ANSWER) done('unknown');
    });
    socket.on('error', () => done('down'));
    socket.on('close', () => {
      const word = answer.trim();
      if (word === 'rw' || word === 'ro') done(word);
      else done(word === '' ? 'down' : 'unknown');
    });
  });
}

/** First pause between probes, and the longest, in milliseconds; ClientCnxn's, doubled from one to the other. */
const MIN_PAUSE = 100;
const MAX_PAUSE = 60_000;

/** How long to wait before probe number `n`, counted from 0, in milliseconds. */
export function probePause(n: number): number {
  return Math.min(MAX_PAUSE, MIN_PAUSE * 2 ** Math.min(n, 10));
}
