import { JuteError } from '../jute/errors.ts';
import type { JuteReader } from '../jute/reader.ts';
import { JuteWriter } from '../jute/writer.ts';
import { UsageError, type ZkshError } from '../protocol/errors.ts';
import { RequestHeader } from '../protocol/records.ts';
import { ServerError } from '../protocol/server-errors.ts';
import { adviceOn } from './advice.ts';
import { ConnectionLostError, ProtocolError, QueueFullError, ReplyTooLargeError } from './errors.ts';
import { Fifo } from './fifo.ts';
import { MAX_LOSSES, type PendingRequest } from './request.ts';

/** What the pipeline needs of a connection. */
export interface Outlet {
  write(bytes: Buffer): void;
  /** False while the socket holds so much unsent that more would only fill memory. */
  readonly writable: boolean;
}

export interface PipelineLimits {
  /** Requests on the wire at once. */
  window: number;
  /** Requests waiting behind the window. */
  queueLimit: number;
}

/** A reply's header, read. */
export interface Reply {
  xid: number;
  zxid: bigint;
  err: number;
}

/** Gathered requests go to the socket at this size, the rest with the next turn. */
const WRITE_BYTES = 1 << 16;
const MAX_XID = 0x7fffffff;
/** Servers refuse larger frames unless jute.maxbuffer was raised (BinaryInputArchive.maxBuffer). */
const USUAL_MAX_REQUEST = 0xfffff;

/** Keeps requests in order: queue, window on the wire, replies matched one by one. */
export class Pipeline {
  readonly #limits: PipelineLimits;
  readonly #waiting = new Fifo<PendingRequest>();
  readonly #sent = new Fifo<PendingRequest>();
  readonly #writer = new JuteWriter();
  #outlet: Outlet | undefined;
  #flushing = false;
  #xid = 0;

  constructor(limits: PipelineLimits) {
    this.#limits = limits;
  }

  /** Requests on the wire whose reply is still to come. */
  get inFlight(): number {
    return this.#sent.size;
  }

