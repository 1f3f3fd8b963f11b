import { PassThrough } from 'node:stream';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import Watch from '../../commands/watch.ts';
import { InterruptedError } from '../../src/cli/deadline.ts';
import type { Io } from '../../src/cli/io.ts';
import type { Client } from '../../src/client/client.ts';
import { type ConnectOptions, connect } from '../../src/client/connect.ts';
import { mavenIsThere } from '../../src/local/maven.ts';
import { sharedEnsemble, sharedRelease } from '../support/ensembles.ts';
import { type Place, type Ran, runCommand, testIo } from '../support/run-command.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { until } from '../support/until.ts';

const maven = await mavenIsThere();
const without = maven ? '' : ' (skipped: there is no mvn here to fetch one)';

let client: Client;
let root: string;
let counter = 0;

beforeEach(async () => {
  client = await session((await sharedEnsemble('standalone')).connectString);
  counter += 1;
  root = (await client.create(`/watch-command-${counter}`, 'old')).path;
});

async function session(servers: string, options: ConnectOptions = {}): Promise<Client> {
  const opened = await connect(servers, options);
  onTestFinished(() => opened.close());
  return opened;
}

/** Runs the command on a session of its own and does `work` once it watches. */
async function watching(argv: string[], work: () => Promise<unknown>, place: Place = {}): Promise<Ran> {
  const own = (await place.session?.()) ?? (await session(client.servers));
  const running = runCommand(Watch, argv, { session: async () => own, cwd: '/', ...place });
  await until('the watch', () => own.held.watches.length > 0);
  await work();
  const ran = await running;
  expect(own.held.watches).toEqual([]);
  return ran;
}

/** The same, with its output to be seen while it runs. */
function live(argv: string[], own: Client, io: Partial<Io> = {}, signal?: AbortSignal) {
  const test = testIo();
  const command = new Watch(argv, { bin: 'zksh', runHook: async () => ({}) } as never);
  command.host = { io: { ...test.io, ...io }, session: async () => own, cwd: '/', signal };
  return { running: command.perform(), stdout: test.stdout, stderr: test.stderr };
}

const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('watch', () => {
  it('streams what happens at and below a znode as NDJSON into a pipe', async () => {
    const ran = await watching([root, '--count', '4'], async () => {
      await client.create(`${root}/kid`);
      await client.setData(`${root}/kid`, 'x');
      await client.setData(root, 'new');
      await client.delete(`${root}/kid`);
    });
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    const time = '2026-01-02T03:04:05.000Z';
    expect(lines(ran.stdout)).toMatchObject([
      { time, type: 'NodeCreated', path: `${root}/kid` },
      { time, type: 'NodeDataChanged', path: `${root}/kid` },
      { time, type: 'NodeDataChanged', path: root },
      { time, type: 'NodeDeleted', path: `${root}/kid` },
    ]);
  });

  it('prints a line an event for a person', async () => {
    const work = () => client.setData(root, 'new');
    const { stdout } = await watching([root, '--count', '1', '--data'], work, { tty: true });
    expect(stdout).toMatch(/^03:04:05 {2}NodeDataChanged {2}\/watch-command-\d+ {2}version 1\nnew\n$/);
  });

  it('begins with what is there, and misses nothing after it', async () => {
    await client.create(`${root}/a`, '1');
    await client.create(`${root}/a/b`, '2');
    const own = await session(client.servers);
    const { running, stdout } = live([root, '--initial', '--data', '--count', '1'], own);
    await until('the last znode', () => stdout().includes('/a/b'));
    await client.delete(`${root}/a/b`);
    expect(await running).toBe(0);
    expect(lines(stdout()).map(({ type, path, data }) => [type, path, data])).toEqual([
      ['Present', root, { utf8: 'old' }],
      ['Present', `${root}/a`, { utf8: '1' }],
      ['Present', `${root}/a/b`, { utf8: '2' }],
      ['NodeDeleted', `${root}/a/b`, undefined],
    ]);
  });

  it('watches the znode alone, and the names of its children, with --no-recursive', async () => {
    await client.create(`${root}/kid`);
    const { stdout } = await watching([root, '--no-recursive', '--count', '2'], async () => {
      await client.setData(`${root}/kid`, 'not told');
      await client.delete(`${root}/kid`);
      await client.setData(root, 'new');
    });
    expect(lines(stdout).map(({ type, path }) => [type, path])).toEqual([
      ['NodeChildrenChanged', root],
      ['NodeDataChanged', root],
    ]);
  });

  it('waits for a znode that is not there yet', async () => {
    const ran = await watching([`${root}/later`, '--count', '1'], () => client.create(`${root}/later`));
    expect(ran.stderr).toBe(`note: ${root}/later does not exist yet; waiting for it\n`);
    expect(lines(ran.stdout)).toMatchObject([{ type: 'NodeCreated', path: `${root}/later` }]);
  });

  it('ends on Ctrl-C with exit code 130, and with 7 when its time is up', async () => {
    const controller = new AbortController();
    const work = async () => controller.abort(new InterruptedError());
    const interrupted = await watching([root], work, { signal: controller.signal });
    expect(interrupted).toEqual({ code: 130, stdout: '', stderr: 'error: interrupted\n' });
    const late = await watching([root, '--timeout', '300ms'], async () => {});
    expect(late.code).toBe(7);
    expect(late.stderr).toContain('not finished within 300 ms');
  });

  it('ends when the reader of its output has gone', async () => {
    const own = await session(client.servers);
    const gone = Object.assign(new PassThrough(), { isTTY: false });
    const { running } = live([root], own, { stdout: gone });
    await until('the watch', () => own.held.watches.length > 0);
    gone.destroy();
    for (const value of ['1', '2', '3']) await client.setData(root, value);
    expect(await running).toBe(0);
  });

  it('marks the gap when the connection was away', async () => {
    const { members } = await sharedEnsemble('standalone');
    const proxy = await TcpProxy.start({ port: members[0]!.clientPort });
    onTestFinished(() => proxy.stop());
    const own = await session(`127.0.0.1:${proxy.port}`);
    const work = async () => {
      proxy.refuse();
      proxy.cut();
      await until('the loss', () => own.state === 'SUSPENDED');
      proxy.accept();
      await until('the return', () => own.state === 'CONNECTED');
      await client.setData(root, 'after');
    };
    const { stdout } = await watching([root, '--count', '1'], work, { session: async () => own });
    const [suspended, resumed, event] = lines(stdout);
    expect(suspended).toMatchObject({ type: 'Suspended', path: root, reason: expect.stringMatching(/./) });
    expect(resumed).toMatchObject({ type: 'Resumed', path: root, gapMs: 0 });
    expect(event).toMatchObject({ type: 'NodeDataChanged', path: root });
  });

  it('ends with exit code 5 when its session expires', async () => {
    const { members } = await sharedEnsemble('standalone');
    const proxy = await TcpProxy.start({ port: members[0]!.clientPort });
    onTestFinished(() => proxy.stop());
    const own = await session(`127.0.0.1:${proxy.port}`, { sessionTimeout: 4000 });
    await own.create(`${root}/alive`, null, { mode: 'ephemeral' });
    const running = runCommand(Watch, [root], { session: async () => own, cwd: '/' });
    await until('the watch', () => own.held.watches.length > 0);
    proxy.refuse();
    proxy.cut();
    await until('the expiry', async () => (await client.exists(`${root}/alive`)) === undefined);
    proxy.accept();
    const ran = await running;
    expect(ran.code).toBe(5);
    expect(ran.stderr).toMatch(
      /^error: session 0x[0-9a-f]+ has expired: lost with it 1 ephemeral node and 1 watch\n {2}Open a new session/,
    );
  });

  it.runIf(maven)(`says what servers before 3.6 lack${without}`, async () => {
    const { connectString } = await sharedRelease('3.5.10');
    const ran = await runCommand(Watch, ['/', '-S', connectString]);
    expect([ran.code, ran.stderr]).toEqual([
      1,
      `error: the server can't watch "/" for good: it is older than ZooKeeper 3.6\n` +
        '  One-time watches work there: get -w, ls -w and stat -w in the shell.\n',
    ]);
  });
});

