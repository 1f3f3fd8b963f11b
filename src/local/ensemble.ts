import { access, mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ExitCode, UsageError, ZkshError } from '../protocol/errors.ts';
import { describe, type LocalEnsemble } from './description.ts';
import { withLock } from './file-lock.ts';
import { findZooKeeper, type Installation } from './installation.ts';
import { launchMember, writeMemberFiles, writeSharedFiles } from './member-files.ts';
import { isStandalone, planMembers } from './plan.ts';
import { signalProcess } from './process-identity.ts';
import { type EnsembleRecord, readRecord, requireRecord, writeRecord } from './record.ts';
import { waitForAgreement } from './serving.ts';
import {
  defaultStateDir,
  type EnsembleRef,
  ensembleDirectory,
  type LocalSpec,
  lockFile,
  validateSpec,
} from './spec.ts';
import { PortLost, startFailure } from './start-failure.ts';
import { ensembleNames, removeAll } from './teardown.ts';
import { minorOf } from './zoo-cfg.ts';

export { add } from './add-member.ts';
export { kill, logs, pause, restart, resume, start, stop } from './control.ts';
export type { LocalEnsemble, LocalMember } from './description.ts';
export type { EnsembleRef, LocalSpec } from './spec.ts';
export { down } from './teardown.ts';

/** Told, line by line, what is being done. */
export type Progress = (line: string) => void;

/** What an ensemble that stands must share with a spec to be what it asks for. */
const DISTINGUISHING = ['servers', 'observers', 'version', 'tls', 'sasl', 'bare'] as const;
const DEFAULTS = { servers: 3, observers: 0, tls: false, sasl: false, bare: false };
/** As long as another process may take to start the same ensemble. */
const LOCK_TIMEOUT = 120_000;
const AGREEMENT_TIMEOUT = 90_000;
/** A port can still be lost to a program that is not zksh between probing and binding it. */
const PORT_ATTEMPTS = 3;

/**
 * Starts a new throw-away ensemble and returns when all its servers serve and agree on a leader. On failure nothing is
 * left running and the error ends with the last log lines. Throws `ENSEMBLE_EXISTS`, `NO_ZOOKEEPER`, `NO_JAVA`,
 * `START_FAILED`, `INTERRUPTED`.
 */
export async function up(
  spec: LocalSpec,
  progress: Progress = () => undefined,
  signal?: AbortSignal,
): Promise<LocalEnsemble> {
  validateSpec(spec);
  const placed = place(spec);
  if ((await readRecord(placed)) !== undefined) throw exists(placed, '');
  const { version, zookeeperHome = process.env.ZOOKEEPER_HOME, cacheDir } = spec;
  const home = zookeeperHome === '' ? undefined : zookeeperHome;
  const zookeeper = await findZooKeeper({ version, zookeeperHome: home, cacheDir, progress, signal });
  refuseUnsupported(placed, zookeeper.version);
  return withLock(lockFile(placed), LOCK_TIMEOUT, async () => {
    await refuseExisting(placed);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await describe(await build(placed, zookeeper, progress, signal));
      } catch (error) {
        if (!(error instanceof PortLost) || attempt === PORT_ATTEMPTS) throw error;
        progress('a port was taken meanwhile, trying others');
      }
    }
  });
}

/**
 * Like `up`, but an ensemble of that name that stands is taken: its members that do not run are started. Throws
 * `ENSEMBLE_EXISTS` when it is another than the spec asks for.
 */
export async function upOrFind(
  spec: LocalSpec,
  progress: Progress = () => undefined,
  signal?: AbortSignal,
): Promise<{ ensemble: LocalEnsemble; created: boolean }> {
  const placed = place(spec);
  if ((await readRecord(placed)) === undefined) {
    try {
      return { ensemble: await up(spec, progress, signal), created: true };
    } catch (error) {
      // Another process was quicker.
      if (!(error instanceof ZkshError) || error.code !== 'ENSEMBLE_EXISTS') throw error;
    }
  }
  const { spec: standing, zookeeper } = await requireRecord(placed);
  const stands: LocalSpec = { ...standing, version: zookeeper.version };
  const other = DISTINGUISHING.find((key) => spec[key] !== undefined && spec[key] !== stands[key]);
  if (other !== undefined) throw exists(placed, `, and differs in "${other}"`);
  return { ensemble: await revive(placed, progress, signal), created: false };
}

