import net from 'node:net';
import tls from 'node:tls';
import { ZkshError } from '../protocol/errors.ts';
import { ReplyHeader } from '../protocol/records.ts';
import type { Environment } from './environment.ts';
import { ProtocolError, TransportError } from './errors.ts';
import { FrameSplitter, type OversizedFrame } from './frames.ts';
import type { Target } from './host-list.ts';

/** Frames before the session is up are small; a large one is some other protocol's text read as a length. */
const HANDSHAKE_FRAME_LIMIT = 1 << 16;
/** What may come unasked while a slow credential is worked out: a ping's answer, no more. */
const MAX_EARLY_FRAMES = 8;
/** Unsent bytes in the socket above which the pipeline holds back. */
const HIGH_WATER = 1 << 20;

/** Turns a target into the options of a TLS connection; absent for plain TCP. */
export interface TlsDialer {
  options(target: Target): tls.ConnectionOptions;
  explain(error: Error, target: Target): ZkshError;
}

/** What a connection tells its user once the handshake's pull mode is over. */
export interface ConnectionListener {
  frame(bytes: Buffer): void;
  oversized(frame: OversizedFrame): void;
  /** The socket takes more again. */
  drained(): void;
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'network unreachable',
  ETIMEDOUT: 'no answer to the connection attempt',
  ECONNRESET: 'the server reset the connection',
  EPIPE: 'the server closed the connection',
};

function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? 'SOCKET_ERROR';
}

function explainSocketError(error: Error): ZkshError {
  if (error instanceof ZkshError) return error;
  const code = codeOf(error);
  return new TransportError(code, REASONS[code] ?? error.message, { cause: error });
}

/** Before TLS stands, a reset is its business too: a plain port, or a certificate missing. */
function explainHandshakeError(error: Error, dialer: TlsDialer | undefined, target: Target): ZkshError {
  const code = codeOf(error);
  const ofTls = REASONS[code] === undefined || code === 'ECONNRESET' || code === 'EPIPE';
  return dialer !== undefined && ofTls ? dialer.explain(error, target) : explainSocketError(error);
}

/** A TLS 1.3 server looks at the client's certificate last, so its alert may come when all seems well. */
function explainLaterError(error: Error, dialer: TlsDialer | undefined, target: Target): ZkshError {
  const ofTls = codeOf(error).startsWith('ERR_SSL_');
  return dialer !== undefined && ofTls ? dialer.explain(error, target) : explainSocketError(error);
}

/**
 * One socket to one server, framed. It ends exactly once, with the reason; nothing it was given after is sent, and
 * nothing that arrives after is passed on.
 */
export class Connection {
  readonly target: Target;
  /** Resolves with why the connection ended; never rejects. */
  readonly ended: Promise<ZkshError>;
  /** When bytes last came in and went out, by the environment's clock. */
  lastHeard: number;
  lastSent: number;
  readonly #socket: net.Socket;
  readonly #environment: Environment;
  readonly #explain: (error: Error) => ZkshError;
  readonly #splitter: FrameSplitter;
  #listener: ConnectionListener | undefined;
  /** Frames that came before anybody asked, during the handshake. */
  #early: Buffer[] = [];
  #awaiting: ((frame: Buffer) => void) | undefined;
  #end: (reason: ZkshError) => void = () => {};
  #over = false;

