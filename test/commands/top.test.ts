import { describe, expect, it, onTestFinished } from 'vitest';
import Top from '../../commands/top.ts';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { kill, pause, resume } from '../../src/local/control.ts';
import { openTerminal } from '../shell/terminal.ts';
import { sharedEnsemble, sharedRelease, type TestEnsemble, useEnsemble } from '../support/ensembles.ts';
import { runCommand } from '../support/run-command.ts';

const QUICK = ['--interval', '500ms'];

function admins({ members }: TestEnsemble): string[] {
  return members.flatMap(({ id, adminPort }) => ['--admin', `${id}=${adminPort}`]);
}

/** Reads and writes without end, until the test is over. */
async function load(servers: string): Promise<Client> {
  const client = await connect(servers);
  const { path } = await client.create('/top-', 'x', { mode: 'ephemeral_sequential' });
  let going = true;
  const working = (async () => {
    while (going) {
      await client.setData(path, 'y').catch(() => {});
      await client.getData(path).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  onTestFinished(async () => {
    going = false;
    await working;
    await client.close();
  });
  return client;
}

interface Picture {
  serving: boolean;
  members: { id: string; role: string; rates?: Record<string, number> }[];
  connections: { client: string; sessionId: string; member: string; receivedRate?: number }[];
  silent: { member: string; reason: string }[];
}

describe('top where nobody sits at a terminal', () => {
  it('is one picture of two looks, in full', async () => {
    const { connectString } = await sharedEnsemble('three');
    await load(connectString);
    const { code, stdout } = await runCommand(Top, ['-S', connectString, '--admin', 'off', ...QUICK]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^3 of 3 voters serve, 1 more may fail; leader \d/m);
    expect(stdout).toMatch(/^TIME +ID +HOST +ROLE +LAG +RECEIVED_RATE .*REASON$/m);
    expect(stdout).toMatch(/^\d{4}-\S+Z +1 +127\.0\.0\.1:\d+ +\w+ +\d+ +\d/m);
    expect(stdout).toMatch(/^CLIENT +CONNS ON +IN\/S +OUT\/S QUEUE AVG MS +MAX LAST$/m);
    expect(stdout).toMatch(/^127\.0\.0\.1 +\d+ [123]/m);
  });

  it('tells, as data, the rates of members and connections under load', async () => {
    const ensemble = await sharedEnsemble('three');
    const client = await load(ensemble.connectString);
    const argv = ['-S', ensemble.connectString, ...admins(ensemble), ...QUICK, '-o', 'json'];
    const picture = JSON.parse((await runCommand(Top, argv)).stdout) as Picture;
    const ours = picture.connections.find(({ sessionId }) => BigInt(sessionId) === client.sessionId);
    expect(ours).toMatchObject({
      client: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      receivedRate: expect.any(Number),
    });
    const served = picture.members.find(({ id }) => id === ours?.member);
    expect(served?.rates?.received).toBeGreaterThan(0);
    expect(served?.rates?.updates).toBeGreaterThan(0);
    expect(served?.rates?.updateLatency).toBeGreaterThan(0);
    for (const { rates } of picture.members) expect(rates?.transactions).toBeGreaterThan(0);
    expect(picture.silent).toEqual([]);
  });

  it('has, as JSON, the fields that its help names', async () => {
    const ensemble = await sharedEnsemble('three');
    await load(ensemble.connectString);
    const argv = ['-S', ensemble.connectString, ...admins(ensemble), ...QUICK, '-o', 'json'];
    const shown = JSON.parse((await runCommand(Top, argv)).stdout) as Picture;
    const help = Top.description.replaceAll(/\s+/g, ' ');
    const listed = (pattern: RegExp) => pattern.exec(help)?.[1]?.split(', ').sort() ?? [];
    const rates = new Set(shown.members.flatMap((one) => Object.keys(one.rates ?? {})));
    expect(Object.keys(shown).sort()).toEqual(
      [
        ...listed(/JSON: \{([^:]*), quorum: /),
        'configVersion',
        'members',
        'connections',
        'silent',
        'took',
        'quorum',
      ].sort(),
    );
    expect(Object.keys(shown.members[0] ?? {}).sort()).toEqual(listed(/a member is \{([^}]*)\}/));
    const named = [...listed(/rates is \{([^}]*)\}/), ...listed(/per second, and \{([^}]*)\}/)];
    // Only servers from 3.9 on tell the bytes they sent.
    expect(named).toEqual(expect.arrayContaining([...rates]));
    expect(Object.keys(shown.connections[0] ?? {}).sort()).toEqual(listed(/a connection is \{([^}]*)\}/));
  });

  it('is as many pictures as asked for', async () => {
    const { connectString } = await sharedEnsemble('standalone');
    const argv = ['-S', connectString, '--admin', 'off', ...QUICK, '--count', '3'];
    const { stdout } = await runCommand(Top, [...argv, '-o', 'ndjson']);
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(3);
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({ members: [{ rates: { received: expect.any(Number) } }] });
    const csv = (await runCommand(Top, [...argv, '-o', 'csv'])).stdout.trim().split('\n');
    expect(csv[0]).toMatch(/^time,id,host,role,lag,received_rate/);
    expect(csv).toHaveLength(4);
  });

  it('knows packets and transactions of 3.4, and its connections', async () => {
    const { connectString } = await sharedRelease('3.4.14');
    const client = await load(connectString);
    const picture = JSON.parse(
      (await runCommand(Top, ['-S', connectString, ...QUICK, '-o', 'json'])).stdout,
    ) as Picture;
    expect(picture.members[0]?.rates).toMatchObject({ received: expect.any(Number), transactions: expect.any(Number) });
    expect(picture.members[0]?.rates?.reads).toBeUndefined();
    expect(picture.connections.map(({ sessionId }) => BigInt(sessionId))).toContain(client.sessionId);
  });

  it('ends with 8 when nothing serves', async () => {
    const { code, stdout } = await runCommand(Top, ['-S', '127.0.0.1:1', '--admin', 'off', ...QUICK, '--once'], {
      tty: true,
    });
    expect(code).toBe(8);
    expect(stdout).toContain('nothing serves');
    expect(stdout).toContain('unreachable, never seen: connection refused');
    expect(stdout).not.toContain('\x1b');
  });

  it('refuses both --once and --count, and a sort that is none', async () => {
    const refused = { code: 2, stdout: '' };
    expect(await runCommand(Top, ['-S', 'h:1', '--once', '--count', '2'])).toMatchObject(refused);
    expect(await runCommand(Top, ['-S', 'h:1', '--sort', 'beauty'])).toMatchObject(refused);
  });
});

