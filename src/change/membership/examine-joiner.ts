import { dirname, join } from 'node:path/posix';
import type { DynamicConfig } from '../../ensemble/dynamic-config.ts';
import type { EnsembleStatus } from '../../ensemble/ensemble-status.ts';
import { type Place, placesOf } from '../../ensemble/places.ts';
import type { ServerLine } from '../../ensemble/server-line.ts';
import type { HostClock, HostDriver, Limits } from '../../hosts/host.ts';
import { ExitCode, ZkshError } from '../../protocol/errors.ts';

/** What is looked at before a server joins. */
export interface JoinerExamination {
  line: ServerLine;
  host: HostDriver;
  dataDir: string;
  dataLogDir: string | undefined;
  config: DynamicConfig;
  status: EnsembleStatus;
  /** Machines of members that can be asked. */
  others: readonly { id: bigint; host: HostDriver; dataLogDir: string | undefined }[];
  limits: Limits;
}

/** Clocks further apart make certificates and tokens fail. Milliseconds. */
const CLOCK_BOUND = 2000;
const MAX_MYID = { maxBytes: 1024 };
const SHOWN = 5;

/**
 * Looks for what speaks against a server that shall join, all of it at once.
 *
 * @throws ZkshError `JOINER_REFUSED` with every reason; HostError when a machine cannot be reached
 */
export async function examineJoiner(examination: JoinerExamination): Promise<void> {
  const { line, host } = examination;
  const problems = [
    ...addressProblems(examination),
    ...(await serviceProblems(examination)),
    ...(await dataProblems(examination)),
    ...(await portProblems(examination)),
    ...(await clockProblems(examination)),
    ...(await spaceProblems(examination)),
  ];
  if (problems.length === 0) return;
  throw new ZkshError(`member ${line.id} cannot join from ${host.name}: ${problems.join('; ')}`, {
    code: 'JOINER_REFUSED',
    exitCode: ExitCode.unhealthy,
    hint: 'Nothing was changed. A server that was a member before is added anew, with an empty data directory.',
  });
}

/** PrepRequestProcessor answers a bare "bad arguments" to these. */
export function addressProblems({ line, config }: Pick<JoinerExamination, 'line' | 'config'>): string[] {
  const places = placesOf(line).map(text);
  return config.servers.flatMap((other) => {
    const same = placesOf(other)
      .map(text)
      .find((place) => places.includes(place));
    return same === undefined || other.id === line.id ? [] : [`${same} is member ${other.id}'s`];
  });
}

function text({ host, port }: Place): string {
  return `${host}:${port}`;
}

async function serviceProblems({ host, limits }: JoinerExamination): Promise<string[]> {
  const { state } = await host.service.status(limits);
  return state === 'running' ? ['its server runs already'] : [];
}

async function dataProblems({ line, host, dataDir, dataLogDir, limits }: JoinerExamination): Promise<string[]> {
  const directories = [...new Set([dataDir, ...(dataLogDir === undefined ? [] : [dataLogDir])])];
  const found = await Promise.all(
    directories.map(async (path) => {
      const stat = await host.stat(path, limits);
      if (stat === undefined) return [];
      if (stat.kind !== 'directory') return [`${path} is no directory`];
      const names = (await host.list(path, limits)).filter((name) => name !== 'lost+found');
      const others = names.filter((name) => name !== 'myid');
      const full = others.length === 0 ? [] : [`${path} is not empty: it has ${others.slice(0, SHOWN).join(', ')}`];
      return names.includes('myid')
        ? [...(await myidProblems(join(path, 'myid'), line.id, host, limits)), ...full]
        : full;
    }),
  );
  return found.flat();
}

async function myidProblems(path: string, id: bigint, host: HostDriver, limits: Limits): Promise<string[]> {
  const text = (await host.readFile(path, { ...MAX_MYID, ...limits })).toString('latin1').trim();
  return text === `${id}` ? [] : [`${path} says ${JSON.stringify(text)}, not ${id}`];
}

