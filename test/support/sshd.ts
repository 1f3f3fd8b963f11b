import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { canHaveNamespaces } from './namespaces.ts';
import { until } from './until.ts';

const exec = promisify(execFile);
const SSHD = '/usr/sbin/sshd';

/** Where every sshd of tests listens. */
export const PORT = 2222;

/** Whether this machine can have hosts with an sshd: root, iproute2, OpenSSH and sudo. */
export const canHaveSshHosts =
  canHaveNamespaces && [SSHD, '/usr/bin/ssh', '/usr/bin/sudo', '/usr/bin/unshare'].every(existsSync);

/** Users and sudoers that are there for these hosts only. */
export async function etc(directory: string): Promise<void> {
  const [passwd, shadow, sudoers] = ['passwd', 'shadow', 'sudoers'].map((name) => join(directory, name));
  // What the person who runs the tests has in her home would be read at every login, and may wait for something.
  const users = (await readFile('/etc/passwd', 'utf8')).replace(/^root:.*$/m, `root:x:0:0:root:${directory}:/bin/sh`);
  await writeFile(passwd!, users);
  await appendFile(passwd!, 'ops:x:4242:4242::/tmp:/bin/sh\n');
  const locked = await readFile('/etc/shadow', 'utf8');
  await writeFile(shadow!, `${locked.replace(/^root:.*$/m, 'root:*:19000:0:99999:7:::')}ops:*:19000:0:99999:7:::\n`, {
    mode: 0o600,
  });
  await writeFile(sudoers!, 'ops ALL=(ALL) NOPASSWD: ALL\n', { mode: 0o440 });
  // The directory of the keys and files must be seen by ops.
  await chmod(directory, 0o755);
}

export async function sshd(
  directory: string,
  place: { name: string; address: string },
  known: string,
): Promise<ChildProcess> {
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

export function hostKey(directory: string, name: string): string {
  return join(directory, `${name}.key`);
}

export async function keygen(path: string): Promise<void> {
  await rm(path, { force: true });
  await exec('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', path]);
}
