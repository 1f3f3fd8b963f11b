// The least a Node program can do: bytes put together by hand, one socket, replies counted and their xids compared.
// No client in Node can be faster; how near it comes is what its comforts cost.
import net from 'node:net';
import { DATA, serveLoad } from './load.ts';

const [host = '', port = ''] = (process.argv[2] ?? '').split(':');
const socket = net.connect(Number(port), host);
socket.setNoDelay(true);

const OPEN_ACL = Buffer.from('\0\0\0\x01\0\0\0\x1f\0\0\0\x05world\0\0\0\x06anyone\0\0\0\0', 'latin1');
const waiting: ((error?: unknown) => void)[] = [];
let oldest = 0;
let lastXid = 0;
let unsent: Buffer[] = [];
let rest: Buffer = Buffer.alloc(0);
let greeted: () => void = () => {};

socket.on('data', (chunk: Buffer) => {
  const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
  let at = 0;
  while (bytes.length - at >= 4 && bytes.length - at - 4 >= bytes.readInt32BE(at)) {
    const length = bytes.readInt32BE(at);
    take(bytes, at + 4);
    at += 4 + length;
  }
  rest = bytes.subarray(at);
});

function take(bytes: Buffer, at: number): void {
  if (lastXid === 0) {
    greeted();
    return;
  }
  const done = waiting[oldest];
  waiting[oldest++] = () => {};
  if (oldest === waiting.length) {
    waiting.length = 0;
    oldest = 0;
  }
  const failed = bytes.readInt32BE(at + 12) !== 0;
  done?.(failed ? new Error(`error ${bytes.readInt32BE(at + 12)}`) : undefined);
}

function text(value: string): Buffer {
  const bytes = Buffer.allocUnsafe(4 + Buffer.byteLength(value));
  bytes.writeInt32BE(bytes.write(value, 4), 0);
  return bytes;
}

function int(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
}

const ANY_VERSION = int(-1);
const SIZED_DATA = Buffer.concat([int(DATA.length), DATA]);
const BODIES: Readonly<Record<string, { type: number; tail: Buffer }>> = {
  get: { type: 4, tail: Buffer.from([0]) },
  set: { type: 5, tail: Buffer.concat([SIZED_DATA, ANY_VERSION]) },
  create: { type: 1, tail: Buffer.concat([SIZED_DATA, OPEN_ACL]) },
  delete: { type: 2, tail: ANY_VERSION },
};

function send(frame: readonly Buffer[]): void {
  if (unsent.length === 0) {
    queueMicrotask(() => {
      socket.write(Buffer.concat(unsent));
      unsent = [];
    });
  }
  unsent.push(...frame);
}

const greeting = Buffer.alloc(49);
greeting.writeInt32BE(45, 0);
greeting.writeInt32BE(600_000, 16);
greeting.writeInt32BE(16, 28);
socket.write(greeting);
await new Promise<void>((resolve) => {
  greeted = resolve;
});

await serveLoad({
  version: `Node ${process.versions.node}`,
  ask: (work, path, done) => {
    const { type, tail } = BODIES[work] as { type: number; tail: Buffer };
    const name = text(path);
    const header = Buffer.allocUnsafe(12);
    header.writeInt32BE(8 + name.length + tail.length, 0);
    header.writeInt32BE(++lastXid, 4);
    header.writeInt32BE(type, 8);
    waiting.push(done);
    send([header, name, tail]);
  },
});
socket.destroy();