describe('top on a terminal', () => {
  const servers = useEnsemble({ servers: 3 });

  async function openTop(...argv: string[]) {
    const { connectString } = servers();
    const args = ['top', '-S', connectString, '--admin', 'off', ...QUICK, ...argv];
    const terminal = await openTerminal(args, { NO_COLOR: '' });
    await terminal.shows(/ID +HOST +ROLE/);
    return terminal;
  }

  /** Alternate screen, wrapping. */
  const screenOf = (terminal: { about(format: string): Promise<string> }) =>
    terminal.about('#{alternate_on} #{wrap_flag}');

  it('shows members and connections, heeds keys, and gives the terminal back', async () => {
    await load(servers().connectString);
    const terminal = await openTop();
    await terminal.shows(/127\.0\.0\.1 +\d+ [123]/);
    expect(await screenOf(terminal)).toBe('1 0');
    await terminal.press('a');
    await terminal.shows(/127\.0\.0\.1:\d+ +[123] +0x[0-9a-f]+/);
    await terminal.type('/nobody');
    await terminal.shows('clients with: nobody');
    await terminal.press('Enter');
    await terminal.shows(/Connections {2}0 of \d+ from 0 clients, clients with "nobody"/);
    await terminal.press('1');
    await terminal.shows(/^(?![\s\S]*Connections)/);
    await terminal.press('h');
    await terminal.shows('zksh top: keys');
    await terminal.press('q');
    expect(await terminal.exitCode()).toBe(0);
    expect(await screenOf(terminal)).toBe('0 1');
    expect((await terminal.screen()).join('\n')).not.toContain('zksh top');
  });

  it('fits a terminal that changes its size', async () => {
    const terminal = await openTop();
    await terminal.shows(/TREND IN\/S/);
    await terminal.resize(60, 12);
    await terminal.shows(/^(?![\s\S]*TREND)[\s\S]*QUEUE +MS/);
    expect((await terminal.screen()).length).toBeLessThanOrEqual(12);
    await terminal.resize(120, 40);
    await terminal.shows(/AVG TREND IN\/S/);
  });

  it('is interrupted by Ctrl-C, with 130', async () => {
    const terminal = await openTop();
    await terminal.press('C-c');
    expect(await terminal.exitCode()).toBe(130);
    expect(await screenOf(terminal)).toBe('0 1');
  });

  it('gives the terminal back when it is told to end', async () => {
    const terminal = await openTop();
    process.kill(await terminal.pid(), 'SIGTERM');
    expect(await terminal.exitCode()).toBe(130);
    expect(await screenOf(terminal)).toBe('0 1');
  });

  it('ends after as many pictures as asked for, and leaves the last one', async () => {
    const terminal = await openTerminal([
      'top',
      '-S',
      servers().connectString,
      '--admin',
      'off',
      ...QUICK,
      '--count',
      '2',
    ]);
    expect(await terminal.exitCode()).toBe(0);
    await terminal.shows(/3 of 3 voters serve[\s\S]*Connections/);
    expect(await screenOf(terminal)).toBe('0 1');
  });

  it('works in the shell, and gives the terminal back to it', async () => {
    const { connectString } = servers();
    const terminal = await openTerminal(['-S', connectString]);
    await terminal.shows('(connected) /> ');
    await terminal.line('top --admin off --interval 500ms');
    await terminal.shows(/ID +HOST +ROLE/);
    await terminal.press('q');
    await terminal.promptIs(`${connectString.split(',')[0]},… (connected) />`);
    expect(await terminal.about('#{alternate_on} #{wrap_flag} #{cursor_flag}')).toBe('0 1 1');
    await terminal.line('ls /');
    await terminal.shows('[zookeeper]');
    await terminal.line('top --admin off --interval 500ms');
    await terminal.shows(/ID +HOST +ROLE/);
    await terminal.press('C-c');
    await terminal.shows('error: interrupted');
    await terminal.line('pwd');
    await terminal.shows('\n/\n');
  });

  it('goes on while a member hangs, and turns a killed one red', async () => {
    const ensemble = servers();
    const leads = async () => {
      const { stdout } = await runCommand(Top, [
        '-S',
        ensemble.connectString,
        '--admin',
        'off',
        ...QUICK,
        '-o',
        'json',
      ]);
      return (JSON.parse(stdout) as { leader: string }).leader;
    };
    const leader = Number(await leads());
    const [first, second] = [1, 2, 3].filter((id) => id !== leader) as [number, number];
    const terminal = await openTop();
    await pause(ensemble, first);
    await terminal.shows(
      new RegExp(`${first} 127.0.0.1:\\d+ +unreachable, seen \\d+m?s ago: did not answer within 1000 ms`),
    );
    await terminal.press('h');
    await terminal.shows('zksh top: keys');
    await terminal.press('h');
    await resume(ensemble, first);
    await terminal.shows('3 of 3 voters serve');
    await kill(ensemble, second);
    await terminal.shows(new RegExp(`${second} 127.0.0.1:\\d+ +unreachable, seen \\d+m?s ago: connection refused`));
    expect(await terminal.painted()).toMatch(/\x1b\[31munreachable, seen/);
    await terminal.shows('2 of 3 voters serve, none more may fail');
    await terminal.press('q');
    expect(await terminal.exitCode()).toBe(0);
  });
});