/** Before it runs its ports are closed. One that swallows connections is behind a firewall, an open one is another's. */
async function portProblems({ line, host, others, config, status, limits }: JoinerExamination): Promise<string[]> {
  const toJoiner = others.flatMap((other) =>
    line.addresses.flatMap(({ host: name, quorumPort, electionPort }) =>
      [quorumPort, electionPort].map(async (port) => {
        const { state } = await other.host.portOpen(name, port, limits);
        if (state === 'closed' || state === 'unknown') return [];
        const what =
          state === 'open'
            ? 'taken by another process'
            : state === 'silent'
              ? 'not reachable'
              : 'a name that does not resolve';
        return [`${name}:${port} is ${what} as member ${other.id} sees it`];
      }),
    ),
  );
  const serving = config.servers.filter(({ id }) =>
    status.members.some((one) => one.id === id && one.role !== 'unreachable'),
  );
  const fromJoiner = serving.flatMap(({ id, addresses }) =>
    addresses.flatMap(({ host: name, quorumPort, electionPort }) =>
      // The leader alone listens at its quorum port.
      [electionPort, ...(status.leader?.id === id ? [quorumPort] : [])].map(async (port) => {
        const { state, detail } = await host.portOpen(name, port, limits);
        return state === 'open' || state === 'unknown'
          ? []
          : [`${name}:${port} of member ${id} is ${state} from it (${detail})`];
      }),
    ),
  );
  return (await Promise.all([...toJoiner, ...fromJoiner])).flat();
}

async function clockProblems({ host, others, limits }: JoinerExamination): Promise<string[]> {
  const own = await host.clock(limits);
  const theirs = await Promise.all(others.map((other) => other.host.clock(limits)));
  const apart = theirs.map((clock) => skew(own, clock)).sort((a, b) => a - b);
  const middle = apart[Math.floor((apart.length - 1) / 2)] ?? 0;
  return middle > CLOCK_BOUND ? [`its clock is ${Math.round(middle / 1000)} s from that of the members`] : [];
}

/** At least, by what is known of both. */
function skew(a: HostClock, b: HostClock): number {
  return Math.abs(a.offset - b.offset) - a.uncertainty - b.uncertainty;
}

async function spaceProblems(examination: JoinerExamination): Promise<string[]> {
  const { host, dataDir, dataLogDir, others, limits } = examination;
  const sizes = await Promise.all(others.map(({ host: there, dataLogDir: path }) => newestSize(there, path, limits)));
  const told = examination.status.leader?.facts.dataSize?.value ?? 0;
  const wanted = 2 * Math.max(told, ...sizes);
  const found = await Promise.all(
    [...new Set([dataDir, dataLogDir ?? dataDir])].map(async (path) => {
      const { free, mount } = await host.space(await standing(host, path, limits), limits);
      return free < wanted ? [`${mount} has ${free} bytes free, and twice the data is ${wanted}`] : [];
    }),
  );
  return found.flat();
}

/** Bytes of the largest file in the newest data of a member; what cannot be seen counts as nothing. */
async function newestSize(host: HostDriver, path: string | undefined, limits: Limits): Promise<number> {
  if (path === undefined) return 0;
  const directory = join(path, 'version-2');
  if ((await host.stat(directory, limits)) === undefined) return 0;
  const names = (await host.list(directory, limits)).filter((name) => name.startsWith('snapshot.'));
  const newest = names.sort((a, b) => Number.parseInt(a.slice(9), 16) - Number.parseInt(b.slice(9), 16)).at(-1);
  if (newest === undefined) return 0;
  return (await host.stat(join(directory, newest), limits))?.size ?? 0;
}

/** The directory itself, or the nearest above it that is there. */
async function standing(host: HostDriver, path: string, limits: Limits): Promise<string> {
  if (path === '/' || (await host.stat(path, limits)) !== undefined) return path;
  return standing(host, dirname(path), limits);
}
