import { describe, expect, it } from 'vitest';
import { type Codec, encode } from '../../src/jute/codec.ts';
import { JuteReader } from '../../src/jute/reader.ts';
import { ConnectResponse } from '../../src/protocol/handshake.ts';
import { type OperationName, operations } from '../../src/protocol/operations.ts';
import { ConnectRequest, ReplyHeader, RequestHeader, WatcherEvent } from '../../src/protocol/records.ts';
import { serverErrorCodes } from '../../src/protocol/server-errors.ts';
import { type GoldenExchange, type GoldenFrame, goldenExchanges, plain, revive } from '../support/frames.ts';

const golden = goldenExchanges();
const named = [...golden].flatMap(([operation, exchanges]) =>
  exchanges.map((exchange): [string, string, GoldenExchange] => [
    operation,
    `${exchange.step} (${exchange.scenario}, ${exchange.from.client})`,
    exchange,
  ]),
);
const ordinary = named.filter(([operation]) => operation in operations) as [OperationName, string, GoldenExchange][];
const replied = ordinary.filter(([, , { response }]) => response !== undefined);

interface Header {
  type: number;
  done: boolean;
  err: number;
}

/** Java writes a multi as headers and records in turn; ours is a list of what each header and its record say together. */
function parts(list: readonly unknown[]): { header: Header; record: unknown }[] {
  const found: { header: Header; record: unknown }[] = [];
  for (const item of list) {
    if (typeof item === 'object' && item !== null && 'done' in item) {
      found.push({ header: item as Header, record: undefined });
    } else {
      found.at(-1)!.record = item;
    }
  }
  expect(found.pop()?.header).toEqual({ type: -1, done: true, err: -1 });
  return found;
}

/** Java's reading of a record, in the form our codec takes and gives. */
function expected(side: 'request' | 'response', frame: GoldenFrame): unknown {
  const [name, value] = Object.entries(frame.decoded).find(([key]) => !key.endsWith('Header')) ?? ['', {}];
  if (name === 'MultiOperationRecord') {
    return parts(value as unknown[]).map(({ header, record }) => ({ type: header.type, record: revive(record) }));
  }
  if (name === 'MultiResponse') {
    return parts(value as unknown[]).map(({ header: { type, err }, record }) =>
      type === -1 ? { type, error: err, record: undefined } : { type, error: 0, record: revive(record ?? {}) },
    );
  }
  expect(side === 'request' || frame.decoded.leftOver === undefined).toBe(true);
  return revive(value);
}

function body(frame: GoldenFrame): Buffer {
  const bytes = Buffer.from(frame.hex, 'hex');
  expect(bytes.readInt32BE(0)).toBe(bytes.length - 4);
  return bytes.subarray(4);
}

function proves(
  frame: GoldenFrame,
  side: 'request' | 'response',
  header: Codec<unknown>,
  record: Codec<unknown>,
): void {
  const bytes = body(frame);
  const javaHeader = Object.entries(frame.decoded).find(([name]) => name.endsWith('Header'))?.[1];
  const javaRecord = expected(side, frame);
  const reader = new JuteReader(bytes);
  expect(plain(header.read(reader))).toEqual(javaHeader);
  expect(plain(record.read(reader))).toEqual(plain(javaRecord));
  reader.end();
  const again = Buffer.concat([encode(header, revive(javaHeader)), encode(record, javaRecord)]);
  expect(again.toString('hex')).toBe(bytes.toString('hex'));
}

describe('requests are what the Java client sends, byte for byte', () => {
  it.each(ordinary)('%s: %s', (operation, _, { request }) => {
    proves(request!, 'request', RequestHeader, operations[operation].request);
    expect(revive(request!.decoded.RequestHeader)).toMatchObject({ type: operations[operation].type });
  });
});

describe('replies are read as the Java client reads them', () => {
  it.each(replied)('%s: %s', (operation, _, { response }) => {
    const { err } = response!.decoded.ReplyHeader as { err: number };
    // A reply that says an error has nothing behind its header, but for a refused SASL token's empty answer.
    const bare = err !== 0 && response!.decoded.SetSASLResponse === undefined;
    const record = bare ? operations.ping.response : operations[operation].response;
    proves(response!, 'response', ReplyHeader, record);
  });

  it.each(golden.get('notification')!)('notification: $step', ({ response }) => {
    proves(response!, 'response', ReplyHeader, WatcherEvent);
    expect(response!.decoded.ReplyHeader).toMatchObject({ xid: -1, err: 0 });
  });
});