/** Starts every member that does not run and thaws every paused one; returns when all agree on a leader. */
async function revive(ref: EnsembleRef, progress: Progress, signal: AbortSignal | undefined): Promise<LocalEnsemble> {
  return withLock(lockFile(ref), LOCK_TIMEOUT, async () => {
    const record = await requireRecord(ref);
    for (const member of record.members) {
      if (member.process !== undefined && (await signalProcess(member.process, 'SIGCONT'))) continue;
      progress(`starting member ${member.id} again`);
      await launchMember(record, member);
      await writeRecord(record);
    }
    try {
      await waitForAgreement(record.members, { deadline: Date.now() + AGREEMENT_TIMEOUT, signal });
    } catch (error) {
      throw await startFailure(error, record, record.members, `"zksh local down ${record.name}" removes it.`);
    }
    return describe(record);
  });
}

/** Finds an ensemble that an earlier call or process started; throws `NO_ENSEMBLE`. */
export async function open(ref: EnsembleRef): Promise<LocalEnsemble> {
  return describe(await requireRecord(ref));
}

/** Every ensemble of a state directory (the XDG one by default), by name; half-removed ones are left out. */
export async function list(stateDir: string = defaultStateDir()): Promise<LocalEnsemble[]> {
  const names = await ensembleNames(stateDir);
  const records = await Promise.all(names.map((name) => readRecord({ name, stateDir }).catch(() => undefined)));
  return Promise.all(records.filter((record) => record !== undefined).map(describe));
}

async function refuseExisting(ref: EnsembleRef): Promise<void> {
  const record = await readRecord(ref);
  if (record !== undefined) throw exists(ref, '');
  // What a killed `up` or `down` left.
  if (
    await access(ensembleDirectory(ref)).then(
      () => true,
      () => false,
    )
  )
    await removeAll(ref);
}

function refuseUnsupported(spec: LocalSpec, version: string): void {
  if (spec.tls === true && minorOf(version) < 5) {
    throw new UsageError(`ZooKeeper ${version} has no TLS`, { hint: 'Choose 3.5.5 or later, or leave TLS out.' });
  }
}

function exists(ref: EnsembleRef, how: string): ZkshError {
  return new ZkshError(`the local ensemble ${ref.name} exists already${how}`, {
    code: 'ENSEMBLE_EXISTS',
    exitCode: ExitCode.conflict,
    hint: `"zksh local status ${ref.name}" shows it, "zksh local down ${ref.name}" removes it.`,
  });
}

function place(spec: LocalSpec): LocalSpec & { stateDir: string } {
  const asked = Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined));
  return { ...DEFAULTS, name: spec.name, ...asked, stateDir: resolve(spec.stateDir ?? defaultStateDir()) };
}

async function build(
  spec: LocalSpec,
  zookeeper: Installation,
  progress: Progress,
  signal: AbortSignal | undefined,
): Promise<EnsembleRecord> {
  const directory = ensembleDirectory(spec);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const record: EnsembleRecord = {
    format: 1,
    name: spec.name,
    createdAt: new Date().toISOString(),
    spec,
    zookeeper,
    members: [],
  };
  try {
    record.members = await planMembers(spec, zookeeper.version, directory);
    await writeRecord(record);
    await writeSharedFiles(record);
    const known = isStandalone(record) ? [] : record.members;
    await Promise.all(record.members.map((member) => writeMemberFiles(record, member, known)));
    progress(`starting ${record.members.length} server(s) of ZooKeeper ${zookeeper.version} (${zookeeper.source})`);
    for (const member of record.members) {
      await launchMember(record, member);
      await writeRecord(record);
    }
    await waitForAgreement(record.members, { deadline: Date.now() + (spec.timeout ?? AGREEMENT_TIMEOUT), signal });
    return record;
  } catch (error) {
    const failure = await startFailure(error, record, record.members, 'Nothing was left running.');
    await removeAll(spec);
    throw failure;
  }
}