  submit(request: PendingRequest): void {
    if (this.#waiting.size >= this.#limits.queueLimit) this.#dropSettled();
    if (this.#waiting.size >= this.#limits.queueLimit) {
      request.reject(new QueueFullError(request.label, this.#limits.queueLimit));
      return;
    }
    this.#waiting.push(request);
    if (this.#waiting.size === 1) this.#flushSoon();
    else this.#refill();
  }

  /** A connection is ready: what waits goes out on it. */
  attach(outlet: Outlet): void {
    this.#outlet = outlet;
    this.flush();
  }

  /** The next xid; positive, since negative ones are the protocol's own (ClientCnxn.getXid). */
  nextXid(): number {
    this.#xid = this.#xid === MAX_XID ? 1 : this.#xid + 1;
    return this.#xid;
  }

  /** Sends what the window allows, many requests a write. */
  flush(): void {
    this.#flushing = false;
    const outlet = this.#outlet;
    if (outlet === undefined) return;
    while (this.#sent.size < this.#limits.window && outlet.writable) {
      const request = this.#waiting.shift();
      if (request === undefined) break;
      if (request.settled || !this.#encode(request)) continue;
      this.#sent.push(request);
      if (this.#writer.length >= WRITE_BYTES) outlet.write(this.#writer.take());
    }
    if (this.#writer.length > 0) outlet.write(this.#writer.take());
  }

  /**
   * Takes the reply to the oldest request on the wire.
   *
   * @param seen told the reply's zxid once it is known to be good, before the call is settled
   * @throws ProtocolError when it is the reply to something else, or not of the form its operation has
   */
  reply(header: Reply, body: JuteReader, seen: (zxid: bigint) => void): void {
    const request = this.#take(header);
    const { ask } = request;
    if (header.err !== 0) {
      seen(header.zxid);
      ask.onReply?.(header.err, undefined);
      request.reject(new ServerError(header.err, ask.name, ask.path, adviceOn(header.err, ask)));
    } else {
      const reply = this.#read(request, body);
      seen(header.zxid);
      ask.onReply?.(0, reply);
      request.resolve(reply);
    }
    if (this.#waiting.size > 0) this.#refill();
  }

  /** The reply to the oldest request is `bytes` long, above the limit: that request fails, the connection lives. */
  oversized(header: Reply, bytes: number, limit: number): void {
    const request = this.#take(header);
    request.reject(new ReplyTooLargeError(request.label, bytes, limit));
    this.#flushSoon();
  }

  /** The connection went: reads wait for the next one, writes fail with their outcome unknown. */
  detach(cause: ZkshError): void {
    this.#outlet = undefined;
    const again: PendingRequest[] = [];
    for (const request of this.#sent.drain()) {
      if (request.settled) continue;
      request.losses++;
      if (request.ask.operation.kind === 'read' && request.losses < MAX_LOSSES) {
        request.xid = 0;
        again.push(request);
      } else {
        request.reject(new ConnectionLostError(request.label, request.outcome, cause, hintFor(request)));
      }
    }
    this.#waiting.unshift(again);
  }

  /** Nothing more will be sent: everything fails with what `error` says of it. */
  fail(error: (request: PendingRequest) => Error): void {
    this.#outlet = undefined;
    for (const request of [...this.#sent.drain(), ...this.#waiting.drain()]) request.reject(error(request));
  }

  /** Through a long outage, calls whose deadline has passed must not keep later ones out. */
  #dropSettled(): void {
    this.#waiting.unshift(this.#waiting.drain().filter((request) => !request.settled));
  }

  #take(header: Reply): PendingRequest {
    const request = this.#sent.shift();
    if (request === undefined) {
      throw new ProtocolError('UNEXPECTED_REPLY', `the server replied (xid ${header.xid}) to nothing that was asked`);
    }
    if (request.xid !== header.xid) {
      this.#sent.unshift([request]);
      throw new ProtocolError('WRONG_XID', `the server replied to xid ${header.xid} where ${request.xid} was due`);
    }
    return request;
  }

  #read(request: PendingRequest, body: JuteReader): unknown {
    const { operation, fault } = request.ask;
    try {
      const reply = operation.response.read(body);
      body.end();
      const wrong = fault?.(reply);
      if (wrong !== undefined) throw new JuteError('value', wrong);
      return reply;
    } catch (error) {
      // Back on the wire list, so that losing the connection settles it by its kind.
      this.#sent.unshift([request]);
      if (!(error instanceof JuteError)) throw error;
      throw new ProtocolError(
        'BAD_REPLY',
        `the server's reply to ${request.label} is malformed: ${error.message}`,
        error,
      );
    }
  }

  #encode(request: PendingRequest): boolean {
    const writer = this.#writer;
    const start = writer.length;
    const xid = this.nextXid();
    try {
      writer.int(0);
      RequestHeader.write(writer, { xid, type: request.ask.operation.type });
      request.ask.operation.request.write(writer, request.ask.record);
    } catch (error) {
      writer.truncate(start);
      request.reject(new UsageError(`${request.label}: ${(error as Error).message}`, { cause: error }));
      return false;
    }
    request.frameBytes = writer.length - start - 4;
    writer.patchInt(start, request.frameBytes);
    request.xid = xid;
    return true;
  }

  /** Behind a full window, half of it is awaited: a write for each few replies would cost both sides more than they do. */
  #refill(): void {
    if (this.#sent.size <= this.#limits.window / 2) this.#flushSoon();
  }

  /** Requests made in one turn, and in the turn that reads many replies, share a socket write. */
  #flushSoon(): void {
    if (this.#flushing || this.#outlet === undefined) return;
    this.#flushing = true;
    queueMicrotask(() => this.flush());
  }
}

function hintFor(request: PendingRequest): string | undefined {
  if (request.frameBytes > USUAL_MAX_REQUEST) {
    return `The request was ${request.frameBytes} bytes: a server drops the connection above its jute.maxbuffer (1 MiB by default).`;
  }
  const { since, kind } = request.ask.operation;
  if (kind === 'read' && since > '3.4.0') {
    return `The server may not know ${request.ask.name}, which ZooKeeper has since ${since}, or its reply may be over its limit.`;
  }
  return undefined;
}
