import net from 'node:net';
import tls from 'node:tls';
import type { HostPort } from './connect-string.ts';
import type { TlsDialer } from './connection.ts';
import type { Environment } from './environment.ts';
import { oneRound, type Target } from './host-list.ts';

/** ClientCnxn's bound on one `isro`. */
const PROBE_TIMEOUT = 1000;
const MAX_ANSWER = 256;

/** What a server says to `isro`; `unknown` when it is up but keeps the word to itself. */
type ReadWriteAnswer = 'rw' | 'ro' | 'unknown' | 'down';

/** Asks a server by four-letter word whether it is part of a quorum. */
function askReadWrite(
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
function probePause(n: number): number {
  return Math.min(MAX_PAUSE, MIN_PAUSE * 2 ** Math.min(n, 10));
}

/**
 * Goes round the other servers until one is of a quorum.
 *
 * @param wait pauses, and says whether to go on
 * @returns the server to move to, or `undefined` when told to stop
 */
export async function seekReadWrite(
  here: Target,
  hosts: readonly HostPort[],
  on: {
    tls: TlsDialer | undefined;
    environment: Environment;
    wait: (milliseconds: number) => Promise<boolean>;
  },
): Promise<Target | undefined> {
  for (let n = 0; ; ) {
    for await (const found of oneRound(hosts, on.environment, { last: here })) {
      if (!(await on.wait(probePause(n++)))) return undefined;
      if ('error' in found || (found.address === here.address && found.port === here.port)) continue;
      // A server that keeps isro to itself is tried for real; the growing pause bounds what that costs.
      const answer = await askReadWrite(found, on.tls, on.environment);
      if (answer === 'rw' || answer === 'unknown') return found;
    }
  }
}
