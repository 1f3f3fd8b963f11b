import { join } from 'node:path/posix';
import { readableServers } from '../config/member.ts';
import type { HostClock, HostDriver, Limits, ServiceStatus } from '../hosts/host.ts';
import { ZkshError } from '../protocol/errors.ts';
import type { Inventory, InventoryMember } from './inventory.ts';
import { type MemberFiles, memberFiles } from './member-files.ts';

/** What was found on a member's machine. */
export interface MemberCheck {
  /** A command ran there. */
  reachable: boolean;
  service: ServiceStatus | undefined;
  dataDir: string | undefined;
  dataLogDir: string | undefined;
  /** Bytes where the transaction log is written. */
  free: number | undefined;
  freeMemory: number | undefined;
  clock: HostClock | undefined;
  /** What a person should know before anything is changed. */
  problems: readonly string[];
}

/** Clocks further apart than this make logs hard to read, and certificates and tokens fail. Milliseconds. */
const CLOCK_BOUND = 2000;
/** An id has 19 digits at most. */
const MAX_MYID = { maxBytes: 1024 };

/** Looks at every machine at once, in the order of the members. @throws the reason of an aborted signal */
export async function checkInventory({ members }: Inventory, limits: Limits): Promise<MemberCheck[]> {
  const checks = await Promise.all(members.map((member) => checkMember(member, limits)));
  const middle = median(checks.flatMap(({ clock }) => clock?.offset ?? []));
  return checks.map((check) => withClock(check, middle));
}

async function checkMember(member: InventoryMember, limits: Limits): Promise<MemberCheck> {
  const host = member.openHost();
  const problems: string[] = [];
  const attempt = async <T>(work: Promise<T>): Promise<T | undefined> => {
    try {
      return await work;
    } catch (error) {
      limits.signal?.throwIfAborted();
      if (!(error instanceof ZkshError)) throw error;
      problems.push(error.message);
      return undefined;
    }
  };
  try {
    // What fails here fails everywhere: one message is enough.
    const clock = await attempt(host.clock(limits));
    if (clock === undefined) return { ...NOTHING, problems };
    const [service, files, freeMemory] = await Promise.all([
      attempt(host.service.status(limits)),
      attempt(memberFiles(host, member.files, limits)),
      attempt(host.freeMemory(limits)),
    ]);
    if (service !== undefined && service.state !== 'running')
      problems.push(`the server is ${service.state}: ${service.detail}`);
    const { dataDir, dataLogDir } = files ?? {};
    const space = dataLogDir === undefined ? undefined : await attempt(host.space(dataLogDir, limits));
    if (files !== undefined) problems.push(...(await dataProblems(host, member, files, limits)));
    return { reachable: true, service, dataDir, dataLogDir, free: space?.free, freeMemory, clock, problems };
  } finally {
    await host.close();
  }
}

const NOTHING: Omit<MemberCheck, 'problems'> = {
  reachable: false,
  service: undefined,
  dataDir: undefined,
  dataLogDir: undefined,
  free: undefined,
  freeMemory: undefined,
  clock: undefined,
};

/** A machine that holds another member's data is the worst mistake an inventory can have. */
async function dataProblems(
  host: HostDriver,
  { id }: InventoryMember,
  { path, dataDir, dynamic, config }: MemberFiles,
  limits: Limits,
): Promise<string[]> {
  if (dataDir === undefined) return [`${path} has no dataDir`];
  // A standalone server needs no myid.
  if (dynamic === undefined && readableServers(config).length === 0) return [];
  const myid = join(dataDir, 'myid');
  try {
    const text = (await host.readFile(myid, { ...MAX_MYID, ...limits })).toString('latin1').trim();
    return text === `${id}` ? [] : [`${myid} says ${JSON.stringify(text)}, and the inventory ${id}`];
  } catch (error) {
    limits.signal?.throwIfAborted();
    if (error instanceof ZkshError) return [error.message];
    throw error;
  }
}

function withClock(check: MemberCheck, middle: number): MemberCheck {
  const { clock } = check;
  if (clock === undefined) return check;
  const apart = clock.offset - middle;
  if (Math.abs(apart) <= CLOCK_BOUND + clock.uncertainty) return check;
  const problem = `its clock is ${Math.abs(Math.round(apart / 1000))} s ${apart > 0 ? 'ahead of' : 'behind'} the others`;
  return { ...check, problems: [...check.problems, problem] };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
