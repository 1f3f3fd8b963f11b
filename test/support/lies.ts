import { expect, onTestFinished } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { ZkshError } from '../../src/protocol/errors.ts';
import type { Stat } from '../../src/protocol/records.ts';
import { type FakeScript, FakeServer } from './fake-server.ts';

/** No call may outlive this, whatever the server does; far above what any needs. */
const DEADLINE = 8000;
/** Bytes of the largest reply a session here takes. */
export const REPLY_LIMIT = 1 << 16;

export const stat: Stat = {
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
/** What an honest server would answer to getData. */
export const truth = { data: Buffer.from('yes'), stat };

/** A server that follows `script`; after the test it is stopped, and its script must not have failed. */
export async function serve(script: FakeScript): Promise<FakeServer> {
  const server = await FakeServer.start(script);
  onTestFinished(async () => {
    await server.stop();
    expect(server.failures).toEqual([]);
  });
  return server;
}

/** A session with it, whatever it is worth. */
export async function session(server: FakeServer): Promise<Client> {
  const client = await connect(server.servers, { connectTimeout: 3000, maxReplyBytes: REPLY_LIMIT });
  onTestFinished(() => client.close({ timeout: 50 }));
  return client;
}

/** Settles as `call` does, or fails the test: a hang is the one thing no lie may achieve. */
export function bounded<T>(call: Promise<T>): Promise<T> {
  return Promise.race([
    call,
    new Promise<never>((_, reject) => {
      const timer = setTimeout(() => reject(new Error(`still pending after ${DEADLINE} ms`)), DEADLINE);
      onTestFinished(() => clearTimeout(timer));
    }),
  ]);
}

/** The error `call` ends with; fails the test when it succeeds, hangs or throws what is no ZkshError. */
export async function errorOf(call: Promise<unknown>): Promise<ZkshError> {
  const error = await bounded(call).then(
    (value) => expect.fail(`succeeded with ${JSON.stringify(value, (_, v) => (typeof v === 'bigint' ? `${v}` : v))}`),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ZkshError)) throw error;
  return error;
}

/** The error's own code, and that of each error behind it. */
export function codes(error: unknown): string[] {
  return error instanceof ZkshError ? [error.code, ...codes(error.cause)] : [];
}
