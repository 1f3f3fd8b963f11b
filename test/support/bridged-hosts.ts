import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SshSettings } from '../../src/hosts/ssh-settings.ts';
import { freshNetwork, ip, loseNothing, loseWhatIsSent, removeNamespace } from './namespaces.ts';
import { ownDirectory } from './own-directory.ts';
import { etc, keygen, PORT, sshd } from './sshd.ts';

/** A machine of its own: a network namespace with a real sshd. The files are those of this machine. */
export interface BridgedHost {
  name: string;
  address: string;
}

/** Machines on one bridge, which this machine is on, too. */
export interface BridgedHosts {
  directory: string;
  hosts: readonly BridgedHost[];
  /** How each is reached, but for its address. */
  ssh: Omit<SshSettings, 'host'>;
  /** Runs a program on one of them, as somebody who sits there. */
  run(host: BridgedHost, argv: readonly [string, ...string[]]): Promise<void>;
  /** From now on what the one sends to the other is lost without a word; the way back stays. */
  cut(from: BridgedHost, to: BridgedHost): Promise<void>;
  heal(from: BridgedHost, to: BridgedHost): Promise<void>;
  /** A firewall swallows connections to that port of a host. */
  block(host: BridgedHost, port: number): Promise<void>;
  unblock(host: BridgedHost, port: number): Promise<void>;
  /** Ends all that runs there, and takes the machines away. */
  remove(): Promise<void>;
}

const DEVICE = 'e0';

export async function bridgedHosts(count: number): Promise<BridgedHosts> {
  const { base, net } = freshNetwork(100);
  const bridge = `${base}br`;
  const directory = await ownDirectory('bridged');
  const hosts: BridgedHost[] = [];
  const remove = async (): Promise<void> => {
    for (const { name } of hosts) await removeNamespace(name);
    // A namespace lives on while a connection in it has not timed out, and its cable with it.
    for (const i of hosts.keys()) await ip('link', 'del', `${base}v${i + 1}`).catch(() => undefined);
    await ip('link', 'del', bridge).catch(() => undefined);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await ip('link', 'add', bridge, 'type', 'bridge');
    await ip('addr', 'add', `${net}.254/24`, 'dev', bridge);
    await ip('link', 'set', bridge, 'up');
    const key = join(directory, 'id');
    const known = join(directory, 'known_hosts');
    await keygen(key);
    await etc(directory);
    for (let i = 1; i <= count; i += 1) {
      const host = { name: `${base}n${i}`, address: `${net}.${i}` };
      await ip('netns', 'add', host.name);
      hosts.push(host);
      await ip('-n', host.name, 'link', 'set', 'lo', 'up');
      await ip('link', 'add', `${base}v${i}`, 'type', 'veth', 'peer', 'name', DEVICE, 'netns', host.name);
      await ip('link', 'set', `${base}v${i}`, 'master', bridge, 'up');
      await ip('-n', host.name, 'addr', 'add', `${host.address}/24`, 'dev', DEVICE);
      await ip('-n', host.name, 'link', 'set', DEVICE, 'up');
    }
    await Promise.all(hosts.map((host) => sshd(directory, host, known)));
    // The answer of a server that accepts is what is thrown away: with routing rules there is need of no firewall.
    const rule = (what: 'add' | 'del', { name }: BridgedHost, port: number): Promise<void> =>
      ip('-n', name, 'rule', what, 'ipproto', 'tcp', 'sport', `${port}`, 'blackhole');
    return {
      directory,
      hosts,
      ssh: { user: 'root', port: PORT, identity: [key], knownHosts: known, config: 'none' },
      async run({ name }, argv) {
        await promisify(execFile)('ip', ['netns', 'exec', name, ...argv]);
      },
      cut: (from, to) => loseWhatIsSent(from.name, DEVICE, to.address),
      heal: (from, to) => loseNothing(from.name, DEVICE, to.address),
      block: (host, port) => rule('add', host, port),
      unblock: (host, port) => rule('del', host, port),
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
