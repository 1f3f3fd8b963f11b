import { describe, expect, it, onTestFinished } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { type Environment, systemEnvironment } from '../../src/client/environment.ts';
import { encode } from '../../src/jute/codec.ts';
import { ZkshError } from '../../src/protocol/errors.ts';
import { type OperationName, operations } from '../../src/protocol/operations.ts';
import { ReplyHeader } from '../../src/protocol/records.ts';
import type { FakeConnection, FakeRequest, FakeScript } from '../support/fake-server.ts';
import { eventFrame, frameOf, int, replyFrame } from '../support/frames.ts';
import { bounded, codes, errorOf, REPLY_LIMIT, serve, session, stat, truth } from '../support/lies.ts';
import { until } from '../support/until.ts';

const CALL_TIMEOUT = 2000;

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

  it('a good handshake and then the end, again and again: the client pauses longer each time', async () => {
    const server = await serve(async (connection) => {
      await connection.welcome();
      connection.end();
    });
    const timers: number[] = [];
    const environment: Environment = {
      ...systemEnvironment,
      setTimer: (run, milliseconds) => {
        timers.push(milliseconds);
        return systemEnvironment.setTimer(run, milliseconds);
      },
      random: () => 0,
    };
    const client = await connect(server.servers, { environment });
    onTestFinished(() => client.close({ timeout: 50 }));
    await until('seven connections', () => server.connections.length >= 7);
    // All other timers are of seconds: attempts, pings.
    const pauses = timers.filter((milliseconds) => milliseconds < 500).map(Math.round);
    expect(pauses.slice(0, 5)).toEqual([13, 19, 28, 42, 63]);
  });
});
