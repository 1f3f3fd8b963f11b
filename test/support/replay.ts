import net from 'node:net';
import { Duplex } from 'node:stream';
import { vi } from 'vitest';
import { PendingRequest } from '../../src/client/request.ts';
import { type Client, connect, type WatchEvent } from '../../src/index.ts';
import { JuteReader } from '../../src/jute/reader.ts';
import { ConnectResponse } from '../../src/protocol/handshake.ts';
import { type Operation, type OperationName, operationName, operations } from '../../src/protocol/operations.ts';
import { AuthPacket, ConnectRequest, ReplyHeader, RequestHeader, WatcherEvent } from '../../src/protocol/records.ts';
import { type GoldenConnection, plain } from './frames.ts';

type AnyOperation = Operation<unknown, unknown>;

/** Cuts a frame as it is delivered: offsets inside it, in order. */
export type Cut = (frame: Buffer) => readonly number[];

/** How the client fared: what each recorded call gave, in order, and the events it saw. */
export interface Replayed {
  session: unknown;
  calls: unknown[];
  events: unknown[];
}

/** A socket whose other end is the test: what is delivered arrives at once, in the very pieces given. */
class Wire extends Duplex {
  readonly sent: Buffer[] = [];
  #heard: (() => void) | undefined;
  #rest = Buffer.alloc(0);

  setNoDelay(): this {
    return this;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 4 && this.#rest.length >= 4 + this.#rest.readInt32BE(0)) {
      const end = 4 + this.#rest.readInt32BE(0);
      this.sent.push(this.#rest.subarray(4, end));
      this.#rest = this.#rest.subarray(end);
    }
    done();
    this.#heard?.();
  }

