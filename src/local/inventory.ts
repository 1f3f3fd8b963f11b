import { join } from 'node:path';
import type { HostDriver, Limits, Service, ServiceStatus } from '../hosts/host.ts';
import { HostError } from '../hosts/host-error.ts';
import { localHost } from '../hosts/local-host.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { isLocalNote } from './client-settings.ts';
import { restart, start, stop } from './control.ts';
import type { LocalMember } from './description.ts';
import { open } from './ensemble.ts';
import { recordMove } from './move-member.ts';
import { asRef, type MemberRecord, memberDirectory, readRecord } from './record.ts';
import { configFile } from './server-process.ts';
import { defaultStateDir, type EnsembleRef, ensembleDirectory } from './spec.ts';
import { serverLine } from './zoo-cfg.ts';

/** The inventory of a local ensemble, from its record; undefined when the context was made for none. */
export async function localInventory(
  { name, note }: { name: string | undefined; note: string | undefined },
  env: Readonly<Record<string, string | undefined>>,
): Promise<Inventory | undefined> {
  if (name === undefined || !isLocalNote(note, name)) return undefined;
  return inventoryOfLocal({ name, stateDir: defaultStateDir(env) });
}

/** Undefined when there is no such ensemble. */
export async function inventoryOfLocal(ref: EnsembleRef): Promise<Inventory | undefined> {
  const record = await readRecord(ref);
  if (record === undefined) return undefined;
  const directory = ensembleDirectory(asRef(record));
  return {
    name: record.name,
    source: { kind: 'local', path: join(directory, 'ensemble.json') },
    context: record.name,
    keepMove: (line) => recordMove(asRef(record), line),
    members: record.members.map((member) => {
      const own = memberDirectory(directory, member.id);
      return {
        id: BigInt(member.id),
        line: serverLine(member),
        files: { config: configFile(own), log: join(own, 'server.log') },
        openHost: () => hostOfMember(asRef(record), member),
      };
    }),
  };
}

function hostOfMember(ref: EnsembleRef, { id }: MemberRecord): HostDriver {
  const name = `member ${id} of ${ref.name}`;
  return localHost({ name, service: () => memberService(name, ref, id) });
}

/** Its start returns when the server serves, or answers while there is no quorum. */
function memberService(host: string, ref: EnsembleRef, id: number): Service {
  const deed =
    (work: (limits: Limits) => Promise<unknown>) =>
    async (limits: Limits = {}) => {
      limits.signal?.throwIfAborted();
      try {
        await work(limits);
      } catch (error) {
        limits.signal?.throwIfAborted();
        throw asHostError(host, error);
      }
    };
  return {
    what: `member ${id} of the local ensemble ${ref.name}`,
    start: deed((limits) => start(ref, id, limits)),
    stop: deed(() => stop(ref, id)),
    restart: deed((limits) => restart(ref, id, limits)),
    async status() {
      const member = (await open(ref)).members.find((one) => one.id === id);
      return member === undefined ? { state: 'unknown', detail: 'it is no member any more' } : statusOf(member);
    },
  };
}

const STATES = { running: 'running', stopped: 'stopped', dead: 'failed', paused: 'unknown' } as const;

function statusOf({ state, pid }: LocalMember): ServiceStatus {
  return { state: STATES[state], ...(pid === undefined ? {} : { pid }), detail: state };
}

function asHostError(host: string, error: unknown): unknown {
  if (!(error instanceof ZkshError)) return error;
  const { code, exitCode, hint, message } = error;
  const outcome = exitCode === ExitCode.timeout ? 'unknown' : 'failed';
  return new HostError(host, message, { code, exitCode, hint, outcome, cause: error });
}
