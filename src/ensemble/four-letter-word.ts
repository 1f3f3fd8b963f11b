import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { ExitCode, UsageError, ZkshError } from '../protocol/errors.ts';
import { socketFailure } from './socket-failure.ts';

/** Where and what to ask; `tls` is for a secure client port. */
export interface FourLetterWordRequest {
  host: string;
  port: number;
  word: string;
  /** Milliseconds for the whole exchange, 5000 by default. */
  timeout?: number | undefined;
  signal?: AbortSignal | undefined;
  tls?: ConnectionOptions | undefined;
}

/** `mntr`, `cons` or `dump` of a big server are a few megabytes; more than this is not a ZooKeeper server. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
const DEFAULT_TIMEOUT = 5000;

/**
 * Sends one four-letter word and returns the whole answer. Throws `ZkshError`: `CONNECTION_FAILED`, `TIMEOUT`,
 * `INTERRUPTED`, and `WORD_REFUSED` when the server's whitelist lacks the word.
 */
export async function fourLetterWord(request: FourLetterWordRequest): Promise<string> {
  if (!/^[a-z]{4}$/.test(request.word)) {
    throw new UsageError(`"${request.word}" is not a four-letter word`);
  }
  const answer = await exchange(request);
  // NettyServerCnxn and NIOServerCnxn answer a forbidden word in words, as if it were a result.
  if (/^[a-z]{4} is not executed because it is not in the whitelist/.test(answer)) {
    throw new ZkshError(`${request.host}:${request.port} refuses the four-letter word ${request.word}`, {
      code: 'WORD_REFUSED',
      exitCode: ExitCode.refused,
      hint: `Add ${request.word} to 4lw.commands.whitelist in that server's zoo.cfg, or ask its AdminServer.`,
    });
  }
  return answer;
}

function exchange(request: FourLetterWordRequest): Promise<string> {
  const { host, port, word, signal } = request;
  const timeout = request.timeout ?? DEFAULT_TIMEOUT;
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(aborted(request));
      return;
    }
    const chunks: Buffer[] = [];
    let size = 0;
    const socket = open(request);
    const finish = (error?: Error): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.destroy();
      if (error === undefined) resolve(Buffer.concat(chunks).toString('utf8'));
      else reject(error);
    };
    const onAbort = (): void => finish(aborted(request));
    const timer = setTimeout(() => {
      finish(
        new ZkshError(`${host}:${port} did not answer ${word} within ${timeout} ms`, {
          code: 'TIMEOUT',
          exitCode: ExitCode.timeout,
          hint: 'The server may be paused, overloaded, or speak TLS on this port.',
        }),
      );
    }, timeout);
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_ANSWER_BYTES) finish(failed(request, `its answer is over ${MAX_ANSWER_BYTES} bytes`));
      else chunks.push(chunk);
    });
    socket.on('error', (error) => finish(failed(request, socketFailure(error), error)));
    // An end without a byte is what a server says to a word it does not know, or a TLS port to plain text.
    socket.on('end', () =>
      finish(size === 0 ? failed(request, 'it closed the connection without an answer') : undefined),
    );
    socket.on('close', () => finish(failed(request, 'it closed the connection early')));
    // Never half-close: NettyServerCnxn drops the answer of a peer that has closed its side.
    socket.write(word);
  });
}

function open({ host, port, tls }: FourLetterWordRequest): Socket {
  return tls === undefined ? connect({ host, port }) : connectTls({ ...tls, host, port });
}

function failed({ host, port, word }: FourLetterWordRequest, why: string, cause?: Error): ZkshError {
  return new ZkshError(`cannot ask ${host}:${port} for ${word}: ${why}`, {
    code: 'CONNECTION_FAILED',
    exitCode: ExitCode.connection,
    hint: 'Check that a ZooKeeper server listens there.',
    cause,
  });
}

function aborted({ host, port, word }: FourLetterWordRequest): ZkshError {
  return new ZkshError(`asking ${host}:${port} for ${word} was interrupted`, {
    code: 'INTERRUPTED',
    exitCode: ExitCode.interrupted,
  });
}
