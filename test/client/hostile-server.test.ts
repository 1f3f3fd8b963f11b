import { describe, expect, it, onTestFinished } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { encode } from '../../src/jute/codec.ts';
import { ZkshError } from '../../src/protocol/errors.ts';
import { ConnectResponse } from '../../src/protocol/handshake.ts';
import { type OperationName, operations } from '../../src/protocol/operations.ts';
import { ErrorResponse, MultiHeader, ReplyHeader, type Stat } from '../../src/protocol/records.ts';
import { type FakeConnection, type FakeRequest, type FakeScript, FakeServer } from '../support/fake-server.ts';
import { eventFrame, frameOf, goldenConnections, int, replyFrame } from '../support/frames.ts';

/** No call may outlive this, whatever the server does; far above what any needs. */
const DEADLINE = 8000;
const CALL_TIMEOUT = 2000;
const REPLY_LIMIT = 1 << 16;

const stat: Stat = {
  czxid: 1n,
  mzxid: 2n,
  ctime: 3n,
  mtime: 4n,
  version: 5,
  cversion: 6,
  aversion: 7,
  ephemeralOwner: 0n,
  dataLength: 3,
  numChildren: 0,
  pzxid: 8n,
};
const truth = { data: Buffer.from('yes'), stat };

async function serve(script: FakeScript): Promise<FakeServer> {
  const server = await FakeServer.start(script);
  onTestFinished(async () => {
    await server.stop();
    expect(server.failures).toEqual([]);
  });
  return server;
}

async function session(server: FakeServer): Promise<Client> {
  const client = await connect(server.servers, { connectTimeout: 3000, maxReplyBytes: REPLY_LIMIT });
  onTestFinished(() => client.close({ timeout: 50 }));
  return client;
}

/** Settles as `call` does, or fails the test: a hang is the one thing no lie may achieve. */
function bounded<T>(call: Promise<T>): Promise<T> {
  return Promise.race([
    call,
    new Promise<never>((_, reject) => {
      const timer = setTimeout(() => reject(new Error(`still pending after ${DEADLINE} ms`)), DEADLINE);
      onTestFinished(() => clearTimeout(timer));
    }),
  ]);
}

async function errorOf(call: Promise<unknown>): Promise<ZkshError> {
  const error = await bounded(call).then(
    (value) => expect.fail(`succeeded with ${JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}` : v))}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ZkshError)) throw error;
  return error;
}

