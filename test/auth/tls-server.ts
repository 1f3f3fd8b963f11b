import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { describeTlsFailure, type TlsSettings, tlsConnectOptions } from '../../src/auth/tls.ts';

/** What the two sides of one connection saw. */
export interface Handshake {
  /** Common name of the certificate the server got from the client. */
  client: string | undefined;
  /** The name the client asked for by SNI. */
  servername: string | false | null;
  /** How many certificates the client sent. */
  chain: number;
}

/** A TLS server that sends back one line of JSON about who connected, then closes. */
export async function listen(options: tls.TlsOptions): Promise<tls.Server> {
  const server = tls.createServer(options, (socket) => {
    socket.on('error', () => {});
    const peer = socket.getPeerCertificate(true);
    let chain = peer.subject === undefined ? 0 : 1;
    for (let at = peer; at.issuerCertificate !== undefined && at.issuerCertificate !== at; at = at.issuerCertificate) {
      chain += 1;
    }
    const seen: Handshake = {
      client: [peer.subject?.CN].flat()[0],
      servername: (socket as tls.TLSSocket & { servername: string | false | null }).servername,
      chain,
    };
    socket.end(JSON.stringify(seen));
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

export function portOf(server: tls.Server): number {
  return (server.address() as AddressInfo).port;
}

/** Connects to 127.0.0.1 as if `host` had been typed; rejects with what describeTlsFailure makes of a failure. */
export function handshake(
  host: string,
  port: number,
  context: tls.SecureContextOptions,
  settings: TlsSettings = {},
): Promise<Handshake> {
  return new Promise((resolve, reject) => {
    const socket = tls.connect({ ...tlsConnectOptions(host, port, context, settings), host: '127.0.0.1' });
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      text += chunk;
    });
    // An end without a word is a failed handshake, whose error comes next.
    socket.on('end', () => text !== '' && resolve(JSON.parse(text) as Handshake));
    socket.on('error', (error) => reject(describeTlsFailure(error, host, port)));
  });
}
