import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import ContextAdd from '../../../commands/context/add.ts';
import ContextList from '../../../commands/context/list.ts';
import LocalAdd from '../../../commands/local/add.ts';
import LocalDown from '../../../commands/local/down.ts';
import LocalKill from '../../../commands/local/kill.ts';
import LocalList from '../../../commands/local/list.ts';
import LocalLogs from '../../../commands/local/logs.ts';
import LocalPause from '../../../commands/local/pause.ts';
import LocalResume from '../../../commands/local/resume.ts';
import LocalStart from '../../../commands/local/start.ts';
import LocalStatus from '../../../commands/local/status.ts';
import LocalStop from '../../../commands/local/stop.ts';
import LocalUp from '../../../commands/local/up.ts';
import Whoami from '../../../commands/whoami.ts';
import { down } from '../../../src/local/ensemble.ts';
import { runCommand } from '../../support/run-command.ts';

let home = '';
let env: Record<string, string> = {};

beforeAll(async () => {
  home = await mkdtemp(join(inject('ensemblesDir'), 'commands-'));
  env = { XDG_STATE_HOME: join(home, 'state'), XDG_CONFIG_HOME: join(home, 'config') };
});

afterAll(async () => {
  for (const name of ['dev', 'lab', 'secure']) await down({ name, stateDir: join(home, 'state/zksh/local') });
  await rm(home, { recursive: true, force: true });
});

describe('zksh local', () => {
  it('has nothing to show at first', async () => {
    expect(await runCommand(LocalList, [], { env })).toMatchObject({ code: 0, stdout: '' });
    const { code, stderr } = await runCommand(LocalStatus, [], { env });
    expect(code).toBe(3);
    expect(stderr).toContain('zksh local up');
  });

  it('up starts an ensemble and makes its context the current one, and finds it the second time', async () => {
    const first = await runCommand(LocalUp, ['--servers', '1', '--observers', '1'], { env });
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toMatch(
      /^started dev: 2 servers of ZooKeeper 3\.\d+\.\d+ at 127\.0\.0\.1:\d+,127\.0\.0\.1:\d+/,
    );
    expect(first.stderr).toContain('starting 2 server(s)');
    expect((await runCommand(ContextList, [], { env })).stdout).toMatch(/^\*\tdev\t127\.0\.0\.1:/);
    expect((await runCommand(LocalUp, ['dev'], { env })).stdout).toContain('found dev');
    expect(await runCommand(LocalUp, ['dev', '--servers', '5'], { env })).toMatchObject({ code: 6 });
  });

  it('status tells what every member is, and fails when they do not agree', async () => {
    const { code, stdout } = await runCommand(LocalStatus, ['-o', 'json'], { env });
    expect(code).toBe(0);
    const { members, healthy, superAuth } = JSON.parse(stdout);
    expect(healthy).toBe(true);
    expect(members.map(({ mode }: { mode: string }) => mode)).toEqual(['leader', 'observer']);
    const secret = await readFile(superAuth.secretFile, 'utf8');
    expect(stdout).not.toContain(secret);
    expect((await runCommand(LocalKill, ['2'], { env })).stdout).toMatch(/2\tobserver\tdead/);
    expect(await runCommand(LocalStatus, [], { env })).toMatchObject({ code: 8 });
    expect((await runCommand(LocalStart, ['2'], { env })).stdout).toMatch(/2\tobserver\trunning/);
  });

  it('pause, resume, stop and logs work on one member', async () => {
    expect((await runCommand(LocalPause, ['2'], { env })).stdout).toContain('\tpaused\t');
    expect((await runCommand(LocalResume, ['2'], { env })).stdout).not.toContain('\tpaused\t');
    expect((await runCommand(LocalStop, ['2', '--name', 'dev'], { env })).stdout).toContain('\tstopped\t');
    const { stdout, stderr } = await runCommand(LocalLogs, ['1', '--lines', '3'], { env });
    expect(stdout.trimEnd().split('\n')).toHaveLength(3);
    expect(stderr).toMatch(/member-1\/server\.log\n$/);
    expect((await runCommand(LocalStart, ['2'], { env })).code).toBe(0);
    expect(await runCommand(LocalStop, ['7'], { env })).toMatchObject({ code: 3 });
  });

  it('add takes a server in, and the context learns of it', async () => {
    expect((await runCommand(LocalAdd, ['--observer'], { env })).stdout).toMatch(/3\tobserver\trunning/);
    const listed = await runCommand(ContextList, ['-o', 'json'], { env });
    expect(JSON.parse(listed.stdout)[0].servers.split(',')).toHaveLength(3);
  });

  it('up --tls --sasl makes a context that logs in by certificate and secret', async () => {
    const up = await runCommand(LocalUp, ['secure', '--servers', '1', '--tls', '--sasl'], { env });
    expect(up).toMatchObject({ code: 0 });
    const { code, stdout } = await runCommand(Whoami, [], { env });
    expect(code).toBe(0);
    expect(stdout).toContain('x509: CN=secure client,O=zksh');
    expect(stdout).toContain('sasl: zksh');
  });

  it('leaves a context alone that is not its own', async () => {
    await runCommand(ContextAdd, ['lab', '-S', 'zk.example.org:2181'], { env });
    expect(await runCommand(LocalUp, ['lab', '--servers', '1'], { env })).toMatchObject({ code: 6 });
    expect((await runCommand(LocalList, [], { env })).stdout).not.toContain('lab');
  });

  it('asks which ensemble is meant when that is open', async () => {
    const other = { ...env, XDG_CONFIG_HOME: join(home, 'other') };
    await expect(runCommand(LocalStatus, [], { env: other })).resolves.toMatchObject({ code: 0 });
    expect((await runCommand(LocalStatus, ['secure'], { env: other })).stdout).toContain('standalone');
    expect((await runCommand(LocalStatus, ['-C', 'secure'], { env: other })).stdout).toContain('standalone');
  });

  it('down removes the ensemble and its context', async () => {
    for (const name of ['secure', 'dev']) {
      expect(await runCommand(LocalDown, [name], { env })).toMatchObject({ code: 0, stdout: `removed ${name}\n` });
    }
    expect((await runCommand(LocalList, [], { env })).stdout).toBe('');
    expect((await runCommand(ContextList, [], { env })).stdout).not.toMatch(/dev|secure/);
    expect(await runCommand(LocalDown, ['dev'], { env })).toMatchObject({ code: 3 });
  });
});
