import { describe, expect, it } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import { kill, pause, resume, start, stop } from '../../src/local/ensemble.ts';
import { ephemeralEnsemble } from '../support/ensembles.ts';
import { until } from '../support/until.ts';
import { openTerminal } from './terminal.ts';

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
    await shows(/reconnected to 127\.0\.0\.1:\d+ after .* s; session 0x[0-9a-f]+ goes on/);
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
    await shows('Created /mine\n');
    expect((await zk.getData('/mine')).data?.toString()).toBe('again');
    await zk.close();
  });

  it('lets typing go on while a completion waits, and stops a waiting command with Ctrl-C', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 1 });
    const { type, press, shows, promptIs, line, screen } = await openTerminal(['-S', ensemble.connectString]);
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
    await press('Enter');
    await until('the command runs', async () => !(await screen()).at(-1)?.includes('> '), 2000).catch(() => {});
    await press('C-c');
    await shows('interrupted');
    await promptIs(`${ensemble.connectString} (connected) />`);
    await resume(ensemble, 1);
    await line('ls /');
    await shows('\n[zookeeper]\n');
  });
});
