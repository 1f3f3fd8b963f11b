import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from './atomic-file.ts';
import { writeLogConfig } from './log-config.ts';
import { asRef, type EnsembleRecord, logFile, type MemberRecord, memberDirectory } from './record.ts';
import { configFile, type Launch, launchServer } from './server-process.ts';
import { ensembleDirectory } from './spec.ts';
import { memberConfig } from './zoo-cfg.ts';

/** What all members of an ensemble share besides their record. */
export interface Shared {
  superDigest: string;
}

/** Lays out a new member's directory: zoo.cfg, its dynamic part, myid. `members` are the servers it shall know. */
export async function writeMemberFiles(
  record: EnsembleRecord,
  member: MemberRecord,
  members: readonly MemberRecord[],
  shared: Shared,
): Promise<void> {
  const directory = memberDirectory(ensembleDirectory(asRef(record)), member.id);
  await mkdir(join(directory, 'data'), { recursive: true, mode: 0o700 });
  const { version } = record.zookeeper;
  const config = memberConfig({ spec: record.spec, version, member, members, directory, ...shared });
  if (members.length > 0) await writeFile(join(directory, 'data', 'myid'), `${member.id}\n`);
  if (config.dynamic !== undefined) await writeAtomically(join(directory, 'zoo.cfg.dynamic'), config.dynamic);
  await writeAtomically(configFile(directory), config.zooCfg);
}

/** Starts a member's server; the record's `process` is set, saving it is the caller's. */
export async function launchMember(record: EnsembleRecord, member: MemberRecord): Promise<void> {
  const ensembleDir = ensembleDirectory(asRef(record));
  const logConfig = await writeLogConfig(ensembleDir);
  const launch: Launch = {
    classPath: [logConfig, ...record.zookeeper.classPath],
    jvmFlags: jvmFlags(record),
    directory: memberDirectory(ensembleDir, member.id),
    log: logFile(ensembleDir, member.id),
  };
  member.process = await launchServer(launch);
}

function jvmFlags({ spec }: EnsembleRecord): string[] {
  const properties = Object.entries(spec.systemProperties ?? {}).map(([name, value]) => `-D${name}=${value}`);
  return [...properties, ...(spec.jvmFlags ?? [])];
}
