import type { IncomingMessage } from 'node:http';
import type { ConnectionOptions } from 'node:tls';
import { ExitCode, UsageError, ZkshError } from '../protocol/errors.ts';
import { type ClockReading, clockOfDate } from './clock.ts';
import { socketFailure } from './socket-failure.ts';

/** Which AdminServer to ask for what. */
export interface AdminRequest {
  /** Where its commands are, `http://host:8080/commands`. */
  url: string;
  /** Its name and, after a `?`, its parameters. */
  command: string;
  /** What to send by POST, as JSON, and in whose name: `digest user:password`. By GET when undefined. */
  post?: { body: object; authorization?: string | undefined } | undefined;
  /** Milliseconds for the whole exchange, 5000 by default. */
  timeout?: number | undefined;
  signal?: AbortSignal | undefined;
  /** Ends the exchange only as long as the connection is not taken. */
  connecting?: AbortSignal | undefined;
  /** For https: whom to trust and who we are. */
  tls?: ConnectionOptions | undefined;
}

/** What an AdminServer answered. */
export interface AdminAnswer {
  /** The body as it came. */
  text: string;
  /** The body's fields without `command` and `error`; whole numbers too large for a JavaScript number are bigints. */
  fields: Readonly<Record<string, unknown>>;
  /** What the server says is wrong: an unknown command, not serving. */
  error: string | undefined;
  /** The server's clock, where the answer has a `Date`. */
  clock?: ClockReading | undefined;
}

const DEFAULT_TIMEOUT = 5000;
/** `connections` or `watches` of a big server are some megabytes. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

/**
 * Runs one AdminServer command. Throws `ZkshError`: `CONNECTION_FAILED`, `TIMEOUT`, `INTERRUPTED`, and
 * `NOT_ADMIN_SERVER` when something else answers there.
 */
export async function askAdminServer(request: AdminRequest): Promise<AdminAnswer> {
  const { status, text, clock } = await exchange(request);
  const fields = parseAdminJson(text);
  if (fields === undefined) throw notAdminServer(request, status, text);
  const { command: _command, error, ...rest } = fields;
  return { text, fields: rest, error: typeof error === 'string' ? error : undefined, clock };
}

/** The object in an AdminServer's answer, undefined for anything else. */
export function parseAdminJson(text: string): Record<string, unknown> | undefined {
  try {
    // A session id or zxid as a JavaScript number would be another one; so numbers that may be too large become text first.
    const exact = text.replaceAll(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g, (token) =>
      token.startsWith('"') ? token : `{"$int":"${token}"}`,
    );
    const value: unknown = JSON.parse(exact, (_key, field: unknown) => asBigInt(field));
    return isRecord(value) && 'command' in value ? value : undefined;
  } catch {
    return undefined;
  }
}

function asBigInt(value: unknown): unknown {
  return isRecord(value) && typeof value.$int === 'string' && /^-?\d+$/.test(value.$int) ? BigInt(value.$int) : value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

interface Reply {
  status: number;
  text: string;
  clock: ClockReading | undefined;
}

async function exchange(request: AdminRequest): Promise<Reply> {
  const { signal, connecting, post, timeout = DEFAULT_TIMEOUT, tls = {} } = request;
  const url = commandUrl(request);
  const { request: send } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let from = Date.now();
    const fail = (error: ZkshError): void => {
      finish();
      reject(error);
    };
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      connecting?.removeEventListener('abort', onAbort);
      sent.destroy();
    };
    const onAbort = (): void => fail(interrupted(request));
    const timer = setTimeout(() => fail(tooLate(request, timeout)), timeout);
    const onResponse = (response: IncomingMessage): void => {
      const clock = clockOfDate(response.headers.date, { from, to: Date.now() + 1 });
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > MAX_ANSWER_BYTES) fail(failed(request, `its answer is over ${MAX_ANSWER_BYTES} bytes`));
        else chunks.push(chunk);
      });
      response.on('error', (error) => fail(failed(request, error.message, error)));
      response.on('end', () => {
        finish();
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8'), clock });
      });
    };
    // Without an agent: one exchange a connection, and nothing is kept open after the command.
    const method = post === undefined ? 'GET' : 'POST';
    const headers = {
      accept: 'application/json',
      ...(post === undefined ? {} : { 'content-type': 'application/json' }),
      ...(post?.authorization === undefined ? {} : { authorization: post.authorization }),
    };
    const sent = send(url, { ...tls, method, agent: false, headers }, onResponse);
    sent.on('error', (error) => fail(failed(request, reasonOf(error), error)));
    sent.end(post === undefined ? undefined : JSON.stringify(post.body));
    sent.once('socket', (socket) => {
      socket.once('connect', () => connecting?.removeEventListener('abort', onAbort));
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => {
        from = Date.now();
      });
    });
    for (const one of [signal, connecting]) {
      if (one?.aborted === true) onAbort();
      else one?.addEventListener('abort', onAbort, { once: true });
    }
  });
}

function commandUrl({ url, command }: AdminRequest): URL {
  if (/^[\w.-]+(?:\?[^#\s]*)?$/.test(command)) {
    try {
      return new URL(`${url.replace(/\/+$/, '')}/${command}`);
    } catch (cause) {
      throw new UsageError(`"${url}" is no URL`, { hint: 'For example http://host:8080/commands.', cause });
    }
  }
  throw new UsageError(`"${command}" is no command of an AdminServer`, {
    hint: 'For example monitor, leader, connections, zabstate or hash.',
  });
}

function reasonOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  return code?.startsWith('HPE_') === true ? 'it does not speak HTTP' : socketFailure(error);
}

function notAdminServer({ url, command }: AdminRequest, status: number, text: string): ZkshError {
  // Servers from 3.6 on fail `monitor` with a NullPointerException, as a page of HTML, while they don't serve.
  if (status === 500 && /NullPointerException/.test(text) && /zookeeper/i.test(text)) {
    return new ZkshError(`the AdminServer at ${url} failed ${command}: its server does not serve now`, {
      code: 'NOT_SERVING',
      exitCode: ExitCode.connection,
      hint: 'Ask again when it has found its leader.',
    });
  }
  return new ZkshError(`what answers at ${url} is no AdminServer (HTTP status ${status})`, {
    code: 'NOT_ADMIN_SERVER',
    exitCode: ExitCode.connection,
    hint: 'Name its address with --admin, or --admin off.',
  });
}

function tooLate({ url, command }: AdminRequest, timeout: number): ZkshError {
  return new ZkshError(`the AdminServer at ${url} did not answer ${command} within ${timeout} ms`, {
    code: 'TIMEOUT',
    exitCode: ExitCode.timeout,
    hint: 'A firewall may drop what is sent to that port.',
  });
}

function failed({ url, command }: AdminRequest, why: string, cause?: Error): ZkshError {
  return new ZkshError(`cannot ask the AdminServer at ${url} for ${command}: ${why}`, {
    code: 'CONNECTION_FAILED',
    exitCode: ExitCode.connection,
    hint: 'Check that it is enabled (admin.enableServer) and listens there (admin.serverPort); name it with --admin.',
    cause,
  });
}

function interrupted({ url, command }: AdminRequest): ZkshError {
  return new ZkshError(`asking ${url} for ${command} was interrupted`, {
    code: 'INTERRUPTED',
    exitCode: ExitCode.interrupted,
  });
}
