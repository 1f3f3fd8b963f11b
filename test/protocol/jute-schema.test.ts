import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Codec, decode, encode } from '../../src/jute/codec.ts';
import { ConnectResponse } from '../../src/protocol/handshake.ts';
import * as records from '../../src/protocol/records.ts';
import { frameOf, int, plain } from '../support/frames.ts';

type Fields = readonly (readonly [field: string, type: string])[];

const schema: Record<string, Record<string, Fields>> = JSON.parse(
  readFileSync(new URL('../fixtures/zookeeper-jute.json', import.meta.url), 'utf8'),
);
const classes: Record<string, Fields> = {
  ...schema['org.apache.zookeeper.data'],
  ...schema['org.apache.zookeeper.proto'],
};

/** Classes of the jute file that no client sends or reads, and ClientInfo, which is part of another. */
const NOT_OURS = [
  'StatPersisted',
  'ClientInfo',
  'SetSASLRequest',
  'GetMaxChildrenRequest',
  'GetMaxChildrenResponse',
  'SetMaxChildrenRequest',
];

const ours: Record<string, Codec<unknown>> = {
  ...(Object.fromEntries(
    Object.entries(records).filter(([name]) => name !== 'Empty' && name !== 'AclRecord'),
  ) as Record<string, Codec<unknown>>),
  ACL: records.AclRecord,
  ConnectResponse,
};

/** Any value of a jute type; strings are what UTF-8 can carry, which a lone surrogate is not. */
function values(type: string): fc.Arbitrary<unknown> {
  const element = /^vector<(.+)>$/.exec(type)?.[1];
  if (element !== undefined) return fc.array(values(element), { maxLength: 5 });
  switch (type) {
    case 'int':
      return fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    case 'long':
      return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
    case 'boolean':
      return fc.boolean();
    case 'buffer':
      return fc.option(fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)));
    case 'ustring':
      return fc.string({ unit: 'binary', maxLength: 20 });
    default:
      return fc.record(Object.fromEntries(classes[type]!.map(([field, each]) => [field, values(each)])));
  }
}

/** The jute encoding, written from the jute file's types alone. */
function bytesOf(type: string, value: unknown): Buffer {
  const element = /^vector<(.+)>$/.exec(type)?.[1];
  if (element !== undefined) {
    const items = value as unknown[];
    return Buffer.concat([int(items.length), ...items.map((item) => bytesOf(element, item))]);
  }
  switch (type) {
    case 'int':
      return int(value as number);
    case 'long': {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64BE(value as bigint);
      return bytes;
    }
    case 'boolean':
      return Buffer.from([value ? 1 : 0]);
    case 'buffer':
      return value === null ? int(-1) : frameOf(value as Buffer);
    case 'ustring':
      return frameOf(Buffer.from(value as string, 'utf8'));
    default:
      return Buffer.concat(
        classes[type]!.map(([field, each]) => bytesOf(each, (value as Record<string, unknown>)[field])),
      );
  }
}

describe("ZooKeeper's own schema", () => {
  it('has each record we declare, and we each that a client needs', () => {
    expect([...Object.keys(ours), ...NOT_OURS].sort()).toEqual(Object.keys(classes).sort());
  });

  it.each(Object.keys(ours))('%s has its fields, types and order, and any value survives the way', (name) => {
    fc.assert(
      fc.property(values(name), (value) => {
        const bytes = encode(ours[name]!, value);
        expect(bytes.toString('hex')).toBe(bytesOf(name, value).toString('hex'));
        expect(plain(decode(ours[name]!, bytes))).toEqual(plain(value));
      }),
      { seed: 3, numRuns: 100 },
    );
  });

  it.each(Object.keys(ours))('%s cut short anywhere is an error, never a value', (name) => {
    const sample = fc.sample(values(name), { seed: 5, numRuns: 5 });
    for (const value of sample) {
      const bytes = encode(ours[name]!, value);
      for (let length = 0; length < bytes.length; length++) {
        // The handshake's last byte is missing from old servers, by design.
        if (name === 'ConnectResponse' && length === bytes.length - 1) continue;
        expect(() => decode(ours[name]!, bytes.subarray(0, length))).toThrow(
          expect.objectContaining({ name: 'JuteError' }),
        );
      }
      const longer = Buffer.concat([bytes, Buffer.from([0])]);
      expect(() => decode(ours[name]!, longer)).toThrow(expect.objectContaining({ fault: 'trailing' }));
    }
  });
});
