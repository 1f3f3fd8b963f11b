import { onTestFinished } from 'vitest';
import type { Client } from '../../src/client/client.ts';
import { type ConnectOptions, connect } from '../../src/client/connect.ts';

/** A session on one server alone, closed when the test ends. */
export async function holder(server: string, options: ConnectOptions = {}): Promise<Client> {
  const client = await connect(server, { sessionTimeout: 30_000, ...options });
  onTestFinished(() => client.close({ timeout: 1000 }));
  return client;
}
