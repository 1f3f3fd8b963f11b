import type { ServiceSetting } from '../hosts/service.ts';
import { type Draft, parseService, REACHES, type Reach } from '../inventory/draft.ts';
import type { Prompts } from './prompts.ts';

/** What the flags of `member inventory --init` said. */
export interface InitFlags {
  reach?: string | undefined;
  'ssh-user'?: string | undefined;
  'ssh-jump'?: string | undefined;
  sudo?: boolean | undefined;
  container?: string | undefined;
  pod?: string | undefined;
  namespace?: string | undefined;
  run?: string | undefined;
  service?: string | undefined;
  'zoo-cfg'?: string | undefined;
}

type Answers = Pick<Draft, 'reach' | 'service' | 'config'>;

/** Asks for what nobody but the operator knows; refuses with the first missing flag's name off a terminal. */
export async function askForInventory(prompts: Prompts, flags: InitFlags): Promise<Answers> {
  const reach = await askForReach(prompts, flags);
  const controlled = reach.kind !== 'docker' && reach.kind !== 'kubernetes';
  const service = controlled ? await askForService(prompts, flags) : undefined;
  const config =
    flags['zoo-cfg'] ??
    (await prompts.input('Path of zoo.cfg on the machines ({id} is the id of the member):', '--zoo-cfg', {
      fallback:
        reach.kind === 'docker' || reach.kind === 'kubernetes' ? '/conf/zoo.cfg' : '/etc/zookeeper/conf/zoo.cfg',
      validate: isAbsolute,
    }));
  return { reach, service, config };
}

async function askForReach(prompts: Prompts, flags: InitFlags): Promise<Reach> {
  // Who names the way by a flag has said what shall be said; the rest has its usual value.
  const asks = flags.reach === undefined;
  const choices = Object.entries(REACHES).map(([value, name]) => ({ value, name }));
  const kind = flags.reach ?? (await prompts.select('How are the machines reached?', '--reach', choices));
  const sudo = async (): Promise<boolean> =>
    flags.sudo === true || (asks && (await prompts.confirm('Do the commands there need sudo?', '--sudo')));
  if (kind === 'docker') {
    const container = flags.container ?? (await named(prompts, 'Name of the containers', '--container', 'zk{id}'));
    return { kind, container };
  }
  if (kind === 'kubernetes') {
    const pod = flags.pod ?? (await named(prompts, 'Name of the pods', '--pod', 'zookeeper-{ordinal}'));
    const namespace = flags.namespace ?? (asks ? await optional(prompts, 'Namespace', '--namespace') : undefined);
    return { kind, pod, namespace };
  }
  if (kind === 'commands') {
    const message = 'Command line that runs {command} on {host}:';
    return { kind, run: flags.run ?? (await prompts.input(message, '--run', { validate: isSome })) };
  }
  if (kind === 'local') return { kind, sudo: await sudo() };
  const user = flags['ssh-user'] ?? (asks ? await optional(prompts, 'User there', '--ssh-user') : undefined);
  const jump = flags['ssh-jump'] ?? (asks ? await optional(prompts, 'Jump host', '--ssh-jump') : undefined);
  return { kind: 'ssh', user, jump, sudo: await sudo() };
}

async function askForService(prompts: Prompts, { service }: InitFlags): Promise<ServiceSetting> {
  if (service !== undefined) return parseService(service);
  const kind = await prompts.select('What starts and stops the servers?', '--service', [
    { value: 'systemd', name: 'systemd: a unit' },
    { value: 'zkServer', name: 'zkServer.sh of the release' },
    { value: 'commands', name: 'commands of your own' },
  ]);
  const ask = (message: string, fallback?: string) =>
    prompts.input(message, '--service', { fallback, validate: isSome });
  if (kind === 'systemd') return parseService(`systemd:${await ask('Name of the unit:', 'zookeeper')}`);
  if (kind === 'zkServer') {
    return parseService(`zkServer:${await ask('Path of zkServer.sh there:', '/usr/share/zookeeper/bin/zkServer.sh')}`);
  }
  return {
    start: await ask('Command that starts the server:'),
    stop: await ask('Command that stops it, and returns when it has ended:'),
    status: await ask('Command whose exit code is 0 when it runs, 3 when it is stopped:'),
  };
}

function named(prompts: Prompts, what: string, flag: string, fallback: string): Promise<string> {
  const message = `${what} ({id} is the id of the member, {ordinal} one less):`;
  return prompts.input(message, flag, { fallback, validate: isSome });
}

async function optional(prompts: Prompts, what: string, flag: string): Promise<string | undefined> {
  const answer = await prompts.input(`${what} (empty: none):`, flag);
  return answer === '' ? undefined : answer;
}

function isSome(text: string): true | string {
  return text.trim() !== '' || 'something is needed';
}

function isAbsolute(text: string): true | string {
  return text.startsWith('/') || 'an absolute path';
}