  /** The client's next frame without its length. */
  async frame(): Promise<Buffer> {
    while (this.sent.length === 0) {
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
    return this.sent.shift()!;
  }

  deliver(frame: Buffer, cuts: readonly number[]): void {
    let from = 0;
    for (const to of [...cuts, frame.length]) {
      if (to > from && !this.destroyed) this.push(frame.subarray(from, to));
      from = Math.max(from, to);
    }
  }
}

/** What the recording says the client must find, read by codecs the golden frames prove. */
export function recorded({ frames }: GoldenConnection): Replayed {
  const asked = new Map<number, { type: number; place: number }>();
  const found: Replayed = { session: undefined, calls: [], events: [] };
  let places = 0;
  for (const [i, { from, bytes }] of frames.entries()) {
    const reader = new JuteReader(bytes.subarray(4));
    if (i === 0) continue;
    if (from === 'client') {
      const { xid, type } = RequestHeader.read(reader);
      if (xid !== PING_XID) asked.set(xid, { type, place: places++ });
    } else if (found.session === undefined) {
      found.session = handshake(bytes);
    } else {
      const { xid, zxid, err } = ReplyHeader.read(reader);
      if (xid === PING_XID) continue;
      if (xid === -1) {
        const { type, path } = WatcherEvent.read(reader);
        found.events.push(plain({ type, path, zxid }));
        continue;
      }
      const { type, place } = asked.get(xid)!;
      const given = err === 0 && type !== operations.auth.type ? operationOf(type).response.read(reader) : undefined;
      found.calls[place] = err === 0 ? { value: plain(given) } : { errno: err };
    }
  }
  // What was never answered ends with the connection.
  for (let place = 0; place < places; place++) found.calls[place] ??= { code: 'CLOSED' };
  return found;
}

const PING_XID = -2;
/** A frame of a ReplyHeader alone, length included. */
const BARE_HEADER = 20;
const EVENT_NUMBERS = { NodeCreated: 1, NodeDeleted: 2, NodeDataChanged: 3, NodeChildrenChanged: 4 } as const;

function handshake(bytes: Buffer): unknown {
  if (bytes.length === BARE_HEADER) return { refused: true };
  const { sessionId, timeOut, readOnly } = ConnectResponse.read(new JuteReader(bytes.subarray(4)));
  return timeOut > 0 ? plain({ sessionId, timeOut, readOnly }) : { refused: true };
}

function operationOf(type: number): AnyOperation {
  const name = operationName(type);
  if (name !== undefined) return operations[name] as AnyOperation;
  return { ...(operations.ping as AnyOperation), type, kind: 'read', since: '99' };
}

/**
 * Runs a recorded connection against the client: it makes the recorded calls, which must go out as they did then, and
 * is given the recorded answers, cut up by `cut`.
 */
export async function replay(connection: GoldenConnection, cut: Cut): Promise<Replayed> {
  const wire = new Wire();
  const dialled = vi.spyOn(net, 'connect').mockImplementation((() => {
    setImmediate(() => wire.emit('connect'));
    return wire;
  }) as never);
  try {
    return await run(connection, wire, cut);
  } finally {
    dialled.mockRestore();
    wire.destroy();
  }
}

async function run({ frames }: GoldenConnection, wire: Wire, cut: Cut): Promise<Replayed> {
  const [hello, welcome, ...rest] = frames;
  const { readOnly } = ConnectRequest.read(new JuteReader(hello!.bytes.subarray(4)));
  // A cut-off server's refusal is tried again until the time is up; all else is settled by the bytes alone.
  const connectTimeout = welcome!.bytes.length === BARE_HEADER ? 25 : 10_000;
  const connecting = connect('127.0.0.1:2181', { readOnly, connectTimeout });
  await wire.frame();
  wire.deliver(welcome!.bytes, cut(welcome!.bytes));
  const client = await connecting.catch(() => undefined);
  if (client === undefined) return { session: { refused: true }, calls: [], events: [] };
  const { sessionId, negotiatedTimeout: timeOut } = client;
  const session = plain({ sessionId, timeOut, readOnly: client.state === 'READ_ONLY' });
  const events: unknown[] = [];
  const listening = collect(client, events);
  const calls: Promise<unknown>[] = [];
  const xids = new Map<number, number>();
  for (const { from, bytes } of rest) {
    const theirs = bytes.readInt32BE(4);
    if (theirs === PING_XID && from === 'client') continue;
    if (from === 'client') {
      calls.push(outcome(call(client, bytes)));
      const sent = await wire.frame();
      xids.set(theirs, sent.readInt32BE(0));
      if (!sent.subarray(4).equals(bytes.subarray(8))) throw new Error(`sent ${sent.toString('hex')}`);
    } else {
      const ours = Buffer.from(bytes);
      ours.writeInt32BE(xids.get(theirs) ?? theirs, 4);
      wire.deliver(ours, cut(ours));
    }
  }
  await client.close({ timeout: 1 });
  await listening;
  return { session, calls: await Promise.all(calls), events };
}

/** Makes the recorded request: by the public API where the protocol has a rule of its own for it, else as it stands. */
function call(client: Client, bytes: Buffer): Promise<unknown> {
  const reader = new JuteReader(bytes.subarray(4));
  const { type } = RequestHeader.read(reader);
  if (type === operations.auth.type) {
    const { scheme, auth } = AuthPacket.read(reader);
    return client.addAuth(scheme, auth ?? '');
  }
  const operation = operationOf(type);
  const name = operationName(type) ?? ('ping' satisfies OperationName);
  const record = operation.request.read(reader);
  return new Promise((resolve, reject) => {
    const ask = { name, operation, record, path: undefined };
    client.session.submit(new PendingRequest(ask, resolve, reject));
  });
}

function outcome(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (value) => ({ value: plain(value) }),
    (error: { errno?: number; code?: string }) =>
      error.errno === undefined ? { code: error.code } : { errno: error.errno },
  );
}

async function collect(client: Client, events: unknown[]): Promise<void> {
  for await (const event of client.events()) {
    if (!(event.type in EVENT_NUMBERS)) continue;
    const { type, path, zxid } = event as WatchEvent;
    events.push(plain({ type: EVENT_NUMBERS[type as keyof typeof EVENT_NUMBERS], path, zxid }));
  }
}
