import { homedir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../protocol/errors.ts';
import type { Sudo } from './sudo.ts';

/** How a host is reached by ssh, as the ensemble file says it. Paths are absolute, or begin with `~/`. */
export interface SshSettings {
  /** A name, an address, or a Host of the ssh configuration. */
  host: string;
  user?: string | undefined;
  port?: number | undefined;
  /** Private keys, tried in this order and no others. */
  identity?: readonly string[] | undefined;
  /** Hosts to go through, `[user@]host[:port]`, the nearest first. */
  jump?: readonly string[] | undefined;
  sudo?: Sudo | undefined;
  /** Instead of ~/.ssh/known_hosts. */
  knownHosts?: string | undefined;
  /** `accept-new` believes a host that was never seen; one whose key has changed is refused in any case. */
  hostKeys?: 'strict' | 'accept-new' | undefined;
  /** Instead of ~/.ssh/config; `none` for no file at all. */
  config?: string | undefined;
  /** Milliseconds until a connection stands. */
  connectTimeout?: number | undefined;
  /** Milliseconds of silence after which a host counts as lost. */
  silence?: number | undefined;
}

export const CONNECT_TIMEOUT = 10_000;
const SILENCE = 15_000;
/** Questions that go unanswered before a connection is given up. */
const QUESTIONS = 3;

/**
 * A configuration for ssh: what must hold comes first, since in ssh the first value counts, and then the person's own. As
 * a file it also holds for the hosts on the way, which the options of the command line do not reach.
 */
export function sshConfig(settings: SshSettings, home: string = homedir()): string {
  const { identity = [], knownHosts, hostKeys, config } = settings;
  const seconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));
  return [
    'Host *',
    'BatchMode yes',
    `StrictHostKeyChecking ${hostKeys === 'accept-new' ? 'accept-new' : 'yes'}`,
    ...(knownHosts === undefined ? [] : [`UserKnownHostsFile ${quoted(inHome(knownHosts, home))}`]),
    ...identity.map((path) => `IdentityFile ${quoted(inHome(path, home))}`),
    // An agent full of other keys uses up the attempts that a server allows.
    ...(identity.length === 0 ? [] : ['IdentitiesOnly yes']),
    `ConnectTimeout ${seconds(settings.connectTimeout ?? CONNECT_TIMEOUT)}`,
    'ConnectionAttempts 1',
    `ServerAliveInterval ${seconds((settings.silence ?? SILENCE) / QUESTIONS)}`,
    `ServerAliveCountMax ${QUESTIONS}`,
    'TCPKeepAlive yes',
    'ControlMaster no',
    'ControlPath none',
    'ForwardAgent no',
    'ForwardX11 no',
    'PermitLocalCommand no',
    'RequestTTY no',
    'RemoteCommand none',
    'EscapeChar none',
    'LogLevel ERROR',
    ...includes(config, home).map((path) => `Include ${quoted(path)}`),
    '',
  ].join('\n');
}

function includes(config: string | undefined, home: string): string[] {
  if (config === undefined) return [join(home, '.ssh', 'config'), '/etc/ssh/ssh_config'];
  return config === 'none' ? [] : [inHome(config, home)];
}

/** Where to, as arguments of ssh. */
export function sshTarget({ host, user, port, jump = [] }: SshSettings): string[] {
  return [
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', `${port}`]),
    ...(jump.length === 0 ? [] : ['-J', jump.join(',')]),
    '--',
    host,
  ];
}

/** For messages: `zk@zk1.example.com:2222`. */
export function sshName({ host, user, port }: SshSettings): string {
  return `${user === undefined ? '' : `${user}@`}${host}${port === undefined ? '' : `:${port}`}`;
}

function inHome(path: string, home: string): string {
  return path.replace(/^~(?=\/)/, home);
}

/** A path as one word of an ssh configuration, in which % begins a token. @throws UsageError `BAD_PATH` */
function quoted(path: string): string {
  if (/["\n\r\0]/.test(path)) {
    throw new UsageError(`ssh can't be given the path ${JSON.stringify(path)}`, {
      code: 'BAD_PATH',
      hint: 'Use one without quotes and line ends.',
    });
  }
  return `"${path.replaceAll('%', '%%')}"`;
}
