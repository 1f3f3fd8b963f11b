import { spawn } from 'node:child_process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import { kill, pause, resume, start, stop } from '../../src/local/ensemble.ts';
import { ZKSH } from '../support/built.ts';
import { ephemeralEnsemble, sharedEnsemble } from '../support/ensembles.ts';
import { until } from '../support/until.ts';
import { openTerminal } from './terminal.ts';

const [executable, ...before] = ZKSH;

describe('the shell when its session is in trouble', () => {
  it('comes up while all servers are down, says so, and is connected once they are there', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 1 });
    await stop(ensemble, 1);
    const { type, press, shows, promptIs, line } = await openTerminal(['-S', ensemble.connectString]);
    await promptIs(`${ensemble.connectString} (connecting) />`);
    await shows(/no server for 2(\.\d)? s, still trying \(127\.0\.0\.1:\d+: connection refused\)/);
    await type('get /zoo');
    await start(ensemble, 1);
    await promptIs(`${ensemble.connectString} (connected) /> get /zoo`);
    await press('C-u');
    await line('ls /');
    await shows('\n[zookeeper]\n');
  });

  it('says that the connection is lost and regained, and keeps the line being typed', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 1 });
    const { type, press, shows, promptIs, line } = await openTerminal(['-S', ensemble.connectString]);
    await shows('(connected)');
    await line('create -e /mine x');
    await shows('Created /mine');
    await type('get /mi');
    await kill(ensemble, 1);
    await shows('connection lost');
    await promptIs(`${ensemble.connectString} (reconnecting) /> get /mi`);
    await start(ensemble, 1);
    await shows(/reconnected to 127\.0\.0\.1:\d+ after .* m?s; session 0x[0-9a-f]+ goes on/);
    await promptIs(`${ensemble.connectString} (connected) /> get /mi`);
    await type('ne');
    await press('Enter');
    await shows('\nx\n');
  });

  it('says what an expired session lost, and opens a new one', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 1 });
    const zk = await connect(ensemble.connectString);
    const terminal = await openTerminal(['-S', ensemble.connectString, '--session-timeout', '4s']);
    const { line, shows, promptIs } = terminal;
    await shows('(connected)');
    await line('create /kept 1 ; create -e /mine x ; create -e /too y');
    await shows('Created /too');
    await line('get -w /kept');
    await shows('\n1\n');
    const pid = await terminal.pid();
    // A process that does not run sends no pings: its session expires for real.
    process.kill(pid, 'SIGSTOP');
    try {
      await until('the session expires', async () => (await zk.exists('/mine')) === undefined, 60_000);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await shows(
      /session 0x[0-9a-f]+ has expired; lost with it: 2 ephemeral znodes \(\/mine, \/too\) and 1 watch \(\/kept\); opening a new session/,
    );
    await shows(/has expired[\s\S]*connected to 127\.0\.0\.1:\d+; session 0x[0-9a-f]+/);
    await promptIs(`${ensemble.connectString} (connected) />`);
    await line('create -e /mine again');
    // The screen shows the first creation too, so it is the server that is asked for the second.
    await until('the new session creating it again', async () => {
      if ((await zk.exists('/mine')) === undefined) return false;
      return (await zk.getData('/mine')).data?.toString() === 'again';
    });
    await zk.close();
  });

  it('lets typing go on while a completion waits, and stops a waiting command with Ctrl-C', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 1 });
    const { type, press, shows, promptIs, line } = await openTerminal(['-S', ensemble.connectString]);
    await shows('(connected)');
    await pause(ensemble, 1);
    // Keys that arrive in one piece are a paste, in which Tab is a blank: so more than one try where all is slow.
    await until('a key after Tab is taken at once', async () => {
      await press('C-u');
      await type('get /zoo');
      await press('Tab');
      await type('x');
      return shows('get /zoox', 1000).catch(() => false);
    });
    await press('C-u');
    await line('pwd ; get /zookeeper');
    await shows('\n/\n');
    await press('C-c');
    await shows('interrupted');
    await promptIs(`${ensemble.connectString} (connected) />`);
    await resume(ensemble, 1);
    await line('ls /');
    await shows('\n[zookeeper]\n');
  });
});

describe('a script when its session is in trouble', () => {
  it('gives up with exit code 5 when the servers stay away, and says what it was doing', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 1 });
    const args = ['-S', ensemble.connectString, '--session-timeout', '4s', '--timeout', '2s'];
    const script = runScript(args);
    script.write('ls /\n');
    await until('the first line ran', () => script.stdout.includes('[zookeeper]'));
    await kill(ensemble, 1);
    script.write('ls /\n');
    expect(await script.exitCode).toBe(5);
    expect(script.stderr).toContain('connection lost');
    expect(script.stderr).toMatch(/no server for \d+(\.\d)? s, giving up \(127\.0\.0\.1:\d+: connection refused\)/);
    expect(script.stderr).toContain('stopped at line 2 of standard input: ls /');
  });

  it('ends with 130 when it is told to stop', async () => {
    const { connectString } = await sharedEnsemble('standalone');
    const script = runScript(['-S', connectString]);
    script.write('pwd ; watch /zookeeper\npwd\n');
    await until('the first statement ran', () => script.stdout === '/\n');
    script.signal('SIGINT');
    expect(await script.exitCode).toBe(130);
    expect(script.stdout).toBe('/\n');
  });
});

/** A zksh that reads its lines from a pipe which stays open. */
function runScript(args: readonly string[]) {
  const child = spawn(executable, [...before, ...args], { env: process.env });
  onTestFinished(() => void child.kill('SIGKILL'));
  const script = {
    stdout: '',
    stderr: '',
    write: (text: string) => child.stdin.write(text),
    signal: (name: NodeJS.Signals) => child.kill(name),
    exitCode: new Promise<number | null>((resolve) => child.on('close', resolve)),
  };
  child.stdout.on('data', (chunk) => (script.stdout += chunk));
  child.stderr.on('data', (chunk) => (script.stderr += chunk));
  return script;
}