/** The error's own code, and that of each error behind it. */
function codes(error: unknown): string[] {
  return error instanceof ZkshError ? [error.code, ...codes(error.cause)] : [];
}

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
    ['never answers', () => {}, /no session within/],
    [
      'stops in the middle of its answer',
      async (connection) => {
        await connection.hello();
        connection.send(frameOf(whole).subarray(0, 20));
      },
      /no session within/,
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

describe('a server that lies in its replies', () => {
  type Lie = (connection: FakeConnection, asked: FakeRequest) => void;
  const read = encode(operations.getData.response, truth);
  const reply = (asked: FakeRequest, body: Uint8Array) => replyFrame({ xid: asked.xid }, body);

  /** Welcomes every connection and answers each first request with a lie. */
  function lying(lie: Lie): FakeScript {
    return async (connection) => {
      await connection.welcome();
      lie(connection, await connection.request());
    };
  }

  it.each<[string, Lie, string]>([
    ['a negative length', (c) => c.send(int(-7)), 'FRAME_LENGTH'],
    ['a frame of no bytes', (c) => c.send(int(0)), 'FRAME_LENGTH'],
    ['an HTTP answer', (c) => c.send(Buffer.from('HTTP/1.1 200 OK\r\n\r\nhello there')), 'WRONG_XID'],
    ['a wrong xid', (c, asked) => c.send(replyFrame({ xid: asked.xid + 1 }, read)), 'WRONG_XID'],
    ['a reserved xid nobody uses', (c) => c.send(replyFrame({ xid: -77 }, read)), 'WRONG_XID'],
    ['xid 0', (c) => c.send(replyFrame({ xid: 0 }, read)), 'WRONG_XID'],
    ['half a header', (c, asked) => c.send(frameOf(int(asked.xid, 0))), 'BAD_HEADER'],
    ['the header alone', (c, asked) => c.send(replyFrame({ xid: asked.xid })), 'BAD_REPLY'],
    ['a body cut short', (c, asked) => c.send(reply(asked, read.subarray(0, 30))), 'BAD_REPLY'],
    ['bytes behind the body', (c, asked) => c.send(reply(asked, Buffer.concat([read, int(0)]))), 'BAD_REPLY'],
    ['data longer than the frame', (c, asked) => c.send(reply(asked, int(1 << 30, 1, 2))), 'BAD_REPLY'],
    [
      'data of a negative length',
      (c, asked) => c.send(reply(asked, Buffer.concat([int(-2), read.subarray(4)]))),
      'BAD_REPLY',
    ],
    [
      "another operation's body",
      (c, asked) => c.send(reply(asked, encode(operations.sync.response, { path: '/x' }))),
      'BAD_REPLY',
    ],
    [
      'a header, then the end',
      (c, asked) => {
        c.send(reply(asked, read).subarray(0, 20));
        c.end();
      },
      'CLOSED_BY_SERVER',
    ],
    [
      'half a frame, then a reset',
      (c, asked) => {
        c.send(reply(asked, read).subarray(0, 40));
        c.reset();
      },
      'ECONNRESET|CLOSED_BY_SERVER',
    ],
    ['an event of a type nobody knows', (c) => c.send(eventFrame({ type: 99, path: '/x' })), 'BAD_EVENT'],
    ['an event cut short', (c) => c.send(replyFrame({ xid: -1 }, int(3, 3))), 'BAD_EVENT'],
    [
      'an event with a path that is no text',
      (c) => c.send(replyFrame({ xid: -1 }, Buffer.concat([int(3, 3, 2), Buffer.from([0xc3, 0x28])]))),
      'BAD_EVENT',
    ],
    ['an answer to a credential never given', (c) => c.send(replyFrame({ xid: -4 })), 'UNEXPECTED_REPLY'],
  ])('%s: the read is asked again, then fails by name', async (_, lie, code) => {
    const server = await serve(lying(lie));
    const client = await session(server);
    const error = await errorOf(client.getData('/x', { timeout: CALL_TIMEOUT }));
    expect(codes(error).join()).toMatch(new RegExp(`^CONNECTION_LOST,(${code})$`));
    expect(error).toMatchObject({ outcome: 'none', exitCode: 5 });
    expect(error.message).toContain('getData "/x"');
  });

  it.each<[string, OperationName, (client: Client) => Promise<unknown>, Uint8Array]>([
    ['a list longer than the frame', 'getChildren2', (c) => c.getChildren('/x'), int(1000, 1)],
    [
      'a list of a negative length',
      'getChildren2',
      (c) => c.getChildren('/x'),
      Buffer.concat([int(-2), Buffer.alloc(68)]),
    ],
    ['two thousand million list entries', 'getEphemerals', (c) => c.getEphemerals('/x'), int(0x7fffffff)],
    ['a name longer than the frame', 'getEphemerals', (c) => c.getEphemerals('/x'), int(1, 50, 0)],
    [
      'a name that is no text',
      'getEphemerals',
      (c) => c.getEphemerals('/x'),
      Buffer.concat([int(1, 2), Buffer.from([0xc3, 0x28])]),
    ],
    ['a name that is null', 'getEphemerals', (c) => c.getEphemerals('/x'), int(1, -1)],
    ['an ACL cut short', 'getACL', (c) => c.getAcl('/x'), int(1, 31, 5)],
  ])('%s: the read fails by name', async (_, name, ask, body) => {
    const server = await serve(
      lying((connection, asked) => {
        expect(asked.name).toBe(name);
        connection.send(reply(asked, body));
      }),
    );
    expect(codes(await errorOf(ask(await session(server))))).toEqual(['CONNECTION_LOST', 'BAD_REPLY']);
  });

  it('a malformed reply to a write: it fails at once, its outcome unknown, and is not sent again', async () => {
    let writes = 0;
    const server = await serve(async (connection) => {
      await connection.welcome();
      for (;;) {
        const asked = await connection.request();
        if (asked.name === 'setData') writes++;
        connection.send(reply(asked, int(1)));
      }
    });
    const error = await errorOf((await session(server)).setData('/x', 'new'));
    expect(codes(error)).toEqual(['CONNECTION_LOST', 'BAD_REPLY']);
    expect(error).toMatchObject({ outcome: 'unknown' });
    expect(writes).toBe(1);
  });

  it('a create that names another path: refused, its outcome unknown', async () => {
    const server = await serve(
      lying((c, asked) => c.send(reply(asked, encode(operations.create.response, { path: '/other' })))),
    );
    const error = await errorOf((await session(server)).create('/mine'));
    expect(codes(error)).toEqual(['CONNECTION_LOST', 'BAD_REPLY']);
    expect(error).toMatchObject({ outcome: 'unknown' });
  });

  it('an error number nobody knows: a named error with that number, the connection lives', async () => {
    const server = await serve(async (connection) => {
      await connection.welcome();
      connection.reply(await connection.request(), 'getData', undefined, -4711);
      connection.reply(await connection.request(), 'getData', truth);
    });
    const client = await session(server);
    expect(await errorOf(client.getData('/x'))).toMatchObject({
      code: 'SERVER_ERROR_-4711',
      errno: -4711,
      exitCode: 1,
    });
    expect(await bounded(client.getData('/x'))).toEqual(truth);
    expect(server.connections.length).toBe(1);
  });

  it('the same reply twice: the first counts, the second ends the connection, the session goes on', async () => {
    const server = await serve(async (connection) => {
      await connection.welcome();
      const asked = await connection.request();
      const bytes = reply(asked, read);
      connection.send(connection.number === 1 ? Buffer.concat([bytes, bytes]) : bytes);
    });
    const client = await session(server);
    const lost = new Promise<string[]>((resolve) => {
      client.onState(({ state, cause }) => state === 'SUSPENDED' && resolve(codes(cause)));
    });
    expect(await bounded(client.getData('/x'))).toEqual(truth);
    expect(await bounded(lost)).toEqual(['UNEXPECTED_REPLY']);
    expect(await bounded(client.getData('/x'))).toEqual(truth);
    expect(server.connections.length).toBe(2);
  });

  it('replies out of order: no call gets the answer of another', async () => {
    const server = await serve(async (connection) => {
      await connection.welcome();
      const [first, second] = [await connection.request(), await connection.request()];
      const of = (asked: FakeRequest) =>
        reply(asked, encode(operations.sync.response, { path: String(asked.record.path) }));
      connection.send(of(second), of(first));
    });
    const client = await session(server);
    const results = await bounded(Promise.allSettled([client.sync('/a'), client.sync('/b')]));
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    for (const result of results) {
      expect(codes((result as PromiseRejectedResult).reason)).toEqual(['CONNECTION_LOST', 'WRONG_XID']);
    }
  });

  it('a reply over the limit: that call fails for good, the next succeeds on the same connection', async () => {
    const server = await serve(async (connection) => {
      await connection.welcome();
      const large = { data: Buffer.alloc(REPLY_LIMIT + 1), stat };
      connection.reply(await connection.request(), 'getData', large);
      connection.reply(await connection.request(), 'getData', truth);
    });
    const client = await session(server);
    expect(await errorOf(client.getData('/x'))).toMatchObject({ code: 'REPLY_TOO_LARGE' });
    expect(await bounded(client.getData('/x'))).toEqual(truth);
    expect(server.connections.length).toBe(1);
  });

  it('half a reply, then silence: the call ends at its deadline and says so', async () => {
    const server = await serve(lying((c, asked) => c.send(reply(asked, read).subarray(0, 40))));
    const client = await session(server);
    expect(await errorOf(client.getData('/x', { timeout: 300 }))).toMatchObject({
      code: 'TIMEOUT',
      exitCode: 7,
      outcome: 'none',
    });
    expect(await errorOf(client.setData('/x', '', { timeout: 300 }))).toMatchObject({
      code: 'TIMEOUT',
      outcome: 'unknown',
    });
  });

  it('claims two gigabytes and sends nothing of them: the call fails at once, memory stays small', async () => {
    const before = process.memoryUsage().rss;
    const server = await serve(
      lying((c, asked) => c.send(int(0x7fffffff), encode(ReplyHeader, { xid: asked.xid, zxid: 1n, err: 0 }))),
    );
    expect(await errorOf((await session(server)).getData('/x'))).toMatchObject({ code: 'REPLY_TOO_LARGE' });
    expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20);
  });

  it('silence from the start: the server is given up in two thirds of the session timeout', async () => {
    const server = await serve(async (connection) => {
      connection.answerPings = false;
      await connection.welcome({ timeOut: 600 });
    });
    const client = await session(server);
    const lost = new Promise<string[]>((resolve) => {
      client.onState(({ state, cause }) => state === 'SUSPENDED' && resolve(codes(cause)));
    });
    expect(await bounded(lost)).toEqual(['SERVER_SILENT']);
    expect(await errorOf(client.getData('/x', { timeout: 3000 }))).toBeInstanceOf(ZkshError);
  });

  it('a flood of events nobody waits for: calls go on, memory stays small', async () => {
    const events = 20_000;
    const flood = Buffer.concat(Array.from({ length: events }, () => eventFrame({ type: 3, path: '/flooded' })));
    const server = await serve(async (connection) => {
      await connection.welcome();
      for (;;) {
        const asked = await connection.request();
        connection.send(flood, reply(asked, read));
      }
    });
    const client = await session(server);
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 5; i++) expect(await bounded(client.getData('/x'))).toEqual(truth);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(100 << 20);
    expect(server.connections.length).toBe(1);
  });

  it('pings nobody sent, answered ten thousand times: calls go on', async () => {
    const pongs = Buffer.concat(Array.from({ length: 10_000 }, () => replyFrame({ xid: -2 }, int(1, 2, 3))));
    const server = await serve(lying((c, asked) => c.send(pongs, reply(asked, read))));
    expect(await bounded((await session(server)).getData('/x'))).toEqual(truth);
  });

  it('a reply split at every byte is the same reply', async () => {
    const server = await serve(async (connection) => {
      await connection.welcome();
      for (let cut = 1; ; cut++) {
        const asked = await connection.request();
        const bytes = reply(asked, read);
        await connection.drip(bytes, cut);
        if (cut === bytes.length) cut = 0;
      }
    });
    const client = await session(server);
    for (let i = 0; i <= read.length + 20; i++) expect(await bounded(client.getData('/x'))).toEqual(truth);
    expect(server.connections.length).toBe(1);
  });

  it('a good handshake and then the end, again and again: the client does not hammer it', async () => {
    const server = await serve(async (connection) => {
      await connection.welcome();
      connection.end();
    });
    const client = await session(server);
    expect(await errorOf(client.setData('/x', '', { timeout: 1500 }))).toBeInstanceOf(ZkshError);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(server.connections.length).toBeLessThan(20);
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

describe('a server that lies about a transaction', () => {
  const ops = [
    { type: 'setData', path: '/a', data: 'x' },
    { type: 'delete', path: '/b' },
  ] as const;
  const header = (type: number, err = 0) => encode(MultiHeader, { type, done: false, err });
  const end = encode(MultiHeader, { type: -1, done: true, err: -1 });
  const wrote = Buffer.concat([header(5), encode(operations.setData.response, { stat })]);
  const deleted = header(2);
  const failed = (err: number) => Buffer.concat([header(-1, err), encode(ErrorResponse, { err })]);

  async function multi(...body: Uint8Array[]): Promise<ZkshError> {
    const server = await serve(async (connection) => {
      await connection.welcome();
      for (;;) {
        const asked = await connection.request();
        connection.send(replyFrame({ xid: asked.xid }, Buffer.concat(body)));
      }
    });
    return errorOf((await session(server)).multi(ops));
  }

  it.each<[string, Uint8Array[]]>([
    ['a result too few', [wrote, end]],
    ['a result too many', [wrote, deleted, deleted, end]],
    ['no results', [end]],
    ['results of the wrong operations', [deleted, wrote, end]],
    [
      'an operation that has no place in a transaction',
      [wrote, header(4), encode(operations.getData.response, truth), end],
    ],
    ['no end mark', [wrote, deleted]],
    ['something behind the end mark', [wrote, deleted, end, int(0)]],
    ['nothing at all', []],
    ['failures that say nothing failed', [failed(0), failed(0), end]],
    ['a roll-back without a cause', [failed(-2), failed(-2), end]],
    ['success and failure at once', [wrote, failed(-101), end]],
  ])('%s: it fails, its outcome unknown', async (_, body) => {
    const error = await multi(...body);
    expect(codes(error)).toEqual(['CONNECTION_LOST', 'BAD_REPLY']);
    expect(error).toMatchObject({ outcome: 'unknown' });
  });

  it('the truth is told apart: a refusal names the operation that failed', async () => {
    const error = await multi(failed(0), failed(-101), end);
    expect(error).toMatchObject({ code: 'NO_NODE', index: 1 });
  });
});
