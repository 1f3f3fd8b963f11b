import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TcpProxy } from './tcp-proxy.ts';

describe('the TCP proxy of the failure tests', () => {
  let server: Server;
  let proxy: TcpProxy;
  let client: Socket;
  let received: string;

  beforeEach(async () => {
    server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk) => socket.write(chunk));
      socket.on('end', () => socket.end('bye'));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxy = await TcpProxy.start({ port: (server.address() as AddressInfo).port });
    client = await dial();
  });

  afterEach(async () => {
    client.destroy();
    await proxy.stop();
    server.close();
  });

  async function dial(): Promise<Socket> {
    const socket = connect(proxy.port, '127.0.0.1');
    received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString();
    });
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  }

  async function echoes(text: string): Promise<void> {
    const before = received.length;
    client.write(text);
    await vi.waitFor(() => expect(received.slice(before)).toBe(text));
  }

  it('forwards both ways and counts', async () => {
    await echoes('one');
    expect(proxy.bytes).toEqual({ up: 3, down: 3 });
    expect([proxy.accepted, proxy.open]).toEqual([1, 1]);
  });

  it('holds one direction and lets it go in order', async () => {
    await echoes('one');
    proxy.pause('down');
    client.write('two');
    await vi.waitFor(() => expect(proxy.bytes.up).toBe(6));
    client.write('three');
    await vi.waitFor(() => expect(proxy.bytes.up).toBe(11));
    expect(received).toBe('one');
    proxy.resume();
    await vi.waitFor(() => expect(received).toBe('onetwothree'));
  });

  it('keeps the order when the delay changes on the way', async () => {
    proxy.delay(30, 'down');
    client.write('slow');
    await vi.waitFor(() => expect(proxy.bytes.up).toBe(4));
    proxy.delay(0);
    client.write('fast');
    await vi.waitFor(() => expect(received).toBe('slowfast'));
  });

  it('cuts what stands and takes new connections', async () => {
    await echoes('one');
    proxy.cut();
    await closed(client);
    expect(proxy.open).toBe(0);
    client = await dial();
    await echoes('again');
  });

  it('refuses new connections until told otherwise', async () => {
    proxy.refuse();
    const socket = await dial().catch(() => undefined);
    if (socket !== undefined) await closed(socket);
    proxy.accept();
    client = await dial();
    await echoes('open again');
  });

  it('accepts and stays silent', async () => {
    proxy.swallow();
    client = await dial();
    client.end('anyone?');
    await closed(client);
    expect(received).toBe('');
  });

  it('passes the end of one direction on', async () => {
    await echoes('one');
    client.end();
    await vi.waitFor(() => expect(received).toBe('onebye'));
    await vi.waitFor(() => expect(proxy.open).toBe(0));
  });
});

/** Unlike `once`, does not reject when the reset shows up as an error first. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve();
    else socket.once('close', () => resolve());
  });
}
