import { readFile, rm } from 'node:fs/promises';
import type { Client } from '../client/client.ts';
import { connect } from '../client/connect.ts';
import { parseDynamicConfig } from '../ensemble/dynamic-config.ts';
import { formatServerLine } from '../ensemble/server-line.ts';
import { ExitCode, UsageError, ZkshError } from '../protocol/errors.ts';
import { describe, type LocalEnsemble } from './description.ts';
import { withLock } from './file-lock.ts';
import { launchMember, writeMemberFiles } from './member-files.ts';
import { isStandalone, planMember } from './plan.ts';
import { releasePorts } from './ports.ts';
import { killAndWait } from './process-end.ts';
import {
  type EnsembleRecord,
  type MemberRecord,
  memberDirectory,
  portsOf,
  requireRecord,
  writeRecord,
} from './record.ts';
import { type Patience, waitForMember } from './serving.ts';
import { type EnsembleRef, ensembleDirectory, lockFile } from './spec.ts';
import { startFailure } from './start-failure.ts';
import { minorOf, serverLine } from './zoo-cfg.ts';

const LOCK_TIMEOUT = 60_000;
const JOIN_TIMEOUT = 60_000;

/** How a member shall join. */
export interface AddOptions {
  /** `participant` by default. */
  role?: MemberRecord['role'] | undefined;
  /** What it binds and is known by; 127.0.0.1 by default. */
  host?: string | undefined;
  /** Told, line by line, what is being done. */
  progress?: ((line: string) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Starts a new server and takes it into the ensemble: it first follows as a non-voter, with the committed configuration
 * plus itself, and a reconfiguration then makes it a member. Returns when all agree; on failure the server is gone.
 */
export function add(ref: EnsembleRef, options: AddOptions = {}): Promise<LocalEnsemble> {
  return withLock(lockFile(ref), LOCK_TIMEOUT, async () => {
    const record = await requireRecord(ref);
    refuseFixedMembership(record);
    const client = await connectAsSuper(record, options.signal);
    try {
      await join(record, client, options);
    } finally {
      await client.close().catch(() => undefined);
    }
    return describe(record);
  });
}

async function join(record: EnsembleRecord, client: Client, options: AddOptions): Promise<void> {
  const { role = 'participant', progress = () => undefined } = options;
  const patience = { deadline: Date.now() + JOIN_TIMEOUT, signal: options.signal };
  const member = await startJoiner(record, role, options, patience);
  progress(`taking member ${member.id} into the ensemble as ${role}`);
  try {
    await reconfigure(record, client, member, options.signal);
  } catch (error) {
    // A reconfiguration that may have happened must not lose its server.
    if (!(error instanceof Error && 'outcome' in error && error.outcome === 'unknown')) await dismiss(record, member);
    throw error;
  }
  await waitForMember(member, role === 'participant' ? 'voting' : 'observing', patience);
}

async function startJoiner(
  record: EnsembleRecord,
  role: MemberRecord['role'],
  options: AddOptions,
  patience: Patience,
): Promise<MemberRecord> {
  const directory = ensembleDirectory(record.spec);
  const id = Math.max(...record.members.map((member) => member.id)) + 1;
  const host = options.host ?? '127.0.0.1';
  const member = await planMember({ host, id, role }, record.spec, record.zookeeper.version, directory);
  options.progress?.(`starting member ${id}`);
  try {
    // It knows itself as an observer first: as a participant it could form a quorum with other joiners.
    const asObserver: MemberRecord = { ...member, role: 'observer' };
    await writeMemberFiles(record, asObserver, [...record.members, asObserver]);
    record.members.push(member);
    await launchMember(record, member);
    await writeRecord(record);
    await waitForMember(member, 'serving', patience);
    return member;
  } catch (error) {
    const failure = await startFailure(error, record, [member], 'The new server was removed again.');
    await dismiss(record, member);
    throw failure;
  }
}

/** The change is made against the version just read, so that it never builds on a membership nobody looked at. */
async function reconfigure(
  record: EnsembleRecord,
  client: Client,
  member: MemberRecord,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { data } = await client.getConfig({ signal });
  const fromVersion = parseDynamicConfig(data?.toString('utf8') ?? '').version;
  if (fromVersion === undefined) {
    throw new ZkshError(`the local ensemble ${record.name} has no versioned configuration`, {
      code: 'NO_CONFIG_VERSION',
      exitCode: ExitCode.failure,
    });
  }
  await client.reconfig({ joining: formatServerLine(serverLine(member)), fromVersion, signal });
}

async function dismiss(record: EnsembleRecord, member: MemberRecord): Promise<void> {
  const directory = ensembleDirectory(record.spec);
  if (member.process !== undefined) await killAndWait(member.process);
  await rm(memberDirectory(directory, member.id), { recursive: true, force: true });
  await releasePorts(portsOf(member), directory);
  record.members = record.members.filter(({ id }) => id !== member.id);
  await writeRecord(record);
}

function refuseFixedMembership(record: EnsembleRecord): void {
  const { name, spec, zookeeper } = record;
  const why = isStandalone(record)
    ? 'it is a standalone server'
    : minorOf(zookeeper.version) < 5
      ? `ZooKeeper ${zookeeper.version} has no reconfiguration`
      : spec.bare === true
        ? 'it runs with production defaults, under which reconfiguration is off'
        : undefined;
  if (why === undefined) return;
  throw new UsageError(`no member can be added to the local ensemble ${name}: ${why}`, {
    code: 'FIXED_MEMBERSHIP',
    hint: 'Make another with more --servers or --observers.',
  });
}

async function connectAsSuper(record: EnsembleRecord, signal: AbortSignal | undefined): Promise<Client> {
  const { connectString, superAuth } = await describe(record);
  const secret = (await readFile(superAuth.secretFile, 'utf8')).trim();
  return connect(connectString, { auth: [{ scheme: 'digest', auth: `${superAuth.user}:${secret}` }], signal });
}
