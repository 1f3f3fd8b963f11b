import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What was sent to it by POST. */
export interface Posted {
  command: string;
  method: string | undefined;
  authorization: string | undefined;
  body: unknown;
}

/**
 * A stand-in for an AdminServer of 3.10, of which there is no release: it answers what `Commands` of the master branch
 * answers to `connections` and `shed_connections`, and keeps what it was sent. `clients` are the connections it tells.
 */
export async function sheddingAdmin(how: {
  id: number;
  clientPort: number;
  clients: () => number;
  /** `user:password` of who has all permissions on `/`. */
  secret: string;
  shed(percent: number): number;
}): Promise<{ port: number; posted: Posted[] }> {
  const posted: Posted[] = [];
  const server = createServer((request, response) => {
    void answer(request).then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
  });
  async function answer(request: IncomingMessage): Promise<{ status: number; body: object }> {
    const command = (request.url ?? '').replace('/commands/', '');
    const ok = (body: object) => ({ status: 200, body: { command, error: null, ...body } });
    if (command === 'monitor') return ok({ version: '3.10.0-abc, built on x', server_state: 'follower' });
    if (command === 'configuration') return ok({ server_id: how.id, client_port: how.clientPort });
    if (command === 'connections') {
      const connections = Array.from({ length: how.clients() }, (_, i) => ({
        session_id: i + 1,
        remote_socket_address: '127.0.0.1:1',
      }));
      return ok({ connections, secure_connections: [] });
    }
    if (command !== 'shed_connections' || request.method !== 'POST')
      return { status: 200, body: { command, error: `Unknown command: ${command}` } };
    let text = '';
    for await (const chunk of request) text += chunk;
    const body = JSON.parse(text) as { percentage: number };
    const { authorization } = request.headers;
    posted.push({ command, method: request.method, authorization, body });
    if (authorization === undefined)
      return { status: 401, body: { command, error: 'Auth info is missing for the command' } };
    if (authorization !== `digest ${how.secret}`) return { status: 403, body: { command, error: 'Not authorized' } };
    const connections_shed = body.percentage === 0 ? 0 : how.shed(body.percentage);
    return ok({ connections_shed, percentage_requested: body.percentage });
  }
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { port: (server.address() as AddressInfo).port, posted };
}
