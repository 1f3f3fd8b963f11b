import { describe, expect, it } from 'vitest';
import { encode } from '../../src/jute/codec.ts';
import type { ZkshError } from '../../src/protocol/errors.ts';
import { operations } from '../../src/protocol/operations.ts';
import { ErrorResponse, MultiHeader } from '../../src/protocol/records.ts';
import { int, replyFrame } from '../support/frames.ts';
import { codes, errorOf, serve, session, stat, truth } from '../support/lies.ts';

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
