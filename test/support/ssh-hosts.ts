import type { ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SshSettings } from '../../src/hosts/ssh-settings.ts';
import { endAll, freshNetwork, ip, loseNothing, loseWhatIsSent, pidsIn, removeNamespace } from './namespaces.ts';
import { etc, hostKey, keygen, PORT, sshd } from './sshd.ts';

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
    cut: () => loseWhatIsSent(undefined, link, nearNet.address),
    heal: () => loseNothing(undefined, link, nearNet.address),
    async changeHostKey() {
      endAll(await pidsIn(places.near.name));
      await rm(hostKey(directory, nearNet.name));
      places.near.sshd = await sshd(directory, nearNet, join(directory, 'known_hosts_of_nobody'));
    },
    sessions,
    endSessions: async () => endAll(await sessions()),
    async remove() {
      for (const { name } of Object.values(places)) await removeNamespace(name);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function network() {
  const { base, net } = freshNetwork(150);
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
