// Runs some commands of a bundle, so that V8 has compiled what they need, and keeps that in a folder for the executable.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const runner = fileURLToPath(new URL('./warm-up-run.cjs', import.meta.url));

/** What people and scripts run most, an error, and the pages of help. @param {string} server */
const lines = (server) =>
  [
    `get /a -S ${server}`,
    `get /a -s -S ${server}`,
    `get /a -o json -S ${server}`,
    `ls / -S ${server}`,
    `stat /a -S ${server}`,
    `set /a b -S ${server}`,
    `create /b c -S ${server}`,
    `delete /b -S ${server}`,
    'get --help',
    'help',
    'version',
    'gte',
    'completion bash',
  ].map((line) => line.split(' '));

/** A reply to what was asked: a session, some data, some children, or else that there is no such node. */
const SESSION = Buffer.from(`00000000000075300000000000000001${'00000010'}${'00'.repeat(16)}00`, 'hex');
const STAT = Buffer.alloc(68);
const REPLIES = new Map([
  [4, Buffer.concat([Buffer.from([0, 0, 0, 1, 97]), STAT])],
  [12, Buffer.concat([Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 97]), STAT])],
  [5, STAT],
  [3, STAT],
  [-11, Buffer.alloc(0)],
]);

/** @param {Buffer} body */
function frame(body) {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

/** @param {Buffer} request */
function reply(request) {
  const body = REPLIES.get(request.readInt32BE(4));
  const header = Buffer.alloc(16);
  header.writeInt32BE(request.readInt32BE(0));
  header.writeInt32BE(body === undefined ? -101 : 0, 12);
  return frame(Buffer.concat([header, body ?? Buffer.alloc(0)]));
}

/** Enough of a ZooKeeper server for the commands above. @returns {Promise<import('node:net').Server>} */
function serve() {
  const server = createServer((socket) => {
    let open = false;
    let received = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      while (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) {
        const end = 4 + received.readInt32BE(0);
        socket.write(open ? reply(received.subarray(4, end)) : frame(SESSION));
        open = true;
        received = received.subarray(end);
      }
    });
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

/** @param {string} node @param {readonly string[]} args */
function run(node, args) {
  const env = { ...process.env, NO_COLOR: '1', NODE_OPTIONS: '' };
  const child = spawn(node, [runner, ...args], { stdio: 'ignore', env });
  return new Promise((resolve) => child.on('close', resolve));
}

/**
 * @param {string} node the executable that will run the bundle: what one release compiled is of no use to another
 * @param {string} bundle
 * @param {string} folder
 */
export async function warmUp(node, bundle, folder) {
  const server = await serve();
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  // One after the other: each adds to what is kept.
  for (const line of lines(`127.0.0.1:${port}`)) await run(node, [bundle, folder, ...line]);
  server.close();
}
