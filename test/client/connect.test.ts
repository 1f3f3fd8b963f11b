import { createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import { type Environment, systemEnvironment } from '../../src/client/environment.ts';

/** A port that takes connections and says nothing, so that a TLS handshake with it never ends. */
async function silentPort(): Promise<{ address: string; taken: Promise<Socket> }> {
  const server = createServer();
  const sockets = new Set<Socket>();
  const taken = new Promise<Socket>((resolve) => {
    server.on('connection', (socket) => {
      sockets.add(socket.on('error', () => {}).resume());
      resolve(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { address: `127.0.0.1:${(server.address() as { port: number }).port}`, taken };
}

describe('connect', () => {
  it('lets go of the server it is just trying when its time is up', async () => {
    const { address, taken } = await silentPort();
    // Only the time limit of the whole passes; that of one attempt never does.
    const environment: Environment = {
      ...systemEnvironment,
      setTimer: (run, ms) => systemEnvironment.setTimer(run, ms === 200 ? ms : Number.POSITIVE_INFINITY),
    };
    const connected = connect(address, { tls: {}, connectTimeout: 200, environment });
    const socket = await taken;
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await expect(connected).rejects.toMatchObject({ code: 'CANNOT_CONNECT' });
    await closed;
  });

  it('heeds a signal that is aborted while TLS material is read', async () => {
    const { address } = await silentPort();
    const stop = new AbortController();
    const connected = connect(address, { tls: {}, connectTimeout: 60_000, signal: stop.signal });
    stop.abort();
    await expect(connected).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});

describe('a timer of the system', () => {
  it.each([Number.POSITIVE_INFINITY, 2 ** 31])('set to %d ms does not go off at once', async (delay) => {
    let gone = false;
    const timer = systemEnvironment.setTimer(() => {
      gone = true;
    }, delay);
    await new Promise<void>((resolve) => systemEnvironment.setTimer(resolve, 20));
    systemEnvironment.clearTimer(timer);
    expect(gone).toBe(false);
  });
});
