import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { writeAtomically } from './atomic-file.ts';
import type { Installation } from './installation.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { type EnsembleRef, ensembleDirectory, type LocalSpec } from './spec.ts';

/** Who a member is and where it listens: what never changes while it exists. */
export interface MemberPlace {
  id: number;
  host: string;
  clientPort: number;
  secureClientPort?: number | undefined;
  adminPort?: number | undefined;
  quorumPort: number;
  electionPort: number;
  role: 'participant' | 'observer';
}

/** A member as it is kept on disk. `process` stays after a crash and goes with a stop: that tells `dead` from `stopped`. */
export interface MemberRecord extends MemberPlace {
  process?: ProcessIdentity | undefined;
}

/** All that a later process must know of an ensemble; `ensemble.json` in its directory. */
export interface EnsembleRecord {
  format: 1;
  name: string;
  /** ISO 8601. */
  createdAt: string;
  spec: LocalSpec;
  zookeeper: Installation;
  members: MemberRecord[];
}

/** Every port a member holds. */
export function portsOf(member: MemberRecord): number[] {
  const { clientPort, secureClientPort, adminPort, quorumPort, electionPort } = member;
  return [clientPort, secureClientPort, adminPort, quorumPort, electionPort].filter((port) => port !== undefined);
}

/** A member's own directory: its zoo.cfg, data and log. */
export function memberDirectory(ensembleDir: string, id: number): string {
  return join(ensembleDir, `member-${id}`);
}

export function logFile(ensembleDir: string, id: number): string {
  return join(memberDirectory(ensembleDir, id), 'server.log');
}

export async function writeRecord(record: EnsembleRecord): Promise<void> {
  const directory = ensembleDirectory(asRef(record));
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeAtomically(join(directory, 'ensemble.json'), `${JSON.stringify(record, undefined, 2)}\n`);
}

/** The record of an ensemble, undefined when there is none; throws `BAD_STATE` for a file that can't be read. */
export async function readRecord(ref: EnsembleRef): Promise<EnsembleRecord | undefined> {
  const path = join(ensembleDirectory(ref), 'ensemble.json');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const record = parse(text);
  if (record === undefined) {
    throw new ZkshError(`the state of the local ensemble ${ref.name} can't be read: ${path}`, {
      code: 'BAD_STATE',
      exitCode: ExitCode.failure,
      hint: `Remove it with "zksh local down ${ref.name}".`,
    });
  }
  // A state directory may have been moved or reached by another path: what the caller named counts.
  return { ...record, name: ref.name, spec: { ...record.spec, name: ref.name, stateDir: ref.stateDir } };
}

/** Like `readRecord`, but an ensemble that is not there is an error: `NO_ENSEMBLE`. */
export async function requireRecord(ref: EnsembleRef): Promise<EnsembleRecord> {
  const record = await readRecord(ref);
  if (record !== undefined) return record;
  throw new ZkshError(`there is no local ensemble ${ref.name}`, {
    code: 'NO_ENSEMBLE',
    exitCode: ExitCode.notFound,
    hint: `"zksh local list" shows those there are; "zksh local up ${ref.name}" makes one.`,
  });
}

/** The member with that id; throws `NO_MEMBER`. */
export function requireMember(record: EnsembleRecord, id: number): MemberRecord {
  const member = record.members.find((one) => one.id === id);
  if (member !== undefined) return member;
  throw new ZkshError(`the local ensemble ${record.name} has no member ${id}`, {
    code: 'NO_MEMBER',
    exitCode: ExitCode.notFound,
    hint: `Members: ${record.members.map((one) => one.id).join(', ')}.`,
  });
}

export function asRef(record: EnsembleRecord): EnsembleRef {
  return { name: record.name, stateDir: record.spec.stateDir };
}

function parse(text: string): EnsembleRecord | undefined {
  try {
    const value = JSON.parse(text) as EnsembleRecord;
    return value.format === 1 && Array.isArray(value.members) ? value : undefined;
  } catch {
    return undefined;
  }
}