describe('the handshake', () => {
  const connects = golden.get('connect')!;
  const hello = (exchange: GoldenExchange) => exchange.request!.decoded.ConnectRequest;

  it.each(connects)('asks as the Java client: $step ($scenario, $from.client)', (exchange) => {
    const bytes = body(exchange.request!);
    expect(plain(ConnectRequest.read(new JuteReader(bytes)))).toEqual(hello(exchange));
    expect(encode(ConnectRequest, revive(hello(exchange))).toString('hex')).toBe(bytes.toString('hex'));
  });

  it.each(connects.filter(({ response }) => response?.decoded.ConnectResponse !== undefined))(
    'reads the answer: $step ($scenario, $from.client)',
    ({ response }) => {
      const bytes = body(response!);
      const reader = new JuteReader(bytes);
      const ours = ConnectResponse.read(reader);
      reader.end();
      expect(plain(ours)).toEqual(response!.decoded.ConnectResponse);
      expect(encode(ConnectResponse, ours).toString('hex')).toBe(bytes.toString('hex'));
    },
  );

  it('was recorded for a new, a resumed, an expired and a read-only session, and for a refusal', () => {
    const answers = connects.map(({ response }) => response?.decoded as Record<string, { timeOut: number }>);
    expect(connects.some((exchange) => (hello(exchange) as { sessionId: string }).sessionId === '0n')).toBe(true);
    expect(connects.some((exchange) => (hello(exchange) as { sessionId: string }).sessionId !== '0n')).toBe(true);
    expect(answers.some((answer) => answer?.ConnectResponse?.timeOut === 0)).toBe(true);
    expect(answers).toContainEqual({ ConnectResponse: expect.objectContaining({ readOnly: true }) });
    expect(answers).toContainEqual({ ReplyHeader: { xid: 0, zxid: '0n', err: -119 } });
  });
});

describe('the record', () => {
  it.each(Object.keys(operations) as OperationName[])('has %s', (operation) => {
    const inMulti = new RegExp(`"type":${operations[operation].type},"done":false`);
    const direct = golden.get(operation) ?? [];
    // A server refuses a check on its own: it exists inside a transaction only.
    const found = operation === 'check' ? inMulti.test(JSON.stringify(golden.get('multi'))) : direct.length > 0;
    expect(found).toBe(true);
  });

  it('has an error of every write and read that can fail, each with a name of ours', () => {
    const errors = new Set(
      named.map(([, , { response }]) => (response?.decoded.ReplyHeader as { err: number } | undefined)?.err ?? 0),
    );
    errors.delete(0);
    expect([...errors].sort((a, b) => a - b)).toEqual([
      -125, -123, -121, -119, -115, -114, -111, -110, -108, -103, -102, -101, -13, -8, -6,
    ]);
    const known = new Set(serverErrorCodes.map(({ errno }) => errno));
    for (const errno of errors) expect(known).toContain(errno);
  });

  it('carries the arguments the Java program passed', () => {
    for (const [, , { call, request, step }] of ordinary) {
      const record = Object.entries(request!.decoded).find(([name]) => !name.endsWith('Header'))?.[1] ?? {};
      for (const [name, value] of Object.entries(call)) {
        if (step.startsWith('setWatches') || Array.isArray(record) || !(name in (record as object))) continue;
        expect({ step, [name]: (record as Record<string, unknown>)[name] }).toEqual({ step, [name]: value });
      }
    }
  });

  it('answers each request under its own xid; pings and credentials have reserved ones', () => {
    const xid = (frame: GoldenFrame, header: string) => (frame.decoded[header] as { xid: number }).xid;
    for (const [operation, , { request, response }] of replied) {
      expect(xid(response!, 'ReplyHeader')).toBe(xid(request!, 'RequestHeader'));
      const reserved = { ping: -2, auth: -4 }[operation as string];
      if (reserved !== undefined) expect(xid(request!, 'RequestHeader')).toBe(reserved);
    }
  });
});
