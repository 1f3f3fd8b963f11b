import { connect } from 'node:net';
import { freemem } from 'node:os';
import { ExitCode } from '../protocol/errors.ts';
import { runChild } from './child.ts';
import { framedShell, type Transport } from './framed-shell.ts';
import type { HostDriver, PortAnswer, Service } from './host.ts';
import { endOf, HostError, shown } from './host-error.ts';
import { localFiles } from './local-files.ts';
import { posixHost, type ServiceHost } from './posix-host.ts';
import { type Sudo, sudoPrefix } from './sudo.ts';

const DEFAULT_PORT_TIMEOUT = 5000;

/** This machine. With sudo everything goes through a shell of the other user; else files are Node's. */
export function localHost(how: {
  name?: string;
  sudo?: Sudo | undefined;
  service(host: ServiceHost): Service;
}): HostDriver {
  const { name = 'this machine', sudo } = how;
  const shell = framedShell({
    name,
    transport: runChild as Transport,
    prefix: sudoPrefix(sudo),
    lost: () => undefined,
  });
  const host = posixHost({ name, kind: 'local', shell, service: how.service });
  const portOpen: HostDriver['portOpen'] = (to, port, limits = {}) =>
    tryPort(to, port, limits.timeout ?? DEFAULT_PORT_TIMEOUT, limits.signal);
  if (sudo !== undefined && sudo !== false) return { ...host, portOpen };
  return {
    ...host,
    ...localFiles(name, (argv, limits) => host.run(argv, limits)),
    run: (argv, options = {}) => runHere(name, argv, options),
    clock: async () => ({ time: Date.now(), offset: 0, uncertainty: 0 }),
    freeMemory: async (limits) => (await host.freeMemory(limits)) ?? freemem(),
    portOpen,
  };
}

const DEFAULT_TIMEOUT = 30_000;
const DEFAULT_OUTPUT = 1024 * 1024;

async function runHere(name: string, ...[argv, options = {}]: Parameters<HostDriver['run']>) {
  const { timeout = DEFAULT_TIMEOUT, maxOutput = DEFAULT_OUTPUT, idempotent = false, secrets, stdin, signal } = options;
  const ended = await runChild(argv, { timeout, maxOutput, stdin, signal });
  const { why, code, stdout, stderr } = ended;
  if (why === 'exited' || why === 'missing') {
    return { code: code ?? SIGNALLED, stdout, stderr: stderr.toString('utf8') };
  }
  const shownLine = shown(argv, secrets);
  const message =
    why === 'timeout' ? `did not end within ${timeout} ms and was ended` : `gave more than ${maxOutput} bytes`;
  throw new HostError(name, `\`${shownLine}\` ${message}`, {
    code: why === 'timeout' ? 'HOST_TIMEOUT' : 'FILE_TOO_LARGE',
    exitCode: why === 'timeout' ? ExitCode.timeout : ExitCode.failure,
    outcome: idempotent ? 'none' : 'unknown',
    hint: 'Whether it was done is not known: look before doing it again.',
  });
}

/** As a shell tells of a program that a signal ended. */
const SIGNALLED = 128;

function tryPort(host: string, port: number, timeout: number, signal: AbortSignal | undefined): Promise<PortAnswer> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const answer = (state: PortAnswer['state'], detail: string): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.destroy();
      resolve({ state, detail });
    };
    const onAbort = (): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(signal?.reason);
    };
    const timer = setTimeout(() => answer('silent', 'no answer'), timeout);
    signal?.addEventListener('abort', onAbort, { once: true });
    socket.once('connect', () => answer('open', 'connected'));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const unresolved = error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN';
      answer(unresolved ? 'unresolved' : error.code === 'ETIMEDOUT' ? 'silent' : 'closed', endOf(error.message));
    });
  });
}
