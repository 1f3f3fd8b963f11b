import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, chmod, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SshSettings } from '../../src/hosts/ssh-settings.ts';
import { until } from './until.ts';

const exec = promisify(execFile);
const SSHD = '/usr/sbin/sshd';
let counter = 0;

/** Whether this machine can have them: root, iproute2, OpenSSH and sudo. */
export const canHaveSshHosts =
  process.getuid?.() === 0 && [SSHD, '/usr/bin/ssh', '/usr/bin/sudo', '/usr/bin/unshare'].every(existsSync);

/**
 * Two hosts with a real sshd, each in a network namespace: `near` is reached from this machine, `far` from near alone.
 * Both see the files of this machine, and have a user `ops` besides root, who may use sudo; passwd, shadow and sudoers
 * are their own.
 */
export interface SshHosts {
  directory: string;
  near: SshSettings;
  far: SshSettings;
  /** A second key, that no host knows. */
  strangerKey: string;
  /** What is sent to near is lost from now on, without a word. */
  cut(): Promise<void>;
  heal(): Promise<void>;
  /** Near gets another host key, as when it is set up anew. */
  changeHostKey(): Promise<void>;
  /** Pids of the processes of sshd, one a connection, that serve root on near. */
  sessions(): Promise<number[]>;
  /** Ends them, as a host that goes down would. */
  endSessions(): Promise<void>;
  remove(): Promise<void>;
}

interface Place {
  name: string;
  address: string;
  sshd: ChildProcess;
}

export async function sshHosts(): Promise<SshHosts> {
  const directory = await mkdtemp(join(tmpdir(), 'zksh-sshd-'));
  const { near: nearNet, far: farNet, link } = await network();
  const known = join(directory, 'known_hosts');
  const key = join(directory, 'id');
  const strangerKey = join(directory, 'stranger');
  for (const path of [key, strangerKey]) await keygen(path);
  await etc(directory);
  const places: Record<'near' | 'far', Place> = {
    near: { ...nearNet, sshd: await sshd(directory, nearNet, known) },
    far: { ...farNet, sshd: await sshd(directory, farNet, known) },
  };
  const ours = (address: string): SshSettings => ({
    host: address,
    user: 'root',
    port: PORT,
    identity: [key],
    knownHosts: known,
    // The person who runs the tests may have a configuration of her own.
    config: 'none',
  });
  const sessions = async (): Promise<number[]> => {
    const pids = await pidsIn(places.near.name);
    const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')));
    return pids.filter((_, i) => lines[i]?.startsWith('sshd: root'));
  };
  return {
    directory,
    strangerKey,
    near: ours(nearNet.address),
    far: { ...ours(farNet.address), jump: [`root@${nearNet.address}:${PORT}`] },
    cut: () => ip('neigh', 'replace', nearNet.address, 'lladdr', '02:00:00:00:00:99', 'nud', 'permanent', 'dev', link),
    heal: () => ip('neigh', 'del', nearNet.address, 'dev', link),
    async changeHostKey() {
      endAll(await pidsIn(places.near.name));
      await rm(hostKey(directory, nearNet.name));
      places.near.sshd = await sshd(directory, nearNet, join(directory, 'known_hosts_of_nobody'));
    },
    sessions,
    endSessions: async () => endAll(await sessions()),
    async remove() {
      for (const { name } of Object.values(places)) {
        endAll(await pidsIn(name));
        await ip('netns', 'del', name);
      }
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const PORT = 2222;

async function network() {
  counter += 1;
  const base = `zs${process.pid.toString(36)}${counter}`;
  // Two files of tests run at once: the process and the count make addresses of their own.
  const net = `10.${150 + (process.pid % 50)}.${(counter * 31 + (process.pid >> 6)) % 250}`;
  const near = { name: `${base}a`, address: `${net}.2` };
  const far = { name: `${base}b`, address: `${net}.6` };
  const link = `${base}h`;
  for (const { name } of [near, far]) {
    await ip('netns', 'add', name);
    await ip('-n', name, 'link', 'set', 'lo', 'up');
  }
  await ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'e0', 'netns', near.name);
  await ip('-n', near.name, 'link', 'add', 'e1', 'type', 'veth', 'peer', 'name', 'e0', 'netns', far.name);
  await ip('addr', 'add', `${net}.1/30`, 'dev', link);
  await ip('link', 'set', link, 'up');
  const addresses = [
    [near.name, 'e0', `${net}.2`],
    [near.name, 'e1', `${net}.5`],
    [far.name, 'e0', `${net}.6`],
  ] as const;
  for (const [name, device, address] of addresses) {
    await ip('-n', name, 'addr', 'add', `${address}/30`, 'dev', device);
    await ip('-n', name, 'link', 'set', device, 'up');
  }
  return { near, far, link };
}

/** Users and sudoers that are there for these hosts only. */
async function etc(directory: string): Promise<void> {
  const [passwd, shadow, sudoers] = ['passwd', 'shadow', 'sudoers'].map((name) => join(directory, name));
  await cp('/etc/passwd', passwd!);
  await appendFile(passwd!, 'ops:x:4242:4242::/tmp:/bin/sh\n');
  const locked = await readFile('/etc/shadow', 'utf8');
  await writeFile(shadow!, `${locked.replace(/^root:.*$/m, 'root:*:19000:0:99999:7:::')}ops:*:19000:0:99999:7:::\n`, {
    mode: 0o600,
  });
  await writeFile(sudoers!, 'ops ALL=(ALL) NOPASSWD: ALL\n', { mode: 0o440 });
  // The directory of the keys and files must be seen by ops.
  await chmod(directory, 0o755);
}

async function sshd(directory: string, place: { name: string; address: string }, known: string): Promise<ChildProcess> {
  const key = hostKey(directory, place.name);
  await keygen(key);
  const publicKey = (await readFile(`${key}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
  await appendFile(known, `[${place.address}]:${PORT} ${publicKey}\n`);
  const config = join(directory, `${place.name}.conf`);
  await writeFile(
    config,
    [
      `Port ${PORT}`,
      `HostKey ${key}`,
      `AuthorizedKeysFile ${join(directory, 'id.pub')}`,
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin prohibit-password',
      'PidFile none',
      '',
    ].join('\n'),
  );
  await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const mounts = ['passwd', 'shadow', 'sudoers'].map((name) => `mount --bind ${join(directory, name)} /etc/${name}`);
  const script = [...mounts, `exec ${SSHD} -D -e -f ${config}`].join(' && ');
  const child = spawn('ip', ['netns', 'exec', place.name, 'unshare', '-m', 'sh', '-c', script], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  await until(`sshd listens (${place.name})`, () => {
    if (child.exitCode !== null) throw new Error(`sshd ended: ${said}`);
    return said.includes('Server listening');
  });
  return child;
}

function hostKey(directory: string, name: string): string {
  return join(directory, `${name}.key`);
}

async function keygen(path: string): Promise<void> {
  await rm(path, { force: true });
  await exec('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', path]);
}

async function pidsIn(name: string): Promise<number[]> {
  const { stdout } = await exec('ip', ['netns', 'pids', name]);
  return stdout.split('\n').filter(Boolean).map(Number);
}

function endAll(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }
}

async function ip(...args: string[]): Promise<void> {
  await exec('ip', args);
}
