import { isIP } from 'node:net';
import type { DynamicConfig } from '../../ensemble/dynamic-config.ts';
import { isWildcard, newPlaces, placesOf } from '../../ensemble/places.ts';
import type { ServerLine } from '../../ensemble/server-line.ts';
import type { HostDriver, Limits } from '../../hosts/host.ts';
import { ExitCode, ZkshError } from '../../protocol/errors.ts';
import { addressProblems } from './examine-joiner.ts';

/**
 * Looks for what speaks against other addresses for a member, all of it at once.
 *
 * @throws ZkshError `MOVE_REFUSED` with every reason, `OTHER_MACHINE`; HostError when its machine cannot be reached
 */
export async function examineMove(
  config: DynamicConfig,
  now: ServerLine,
  line: ServerLine,
  host: HostDriver,
  limits: Limits,
): Promise<void> {
  const known = new Set([...namesOf(now)]);
  for (const name of namesOf(line)) {
    if (!known.has(name) && !(await isOfMachine(host, name, limits))) throw otherMachine(line, name, host);
  }
  const problems = [
    ...(line.role === now.role
      ? []
      : [`it is ${now.role}: its part is changed by member ${now.role === 'observer' ? 'promote' : 'demote'}`]),
    ...(line.client === undefined && line.secureClient === undefined ? ['it would have no client port'] : []),
    ...addressProblems({ line, config }),
    ...ownProblems(now, line),
  ];
  if (problems.length === 0) return;
  throw new ZkshError(`member ${line.id} cannot be given these addresses: ${problems.join('; ')}`, {
    code: 'MOVE_REFUSED',
    exitCode: ExitCode.unhealthy,
    hint: 'Nothing was changed.',
  });
}

function namesOf({ addresses, client }: ServerLine): string[] {
  const own = client?.host === undefined || isWildcard(client.host) ? [] : [client.host];
  return [...new Set([...addresses.map(({ host }) => host), ...own])];
}

/** A port is given up and bound in an order of the server's own: one use must not take what another still has. */
function ownProblems(now: ServerLine, line: ServerLine): string[] {
  const ports = placesOf(line).map(({ host, port }) => `${host}:${port}`);
  const twice = ports.find((port, i) => ports.indexOf(port) !== i);
  const old = placesOf(now);
  const taken = newPlaces(now, line).find(({ host, port }) =>
    old.some((one) => one.host === host && one.port === port),
  );
  return [
    ...(twice === undefined ? [] : [`${twice} stands there twice`]),
    ...(taken === undefined ? [] : [`${taken.host}:${taken.port} is in use for something else of it`]),
  ];
}

const LOOPBACK = /^(?:127\.|::1$)/;

/** Whether a name stands for that machine, as it sees that itself; false where it does not tell. */
async function isOfMachine(host: HostDriver, name: string, limits: Limits): Promise<boolean> {
  const ask = async (...argv: string[]): Promise<string[]> => {
    const { code, stdout } = await host.run(argv, { ...limits, idempotent: true });
    return code === 0 ? stdout.toString('utf8').split(/\s+/) : [];
  };
  const addresses =
    isIP(name) === 0 ? (await ask('getent', 'ahosts', name)).filter((word) => isIP(word) !== 0) : [name];
  if (addresses.length > 0 && addresses.every((address) => LOOPBACK.test(address))) return true;
  const own = await ask('hostname', '-I');
  return addresses.some((address) => own.includes(address));
}

function otherMachine({ id }: ServerLine, name: string, host: HostDriver): ZkshError {
  return new ZkshError(`${name} is no address of the machine of member ${id}, ${host.name}`, {
    code: 'OTHER_MACHINE',
    exitCode: ExitCode.unhealthy,
    hint: `To another machine a member is not moved: put a new server in its place with member replace ${id} --with ID.`,
  });
}
