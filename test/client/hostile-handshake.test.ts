import { describe, expect, it } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import { encode } from '../../src/jute/codec.ts';
import { ZkshError } from '../../src/protocol/errors.ts';
import { ConnectResponse } from '../../src/protocol/handshake.ts';
import { operations } from '../../src/protocol/operations.ts';
import type { FakeConnection, FakeScript } from '../support/fake-server.ts';
import { eventFrame, frameOf, goldenConnections, int, replyFrame } from '../support/frames.ts';
import { bounded, codes, errorOf, serve, session, truth } from '../support/lies.ts';

describe('a server that lies in the handshake', () => {
  const granted: ConnectResponse = {
    protocolVersion: 0,
    timeOut: 30_000,
    sessionId: 1n,
    passwd: Buffer.alloc(16),
    readOnly: false,
  };
  const answer = (bytes: Uint8Array): FakeScript => {
    return async (connection) => {
      await connection.hello();
      connection.send(bytes);
    };
  };
  const response = (lie: Partial<ConnectResponse>) => answer(frameOf(encode(ConnectResponse, { ...granted, ...lie })));
  const whole = encode(ConnectResponse, granted);

  it.each<[string, FakeScript, string]>([
    ['a negative length', answer(int(-1)), 'FRAME_LENGTH'],
    ['a frame of no bytes', answer(int(0)), 'FRAME_LENGTH'],
    ['a length of two gigabytes', answer(int(0x7fffffff, 1, 2, 3, 4)), 'FRAME_LENGTH'],
    ['the least length there is', answer(int(-0x80000000)), 'FRAME_LENGTH'],
    ['an HTTP answer', answer(Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')), 'FRAME_LENGTH'],
    [
      'an SSH greeting',
      (connection) => connection.send(Buffer.from('SSH-2.0-OpenSSH_9.2p1 Debian\r\n')),
      'FRAME_LENGTH',
    ],
    ['random bytes', answer(Buffer.from('9f3c1d77a0e4b6528c01ffde3311907745aa', 'hex')), 'FRAME_LENGTH'],
    ['an answer too short', answer(frameOf(whole.subarray(0, 12))), 'BAD_HANDSHAKE'],
    ['an answer with more behind it', answer(frameOf(whole, int(1))), 'BAD_HANDSHAKE'],
    ['a password longer than the frame', answer(frameOf(int(0, 30_000, 0, 1, 64), Buffer.alloc(16))), 'BAD_HANDSHAKE'],
    ['a password of 8 bytes', response({ passwd: Buffer.alloc(8) }), 'BAD_HANDSHAKE'],
    ['no password', response({ passwd: null }), 'BAD_HANDSHAKE'],
    ['session 0', response({ sessionId: 0n }), 'BAD_HANDSHAKE'],
    ['a timeout of 0: expired, of a session just asked for', response({ timeOut: 0 }), 'BAD_HANDSHAKE'],
    ['a negative timeout', response({ timeOut: -5 }), 'BAD_HANDSHAKE'],
    [
      'a flag that is neither true nor false',
      answer(frameOf(whole.subarray(0, -1), Buffer.from([7]))),
      'BAD_HANDSHAKE',
    ],
    [
      'a reply to a request instead',
      answer(replyFrame({ xid: 1 }, encode(operations.sync.response, { path: '/' }))),
      'BAD_HANDSHAKE',
    ],
  ])('%s: no session, one named error', async (_, script, code) => {
    const server = await serve(script);
    const error = await errorOf(connect(server.servers, { connectTimeout: 3000 }));
    expect(codes(error)).toEqual(['CANNOT_CONNECT', code]);
    expect(error.exitCode).toBe(5);
    expect(server.connections.length).toBe(1);
  });

  it.each<[string, FakeScript, RegExp]>([
    ['closes at once', (connection) => connection.end(), /closed the connection without a session/],
    ['resets at once', (connection) => connection.reset(), /reset the connection|closed the connection without/],
    [
      'closes after half an answer',
      async (connection) => {
        await connection.hello();
        connection.send(frameOf(whole).subarray(0, 20));
        connection.end();
      },
      /closed the connection without a session/,
    ],
    [
      'sends a TLS alert and closes',
      async (connection) => {
        await connection.hello();
        connection.send(Buffer.from('15030300020250', 'hex'));
        connection.end();
      },
      /closed the connection without a session|FRAME_LENGTH|other protocol/,
    ],
    ['never answers', () => {}, /no answer; gave up after 1.2 s/],
    [
      'stops in the middle of its answer',
      async (connection) => {
        await connection.hello();
        connection.send(frameOf(whole).subarray(0, 20));
      },
      /no answer; gave up after 1.2 s/,
    ],
  ])('%s: no session when the time is up', async (_, script, why) => {
    const server = await serve(script);
    const error = await errorOf(connect(server.servers, { connectTimeout: 1200 }));
    expect(error.code).toBe('CANNOT_CONNECT');
    expect(error.exitCode).toBe(5);
    expect(error.message).toMatch(why);
  });

  it('refuses a session as a cut-off server does: no session, and why', async () => {
    const recorded = goldenConnections('read-only-refused-3.9.5')[0]!.frames.find(({ from }) => from === 'server')!;
    const server = await serve(answer(recorded.bytes));
    const error = await errorOf(connect(server.servers, { connectTimeout: 500, readOnly: true }));
    expect(error).toMatchObject({ code: 'CANNOT_CONNECT', exitCode: 5 });
    expect(error.message).toContain('cut off from the quorum');
  });

  it('drips its answer byte by byte: that is no lie, the session stands', async () => {
    const server = await serve(async (connection) => {
      await connection.hello();
      await connection.drip(frameOf(whole));
      const asked = await connection.request();
      await connection.drip(replyFrame({ xid: asked.xid }, encode(operations.getData.response, truth)));
    });
    const client = await session(server);
    expect(await bounded(client.getData('/x'))).toEqual(truth);
  });

  it('leaves the last byte out as servers before 3.4 did: the session stands, not read-only', async () => {
    const server = await serve(answer(frameOf(whole.subarray(0, -1))));
    expect((await session(server)).state).toBe('CONNECTED');
  });
});

describe('a server that lies about who one is', () => {
  const auth = [{ scheme: 'digest', auth: 'bob:secret' }];

  it.each<[string, (connection: FakeConnection) => void, string]>([
    ['an answer under another xid', (c) => c.send(replyFrame({ xid: 1 })), 'WRONG_XID'],
    ['an event first', (c) => c.send(eventFrame({ type: 1, path: '/x' })), 'WRONG_XID'],
    ['half a header', (c) => c.send(frameOf(int(-4, 0))), 'BAD_HEADER'],
    ['something behind the header', (c) => c.send(replyFrame({ xid: -4 }, int(1))), 'BAD_REPLY'],
    ['a refusal', (c) => c.send(replyFrame({ xid: -4, err: -115 })), 'AUTH_FAILED'],
  ])('%s to a credential: no session, one named error', async (_, lie, code) => {
    const server = await serve(async (connection) => {
      await connection.welcome();
      await connection.request();
      lie(connection);
    });
    const error = await errorOf(connect(server.servers, { connectTimeout: 3000, auth }));
    expect(codes(error)).toContain(code);
  });

  it('gives another session than the one to go on with: it is not taken for the same', async () => {
    const server = await serve(async (connection) => {
      await connection.welcome({ sessionId: BigInt(connection.number) });
      connection.reply(await connection.request(), 'getData', truth);
      connection.end();
    });
    const client = await session(server);
    expect(await bounded(client.getData('/x'))).toEqual(truth);
    expect(await errorOf(client.getData('/x', { timeout: 500 }))).toBeInstanceOf(ZkshError);
    expect(client.sessionId).toBe(1n);
    expect(client.state).not.toBe('CONNECTED');
  });
});
