// One writer that never gives up, for the failover section: it writes one znode, one write after the other, and prints
// a line for each that a server has accepted. Usage: writer.js zksh|bare HOST:PORT,… SESSION_TIMEOUT PATH
import net from 'node:net';
import { connect } from '../../../src/index.ts';

const [kind, servers = '', timeout = '', path = ''] = process.argv.slice(2);
const sessionTimeout = Number(timeout);
const accepted = () => process.stdout.write('.\n');

if (kind === 'zksh') await writeWithZksh();
else writeBare();

async function writeWithZksh(): Promise<never> {
  const client = await connect(servers, { sessionTimeout, prefer: servers.split(',')[0] });
  for (;;) {
    // A write lost with its connection may have happened; this one may as well happen twice.
    const done = await client.setData(path, 'x').then(
      () => true,
      () => false,
    );
    if (done) accepted();
  }
}

/**
 * The floor: no session is kept, each server is asked in turn until one takes a write, every two milliseconds. A silent
 * server is left after two thirds of the session timeout, as ZooKeeper's clients do.
 */
function writeBare(): void {
  const addresses = servers.split(',');
  let turn = 0;
  const open = () => {
    const [host = '', port = ''] = (addresses[turn++ % addresses.length] as string).split(':');
    const socket = net.connect(Number(port), host);
    socket.setNoDelay(true);
    socket.setTimeout((sessionTimeout * 2) / 3, () => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => setTimeout(open, 2));
    socket.write(greeting());
    let greeted = false;
    let rest: Buffer = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 4 && rest.length - 4 >= rest.readInt32BE(0)) {
        if (greeted && rest.readInt32BE(16) === 0) accepted();
        greeted = true;
        rest = rest.subarray(4 + rest.readInt32BE(0));
        socket.write(setData());
      }
    });
  };
  open();
}

function greeting(): Buffer {
  const bytes = Buffer.alloc(48);
  bytes.writeInt32BE(44, 0);
  bytes.writeInt32BE(sessionTimeout, 16);
  bytes.writeInt32BE(16, 28);
  return bytes;
}

function setData(): Buffer {
  const name = Buffer.from(path);
  const bytes = Buffer.alloc(12 + 4 + name.length + 5 + 4);
  bytes.writeInt32BE(bytes.length - 4, 0);
  bytes.writeInt32BE(1, 4);
  bytes.writeInt32BE(5, 8);
  bytes.writeInt32BE(name.length, 12);
  name.copy(bytes, 16);
  bytes.writeInt32BE(1, 16 + name.length);
  bytes.writeInt32BE(-1, bytes.length - 4);
  return bytes;
}
