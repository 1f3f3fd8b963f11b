import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { type Codec, encode } from '../../src/jute/codec.ts';
import { JuteReader } from '../../src/jute/reader.ts';
import { ConnectResponse } from '../../src/protocol/handshake.ts';
import { type OperationName, operationName, operations } from '../../src/protocol/operations.ts';
import { ConnectRequest, RequestHeader } from '../../src/protocol/records.ts';
import { frameOf, replyFrame } from './frames.ts';

/** A request as it came in; `record` is read by the operation's own codec. */
export interface FakeRequest {
  /** The frame without its length. */
  bytes: Buffer;
  xid: number;
  name: OperationName | undefined;
  record: Record<string, unknown>;
}

/** The peer went away while the script waited for it. */
class PeerGone extends Error {}

/**
 * One connection to a scripted server. The script awaits frames and sends whatever bytes it likes; the client's pings
 * are answered meanwhile unless `answerPings` is set to false.
 */
export class FakeConnection {
  /** 1 for the first connection the server took. */
  readonly number: number;
  answerPings = true;
  readonly #socket: Socket;
  #rest = Buffer.alloc(0);
  readonly #frames: Buffer[] = [];
  #waiting: (() => void) | undefined;

  constructor(socket: Socket, number: number) {
    this.#socket = socket;
    this.number = number;
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('close', () => this.#waiting?.());
  }

  get open(): boolean {
    return !this.#socket.destroyed;
  }

  /** Awaits the ConnectRequest. */
  async hello(): Promise<ReturnType<typeof ConnectRequest.read>> {
    return ConnectRequest.read(new JuteReader(await this.#frame()));
  }

  /** Takes the ConnectRequest and grants a session, truthfully but for `lies`. */
  async welcome(lies: Partial<ConnectResponse> = {}): Promise<void> {
    const { timeOut } = await this.hello();
    const granted = { protocolVersion: 0, timeOut, sessionId: 0x1234n, passwd: Buffer.alloc(16, 7), readOnly: false };
    this.send(frameOf(encode(ConnectResponse, { ...granted, ...lies })));
  }

  /** Awaits the next request that is not a ping. @throws PeerGone */
  async request(): Promise<FakeRequest> {
    const bytes = await this.#frame();
    const reader = new JuteReader(bytes);
    const { xid, type } = RequestHeader.read(reader);
    const name = operationName(type);
    const record = name === undefined ? {} : ((operations[name].request as Codec<unknown>).read(reader) as object);
    return { bytes, xid, name, record: record as Record<string, unknown> };
  }

  /** Sends a well-formed reply to `request`. */
  reply<N extends OperationName>(request: FakeRequest, name: N, record: unknown, err = 0): void {
    const body = err === 0 ? encode(operations[name].response as Codec<unknown>, record) : undefined;
    this.send(replyFrame({ xid: request.xid, err }, body));
  }

  send(...bytes: readonly Uint8Array[]): void {
    for (const each of bytes) if (this.open) this.#socket.write(each);
  }

  /** Sends piece after piece, each in a packet of its own as far as the system lets it. */
  async drip(bytes: Uint8Array, pieceBytes = 1): Promise<void> {
    for (let at = 0; at < bytes.length && this.open; at += pieceBytes) {
      this.send(bytes.subarray(at, at + pieceBytes));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** An orderly end after what was sent. */
  end(): void {
    this.#socket.end();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Resolves when the client has gone. */
  async gone(): Promise<void> {
    if (this.open) await new Promise<void>((resolve) => this.#socket.once('close', () => resolve()));
  }

  async #frame(): Promise<Buffer> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame !== undefined) return frame;
      if (!this.open) throw new PeerGone('the client has gone');
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
  }

  #take(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    while (this.#rest.length >= 4 && this.#rest.length >= 4 + this.#rest.readInt32BE(0)) {
      const end = 4 + this.#rest.readInt32BE(0);
      const frame = Buffer.from(this.#rest.subarray(4, end));
      this.#rest = this.#rest.subarray(end);
      if (frame.length === 8 && frame.readInt32BE(4) === operations.ping.type) {
        if (this.answerPings) this.send(replyFrame({ xid: -2 }));
      } else this.#frames.push(frame);
    }
    this.#waiting?.();
  }
}

export type FakeScript = (connection: FakeConnection) => Promise<void> | void;

/**
 * A server on a free loopback port that does what its script says on every connection it takes, truth or lie.
 *
 *     const server = await FakeServer.start(async (connection) => {
 *       await connection.welcome();
 *       const asked = await connection.request();
 *       connection.send(replyFrame({ xid: asked.xid + 1 }));
 *     });
 *
 * When a script returns, its connection stays open and silent. What a script throws, other than PeerGone, is in
 * `failures`: a test that ends should find none.
 */
export class FakeServer {
  readonly connections: FakeConnection[] = [];
  readonly failures: unknown[] = [];
  readonly #server: Server;

  private constructor(script: FakeScript) {
    this.#server = createServer((socket) => {
      const connection = new FakeConnection(socket, this.connections.length + 1);
      this.connections.push(connection);
      this.#run(script, connection);
    });
  }

  static async start(script: FakeScript): Promise<FakeServer> {
    const server = new FakeServer(script);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** What a client is told to connect to. */
  get servers(): string {
    return `127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    for (const connection of this.connections) connection.reset();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #run(script: FakeScript, connection: FakeConnection): void {
    const failed = (error: unknown) => {
      if (!(error instanceof PeerGone)) this.failures.push(error);
    };
    try {
      Promise.resolve(script(connection)).catch(failed);
    } catch (error) {
      failed(error);
    }
  }
}
