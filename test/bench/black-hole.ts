import { spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';

/** A port that takes no connection and refuses none, as one behind a firewall that drops what comes. */
export interface BlackHole {
  readonly port: number;
  close(): void;
}

const LISTEN = `require('net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, function () {
  console.log(this.address().port);
})`;
/** The kernel takes a few more than the backlog says, for who will never accept them. */
const MOST = 16;
const SILENCE = 300;

/** Stops a process that listens, and fills the queue of connections that wait for it. @throws Error when it can't be had */
export async function blackHole(): Promise<BlackHole> {
  const child = spawn(process.execPath, ['-e', LISTEN], { stdio: ['ignore', 'pipe', 'inherit'] });
  const held: Socket[] = [];
  const close = (): void => {
    for (const socket of held) socket.destroy();
    child.kill('SIGKILL');
  };
  try {
    const port = await new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', () => reject(new Error('the process that listens has ended')));
      child.stdout.once('data', (line: Buffer) => resolve(Number(line.toString())));
    });
    child.kill('SIGSTOP');
    while (await isTaken(port, held)) if (held.length > MOST) throw new Error('the queue of a port does not fill up');
    return { port, close };
  } catch (error) {
    close();
    throw error;
  }
}

function isTaken(port: number, held: Socket[]): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.on('error', () => undefined);
    held.push(socket);
    setTimeout(resolve, SILENCE, false);
  });
}
