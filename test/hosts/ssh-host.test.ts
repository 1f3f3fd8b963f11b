import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { HostDriver } from '../../src/hosts/host.ts';
import { noService } from '../../src/hosts/service.ts';
import { sshHost } from '../../src/hosts/ssh-host.ts';
import type { SshSettings } from '../../src/hosts/ssh-settings.ts';
import { type SshHosts, sshHosts } from '../support/ssh-hosts.ts';
import { canHaveSshHosts } from '../support/sshd.ts';
import { until } from '../support/until.ts';
import { describeHost } from './host-behaviour.ts';

const nothing = () => noService('there', 'there is none', 'Add one.');

/** What is made on the way to a host is made here. */
const scratch = mkdtempSync(join(tmpdir(), 'zksh-s-'));

describe.skipIf(!canHaveSshHosts)('a host reached by ssh', () => {
  let hosts: SshHosts;
  const opened: HostDriver[] = [];
  const root = mkdtempSync(join(tmpdir(), 'zksh-ssh-test-'));
  /** Closed when the test ends. */
  const open = (settings: SshSettings): HostDriver => {
    const host = sshHost({ connectTimeout: 5000, ...settings }, nothing);
    opened.push(host);
    return host;
  };
  beforeAll(async () => {
    chmodSync(root, 0o755);
    hosts = await sshHosts();
    vi.stubEnv('TMPDIR', scratch);
  });
  afterEach(async () => {
    for (const host of opened.splice(0)) await host.close();
  });
  afterAll(async () => {
    await hosts.remove();
    vi.unstubAllEnvs();
    for (const folder of [root, scratch]) rmSync(folder, { recursive: true, force: true });
  });

  describe('near', () => {
    let host: HostDriver;
    beforeAll(() => {
      host = sshHost(hosts.near, nothing);
    });
    afterAll(() => host.close());
    describeHost({ host: () => host, directory: () => root });
  });

  describe('through a jump host, with sudo', () => {
    let host: HostDriver;
    beforeAll(() => {
      host = sshHost({ ...hosts.far, user: 'ops', sudo: true }, nothing);
    });
    afterAll(() => host.close());
    describeHost({ host: () => host, directory: () => root });
  });

  it('is another machine, in whose network the ports are tried', async () => {
    const [near, far] = [open(hosts.near), open(hosts.far)];
    const { stdout } = await far.run(['ip', '-4', '-o', 'addr', 'show', 'e0']);
    expect(stdout.toString()).toContain(hosts.far.host);
    expect(await near.portOpen('127.0.0.1', 2222)).toMatchObject({ state: 'open' });
    expect(await near.portOpen('no-such-host.invalid', 2222)).toMatchObject({ state: 'unresolved' });
    expect(await near.portOpen(hosts.far.host, 2222)).toMatchObject({ state: 'open' });
    expect(await near.portOpen(hosts.far.host, 2223)).toMatchObject({ state: 'closed' });
    // Nobody has that address, and it is a neighbour's.
    expect(await near.portOpen('192.0.2.1', 80, { timeout: 1000 })).toMatchObject({ state: 'silent' });
    const nobody = hosts.near.host.replace(/\d+$/, '3');
    expect(await near.portOpen(nobody, 80)).toMatchObject({ state: 'silent' });
  });

  it('runs commands as another user only with sudo', async () => {
    const plain = open({ ...hosts.near, user: 'ops' });
    const secret = join(root, 'secret');
    writeFileSync(secret, 'x', { mode: 0o600 });
    expect((await plain.run(['id', '-u'])).stdout.toString()).toBe('4242\n');
    await expect(plain.readFile(secret, { maxBytes: 10 })).rejects.toMatchObject({
      code: 'HOST_PERMISSION',
      exitCode: 4,
    });
    await expect(plain.removeFile(join(root, 'hidden', 'x'))).resolves.toBe(false);
    mkdirSync(join(root, 'hidden'), { mode: 0o700 });
    await expect(plain.stat(join(root, 'hidden', 'x'))).rejects.toMatchObject({ code: 'HOST_PERMISSION' });
    await expect(plain.removeFile(join(root, 'hidden', 'x'))).rejects.toMatchObject({ code: 'HOST_PERMISSION' });
    const sudo = open({ ...hosts.near, user: 'ops', sudo: true });
    expect((await sudo.readFile(secret, { maxBytes: 10 })).toString()).toBe('x');
    const games = open({ ...hosts.near, user: 'ops', sudo: 'games' });
    expect((await games.run(['id', '-un'])).stdout.toString()).toBe('games\n');
  });

  it('says that sudo refused, and that nothing was begun', async () => {
    writeFileSync(join(hosts.directory, 'sudoers'), 'root ALL=(ALL) ALL\n');
    const host = open({ ...hosts.near, user: 'ops', sudo: true });
    const error = await host.run(['true']).catch((e) => e);
    writeFileSync(join(hosts.directory, 'sudoers'), 'ops ALL=(ALL) NOPASSWD: ALL\n');
    expect(error).toMatchObject({ code: 'SUDO_REFUSED', exitCode: 4, outcome: 'none' });
    expect(error.message).toContain('password is required');
    await expect(host.run(['true'])).resolves.toMatchObject({ code: 0 });
  });

  it('refuses a login with the wrong key', async () => {
    const error = await open({ ...hosts.near, identity: [hosts.strangerKey] })
      .run(['true'])
      .catch((e) => e);
    expect(error).toMatchObject({ code: 'HOST_LOGIN_REFUSED', exitCode: 4, outcome: 'none' });
    expect(error.message).toContain('Permission denied (publickey)');
  });

  it('believes no host it does not know, unless it is told to', async () => {
    const knownHosts = join(root, 'nobody_known');
    writeFileSync(knownHosts, '');
    const error = await open({ ...hosts.near, knownHosts })
      .run(['true'])
      .catch((e) => e);
    expect(error).toMatchObject({ code: 'HOST_KEY_UNKNOWN', exitCode: 4, outcome: 'none' });
    expect(readFileSync(knownHosts, 'utf8')).toBe('');
    const trusting = open({ ...hosts.near, knownHosts, hostKeys: 'accept-new' });
    expect((await trusting.run(['true'])).code).toBe(0);
    expect(readFileSync(knownHosts, 'utf8')).toContain(hosts.near.host);
  });

  it('checks the key of a jump host, too', async () => {
    const knownHosts = join(root, 'far_only');
    const known = readFileSync(`${hosts.near.knownHosts}`, 'utf8').split('\n');
    writeFileSync(knownHosts, `${known.filter((line) => line.includes(hosts.far.host)).join('\n')}\n`);
    await expect(open({ ...hosts.far, knownHosts }).run(['true'])).rejects.toMatchObject({ code: 'HOST_KEY_UNKNOWN' });
  });

  it('tells an unreachable host from one that refuses', async () => {
    await expect(open({ ...hosts.near, port: 2 }).run(['true'])).rejects.toMatchObject({
      code: 'HOST_UNREACHABLE',
      exitCode: 5,
      outcome: 'none',
      message: expect.stringContaining('Connection refused'),
    });
    const { jump: _jump, ...direct } = hosts.far;
    await expect(open({ ...direct, connectTimeout: 1000 }).run(['true'])).rejects.toMatchObject({
      code: 'HOST_UNREACHABLE',
    });
    await expect(open({ ...hosts.near, host: 'no-such-host.invalid' }).run(['true'])).rejects.toMatchObject({
      code: 'HOST_UNREACHABLE',
      message: expect.stringContaining('resolve'),
    });
  });

  it('takes what a person has in the ssh configuration, but not what would weaken it', async () => {
    const config = join(root, 'ssh_config');
    writeFileSync(
      config,
      `Host zk-near\n  HostName ${hosts.near.host}\n  Port 2222\n  User root\n  IdentityFile ${hosts.near.identity?.[0]}\n` +
        '  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  RequestTTY force\n',
    );
    const { knownHosts } = hosts.near;
    const named = { host: 'zk-near', config, knownHosts };
    expect((await open(named).run(['true'])).code).toBe(0);
    const stranger = open({ host: 'zk-near', config, knownHosts: join(root, 'none') });
    await expect(stranger.run(['true'])).rejects.toMatchObject({ code: 'HOST_KEY_UNKNOWN' });
  });

  it('is logged in to once for many commands, and leaves nothing behind', async () => {
    const sessions = async () => (await hosts.sessions()).length;
    await until('earlier ones are closed', async () => (await sessions()) === 0);
    const before = temporary();
    const host = open(hosts.near);
    await Promise.all(Array.from({ length: 20 }, () => host.run(['true'])));
    expect(await sessions()).toBe(1);
    const [directory] = temporary().filter((name) => !before.includes(name));
    expect(statSync(join(scratch, directory!)).mode & 0o777).toBe(0o700);
    await host.close();
    expect(temporary()).toEqual(before);
    await until('the session is closed', async () => (await sessions()) === 0);
    expect((await host.run(['true'])).code).toBe(0);
  });

  it('is logged out of when zksh is killed, and nothing is left behind then either', async () => {
    const before = temporary();
    const build = join(root, 'build');
    const project = join(import.meta.dirname, '../..');
    execFileSync('npx', ['tsc', '-p', project, '--outDir', build, '--noCheck', '--declaration', 'false'], {
      cwd: project,
    });
    writeFileSync(join(build, 'package.json'), '{"type":"module"}');
    symlinkSync(join(project, 'node_modules'), join(build, 'node_modules'));
    const script = `
      const { sshHost } = await import(process.argv[1]);
      const host = sshHost(JSON.parse(process.argv[2]), () => ({}));
      await host.run(['true']);
      console.log('connected');
      process.kill(process.pid, 'SIGKILL');`;
    const module = join(build, 'src/hosts/ssh-host.js');
    const killed = spawnSync(process.execPath, [
      '--input-type=module',
      '-e',
      script,
      module,
      JSON.stringify(hosts.near),
    ]);
    expect([killed.stdout.toString(), killed.signal]).toEqual(['connected\n', 'SIGKILL']);
    await until('nothing is left', () => temporary().join() === before.join());
  });

  it('that vanishes in the middle is noticed, and what ran there is not known', async () => {
    const host = open({ ...hosts.near, silence: 3000 });
    await host.run(['true']);
    const done = join(root, 'done');
    const running = host
      .run(['sh', '-c', `echo begun > "$1"; sleep 30`, 'sh', done], { timeout: 60_000 })
      .catch((e) => e);
    await until('it runs', () => readdirSync(root).includes('done'));
    await hosts.cut();
    const error = await running;
    const next = await host.run(['true']).catch((e) => e);
    await hosts.heal();
    expect(error).toMatchObject({ code: 'HOST_LOST', exitCode: 5, outcome: 'unknown' });
    expect(error.hint).toContain('look before doing it again');
    expect(next).toMatchObject({ code: 'HOST_UNREACHABLE', outcome: 'none' });
    expect((await host.run(['true'])).code).toBe(0);
  });

  it('that vanishes while a file is read has only to be asked again', async () => {
    const host = open({ ...hosts.near, silence: 3000 });
    await host.run(['true']);
    await hosts.cut();
    const error = await host.readFile('/etc/hostname', { maxBytes: 1000, timeout: 60_000 }).catch((e) => e);
    await hosts.heal();
    expect(error).toMatchObject({ code: 'HOST_LOST', outcome: 'none' });
  });

  it('that vanishes while a file is written keeps the old one', async () => {
    const host = open({ ...hosts.near, silence: 3000 });
    const path = join(root, 'written');
    await host.writeFile(path, 'old', { mode: 0o600 });
    const writing = host.writeFile(path, Buffer.alloc(64 * 1024 * 1024, 'new'), { mode: 0o600, timeout: 60_000 });
    const failed = writing.catch((e) => e);
    await until('a part has arrived', () => readdirSync(root).some((name) => name.endsWith('.tmp')));
    await hosts.endSessions();
    expect(await failed).toMatchObject({ code: 'HOST_LOST', outcome: 'unknown' });
    await until('the part is gone', () => !readdirSync(root).some((name) => name.endsWith('.tmp')));
    expect(readFileSync(path, 'utf8')).toBe('old');
  });

  it('is refused once it shows another key', async () => {
    await hosts.changeHostKey();
    const error = await open({ ...hosts.near, hostKeys: 'accept-new' })
      .run(['true'])
      .catch((e) => e);
    expect(error).toMatchObject({ code: 'HOST_KEY_CHANGED', exitCode: 4, outcome: 'none' });
    expect(error.message).toContain(`${hosts.near.knownHosts}`);
  });
});

function temporary(): string[] {
  return readdirSync(scratch).filter((name) => name.startsWith('zksh-ssh-'));
}
