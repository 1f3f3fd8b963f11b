import { describe, expect, it, onTestFinished } from 'vitest';
import { type EndingOptions, endSession } from '../../src/client/end-session.ts';
import { encode } from '../../src/jute/codec.ts';
import { ConnectResponse } from '../../src/protocol/handshake.ts';
import { Errno } from '../../src/protocol/server-errors.ts';
import { type FakeScript, FakeServer } from '../support/fake-server.ts';
import { frameOf } from '../support/frames.ts';

const IDENTITY = { sessionId: 0x1234n, password: Buffer.alloc(16, 7) };

/** Ends the session on a server that does what the script says. */
async function end(script: FakeScript, options: Partial<EndingOptions> = {}) {
  const server = await FakeServer.start(script);
  onTestFinished(() => server.stop());
  return endSession({ host: '127.0.0.1', port: server.port }, IDENTITY, {
    timeout: 5000,
    sessionTimeout: 12_000,
    ...options,
  });
}

const GONE = { protocolVersion: 0, timeOut: 0, sessionId: 0n, passwd: Buffer.alloc(16), readOnly: false };

describe('the end of a session of somebody else', () => {
  it('is asked for with its id, its password and its own timeout, and then by closeSession', async () => {
    let asked: unknown;
    let second: unknown;
    const outcome = await end(async (connection) => {
      asked = await connection.hello();
      connection.send(frameOf(encode(ConnectResponse, { ...GONE, timeOut: 12_000, ...passwordOf() })));
      const request = await connection.request();
      second = request.name;
      connection.reply(request, 'closeSession', {});
    });
    expect(outcome).toBe('ended');
    expect(asked).toMatchObject({ sessionId: 0x1234n, timeOut: 12_000, readOnly: false, lastZxidSeen: 0n });
    expect(second).toBe('closeSession');
  });

  it('is none where the server does not know it, or answers for another', async () => {
    const refuse: FakeScript = async (connection) => {
      await connection.hello();
      connection.send(frameOf(encode(ConnectResponse, GONE)));
    };
    expect(await end(refuse)).toBe('unknown');
    let heard: string | undefined;
    const other: FakeScript = async (connection) => {
      await connection.welcome({ sessionId: 0x5678n });
      heard = (await connection.request()).name;
    };
    expect(await end(other)).toBe('unknown');
    // Another's session is not closed in its stead.
    expect(heard).toBeUndefined();
  });

  it('is not known when the connection breaks after the server was told', async () => {
    const dropping: FakeScript = async (connection) => {
      await connection.welcome();
      await connection.request();
      connection.reset();
    };
    await expect(end(dropping)).rejects.toMatchObject({ code: 'CONNECTION_LOST', outcome: 'unknown' });
    const silent: FakeScript = async (connection) => {
      await connection.welcome();
      await connection.request();
    };
    await expect(end(silent, { timeout: 300 })).rejects.toMatchObject({ code: 'CONNECTION_LOST', outcome: 'unknown' });
    const stop = new AbortController();
    const interrupted: FakeScript = async (connection) => {
      await connection.welcome();
      await connection.request();
      stop.abort();
    };
    const cut = end(interrupted, { signal: stop.signal });
    await expect(cut).rejects.toMatchObject({ code: 'INTERRUPTED', outcome: 'unknown' });
  });

  it('is known not to have come when the server was not told', async () => {
    const closing: FakeScript = async (connection) => {
      await connection.hello();
      connection.end();
    };
    await expect(end(closing)).rejects.toMatchObject({ code: 'NOT_SERVING' });
    const stop = new AbortController();
    const interrupted: FakeScript = async (connection) => {
      await connection.hello();
      stop.abort();
    };
    const cut = end(interrupted, { signal: stop.signal });
    await expect(cut).rejects.toMatchObject({ code: 'INTERRUPTED', outcome: 'none' });
    const early = end(() => {}, { signal: AbortSignal.abort() });
    await expect(early).rejects.toMatchObject({ code: 'INTERRUPTED', outcome: 'none' });
    await expect(end(() => {}, { timeout: 200 })).rejects.toMatchObject({ code: 'NO_ANSWER' });
  });

  it('is refused by a server that wants to know who asks', async () => {
    const refusing: FakeScript = async (connection) => {
      await connection.welcome();
      connection.reply(await connection.request(), 'closeSession', {}, Errno.sessionClosedRequireSaslAuth);
    };
    await expect(end(refusing)).rejects.toMatchObject({ code: 'SESSION_CLOSED_REQUIRE_SASL_AUTH' });
  });
});

function passwordOf() {
  return { sessionId: IDENTITY.sessionId, passwd: IDENTITY.password };
}