  private constructor(
    socket: net.Socket,
    target: Target,
    environment: Environment,
    explain: (error: Error) => ZkshError,
  ) {
    this.target = target;
    this.#explain = explain;
    this.#socket = socket;
    this.#environment = environment;
    this.lastHeard = this.lastSent = environment.now();
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#splitter = new FrameSplitter(HANDSHAKE_FRAME_LIMIT, {
      frame: (bytes) => this.#onFrame(bytes),
      oversized: (frame) => this.#onOversized(frame),
    });
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('drain', () => this.#listener?.drained());
    socket.on('error', (error) => this.destroy(this.#explain(error)));
    socket.on('close', () => this.destroy(new TransportError('CLOSED_BY_SERVER', 'the server closed the connection')));
  }

  /**
   * Opens a connection.
   *
   * @throws TransportError, or what the dialer makes of a failed TLS handshake
   */
  static open(target: Target, dialer: TlsDialer | undefined, environment: Environment): Opening {
    const socket =
      dialer === undefined
        ? net.connect({ host: target.address, port: target.port })
        : tls.connect({ ...dialer.options(target), host: target.address, port: target.port });
    const opened = new Promise<Connection>((resolve, reject) => {
      const onError = (error: Error) => reject(explainHandshakeError(error, dialer, target));
      const onClose = () => reject(new TransportError('CLOSED_BY_SERVER', 'the server closed the connection'));
      socket.once('error', onError);
      socket.once('close', onClose);
      socket.once(dialer === undefined ? 'connect' : 'secureConnect', () => {
        socket.off('error', onError);
        socket.off('close', onClose);
        resolve(new Connection(socket, target, environment, (error) => explainLaterError(error, dialer, target)));
      });
    });
    return {
      opened,
      cancel: (reason) => {
        socket.destroy(reason);
      },
    };
  }

  /** False while the socket holds more than it should. */
  get writable(): boolean {
    return this.#socket.writableLength < HIGH_WATER;
  }

  write(bytes: Buffer): void {
    if (this.#over) return;
    this.lastSent = this.#environment.now();
    this.#socket.write(bytes);
  }

  /** The next frame, while there is no listener. Stays pending when the connection ends: race it with `ended`. */
  nextFrame(): Promise<Buffer> {
    const early = this.#early.shift();
    if (early !== undefined) return Promise.resolve(early);
    return new Promise((resolve) => {
      this.#awaiting = resolve;
    });
  }

  /** From now on frames go to `listener` as they come, up to `limit` bytes each. */
  listen(listener: ConnectionListener, limit: number): void {
    this.#splitter.limit = limit;
    this.#splitter.headBytes = ReplyHeader.minBytes;
    this.#listener = listener;
    for (const frame of this.#early.splice(0)) this.#guard(() => listener.frame(frame));
  }

  /** Ends the connection for `reason`; the first reason given is the one that counts. */
  destroy(reason: ZkshError): void {
    if (this.#over) return;
    this.#over = true;
    this.#socket.destroy();
    this.#end(reason);
  }

  #onData(chunk: Buffer): void {
    if (this.#over) return;
    this.lastHeard = this.#environment.now();
    this.#guard(() => this.#splitter.push(chunk));
  }

  /** Whatever a bad frame makes of the code that reads it becomes this connection's end, never a crash. */
  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.destroy(
        error instanceof ProtocolError
          ? error
          : new ProtocolError('BAD_REPLY', `a frame could not be handled: ${(error as Error).message}`, error),
      );
    }
  }

  #onFrame(bytes: Buffer): void {
    if (this.#over) return;
    if (this.#listener !== undefined) this.#listener.frame(bytes);
    else if (this.#awaiting !== undefined) {
      const take = this.#awaiting;
      this.#awaiting = undefined;
      take(bytes);
    } else if (this.#early.length < MAX_EARLY_FRAMES) this.#early.push(bytes);
    else throw new ProtocolError('UNEXPECTED_REPLY', 'the server sent frame after frame that nobody asked for');
  }

  #onOversized(frame: OversizedFrame): void {
    if (this.#over) return;
    if (this.#listener !== undefined) this.#listener.oversized(frame);
    else {
      const text = frame.head.toString('latin1').replace(/[^ -~]/g, '.');
      throw new ProtocolError(
        'FRAME_LENGTH',
        `the server sent a frame of ${frame.length} bytes in the handshake (…${text}…): it speaks some other protocol`,
      );
    }
  }
}

/** A connection being opened. */
export interface Opening {
  opened: Promise<Connection>;
  cancel(reason: Error): void;
}
