import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { fourLetterWord } from '../../src/ensemble/four-letter-word.ts';
import { parseServerStatus } from '../../src/ensemble/server-status.ts';
import { sharedEnsemble, useEnsemble } from '../support/ensembles.ts';

const host = '127.0.0.1';
const open: Server[] = [];

/** A server that does what `behave` says to each connection. */
async function serverThat(behave: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    behave(socket);
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

describe('a four-letter word', () => {
  it('brings the whole answer of a real server', async () => {
    const { members } = await sharedEnsemble('standalone');
    const answer = await fourLetterWord({ host, port: members[0]!.clientPort, word: 'srvr' });
    expect(parseServerStatus(answer)).toMatchObject({
      mode: 'standalone',
      outstanding: 0,
      nodeCount: expect.any(Number),
    });
    expect(parseServerStatus(answer).version).toMatch(/^3\.\d+\.\d+$/);
  });

  it('brings an answer that comes in many pieces', async () => {
    const port = await serverThat((socket) => {
      socket.on('data', () => {
        for (const piece of ['im', 'o', 'k']) socket.write(piece);
        socket.end();
      });
    });
    expect(await fourLetterWord({ host, port, word: 'ruok' })).toBe('imok');
  });

  it('that is none is refused before anything is sent', async () => {
    await expect(fourLetterWord({ host, port: 1, word: 'RUOK?' })).rejects.toMatchObject({ exitCode: 2 });
  });

  it('to a port where nobody listens fails as a connection does', async () => {
    const port = await serverThat(() => undefined);
    await new Promise((resolve) => open.splice(0)[0]!.close(resolve));
    for (const name of [host, 'localhost']) {
      await expect(fourLetterWord({ host: name, port, word: 'ruok' })).rejects.toMatchObject({
        code: 'CONNECTION_FAILED',
        exitCode: 5,
        message: `cannot ask ${name}:${port} for ruok: connection refused`,
      });
    }
  });

  it('to a server that closes without a word fails and says so', async () => {
    const port = await serverThat((socket) => socket.end());
    await expect(fourLetterWord({ host, port, word: 'ruok' })).rejects.toThrow('without an answer');
  });

  it('to a server that stays silent ends at its time limit', async () => {
    const port = await serverThat(() => undefined);
    await expect(fourLetterWord({ host, port, word: 'ruok', timeout: 50 })).rejects.toMatchObject({
      code: 'TIMEOUT',
      exitCode: 7,
    });
  });

  it('can be called off', async () => {
    const port = await serverThat(() => undefined);
    const controller = new AbortController();
    const asked = fourLetterWord({ host, port, word: 'ruok', signal: controller.signal });
    controller.abort();
    await expect(asked).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    await expect(fourLetterWord({ host, port, word: 'ruok', signal: controller.signal })).rejects.toMatchObject({
      code: 'INTERRUPTED',
    });
  });
});

describe('a four-letter word on a server with production defaults', () => {
  const ensemble = useEnsemble({ servers: 1, bare: true });

  it('is answered only when it is srvr', async () => {
    const { clientPort: port } = ensemble().members[0]!;
    expect(await fourLetterWord({ host, port, word: 'srvr' })).toContain('Mode: standalone');
    await expect(fourLetterWord({ host, port, word: 'mntr' })).rejects.toMatchObject({
      code: 'WORD_REFUSED',
      exitCode: 4,
    });
  });
});

describe('the answer to srvr', () => {
  it('is read from a Debian build, whose version holds an unfilled placeholder', () => {
    const text = [
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it stands so in the answer
      'Zookeeper version: 3.8.0-${mvngit.commit.id}, built on 2024-06-16 16:14 UTC',
      'Latency min/avg/max: 0/0.5/12',
      'Received: 5',
      'Sent: 4',
      'Connections: 1',
      'Outstanding: 0',
      'Zxid: 0x10000000c',
      'Mode: follower',
      'Node count: 7',
    ].join('\n');
    expect(parseServerStatus(text)).toEqual({
      version: '3.8.0',
      latency: { min: 0, avg: 0.5, max: 12 },
      received: 5n,
      sent: 4n,
      connections: 1,
      outstanding: 0,
      zxid: 0x10000000cn,
      mode: 'follower',
      nodeCount: 7,
    });
  });

  it('of a server without a quorum, or of no ZooKeeper at all, has no mode', () => {
    for (const text of [
      'This ZooKeeper instance is not currently serving requests\n',
      'HTTP/1.1 400 Bad Request',
      '',
    ]) {
      expect(parseServerStatus(text).mode).toBeUndefined();
    }
  });
});