describe('watch --exec', () => {
  it('runs a command an event, which finds the event in its environment and the data on its stdin', async () => {
    const command = 'echo "$ZKSH_EVENT_TYPE $ZKSH_EVENT_PATH v$ZKSH_EVENT_VERSION $ZKSH_SERVER"; cat';
    const argv = [root, '--exec', command, '--data', '--count', '1', '-S', client.servers];
    const running = runCommand(Watch, argv);
    const stop = keepWriting();
    const ran = await running;
    await stop();
    expect([ran.code, ran.stderr]).toEqual([0, '']);
    const [item] = lines(ran.stdout);
    expect(item.exec).toMatchObject({ exitCode: 0, tookMs: 0 });
    expect(item.exec.output.utf8).toMatch(
      new RegExp(`^NodeDataChanged ${root} v\\d+ ${client.servers.replaceAll('.', '\\.')}\\nwritten \\d+$`),
    );
  });

  it('shows what the command prints after its event, keeps the order, and fails when one command fails', async () => {
    const command = 'case $ZKSH_EVENT_PATH in */0) sleep 0.2; exit 3;; *) basename $ZKSH_EVENT_PATH;; esac';
    const argv = [root, '--exec', command, '--jobs', '3', '--count', '3', '-o', 'text'];
    const ran = await watching(argv, async () => {
      for (const name of ['0', '1', '2']) await client.create(`${root}/${name}`);
    });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toBe(`warning: the command of --exec ended with 3 at NodeCreated ${root}/0\n`);
    expect(ran.stdout.replaceAll(/ {2}zxid \S+/g, '')).toBe(
      [0, 1, 2].map((i) => `2026-01-02T03:04:05.000Z  NodeCreated  ${root}/${i}\n${i === 0 ? '' : `${i}\n`}`).join(''),
    );
  });

  it('ends the commands that run, with all they started, on Ctrl-C', async () => {
    const controller = new AbortController();
    const { path } = await client.create(`${root}/pid`);
    const own = await session(client.servers);
    const command = `sh -c 'echo $$ >&2; exec sleep 60'; true`;
    const { running, stderr } = live([path, '--exec', command], own, {}, controller.signal);
    await until('the watch', () => own.held.watches.length > 0);
    await client.setData(path, 'go');
    const pid = await until('the command', () => Number(/^\d+$/m.exec(stderr())?.[0]) || undefined);
    controller.abort(new InterruptedError());
    expect(await running).toBe(130);
    await until('its end', () => !alive(pid));
  });
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Writes until told to stop: for a command whose own session the test can't see. */
function keepWriting(): () => Promise<void> {
  let going = true;
  const writing = (async () => {
    for (let i = 0; going; i += 1) {
      await client.setData(root, `written ${i}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return async () => {
    going = false;
    await writing;
  };
}
