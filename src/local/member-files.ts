import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from './atomic-file.ts';
import { logConfigDirectory, writeLogConfig } from './log-config.ts';
import { asRef, type EnsembleRecord, logFile, type MemberRecord, memberDirectory } from './record.ts';
import { jaasFile, usesJaas, writeJaas } from './sasl.ts';
import { configFile, type Launch, launchServer } from './server-process.ts';
import { ensembleDirectory } from './spec.ts';
import { makeSuperUser, superDigest } from './super-user.ts';
import { makeAuthority, makeServerCertificate, serverPem, tlsFiles } from './tls-material.ts';
import { memberConfig } from './zoo-cfg.ts';

/** Makes what all members of a new ensemble share: the super user, certificates, JAAS. */
export async function writeSharedFiles(record: EnsembleRecord): Promise<void> {
  const directory = ensembleDirectory(asRef(record));
  await makeSuperUser(directory);
  await writeLogConfig(directory);
  if (record.spec.tls === true) await makeAuthority(directory, record.name);
  if (usesJaas(record.spec)) await writeJaas(record.spec, directory);
}

/** Lays out a new member's directory: zoo.cfg, its dynamic part, myid. `members` are the servers it shall know. */
export async function writeMemberFiles(
  record: EnsembleRecord,
  member: MemberRecord,
  members: readonly MemberRecord[],
): Promise<void> {
  const ensembleDir = ensembleDirectory(asRef(record));
  const directory = memberDirectory(ensembleDir, member.id);
  await mkdir(join(directory, 'data'), { recursive: true, mode: 0o700 });
  const { spec, zookeeper } = record;
  if (spec.tls === true) await makeServerCertificate(ensembleDir, member.id, member.host);
  const config = memberConfig({
    spec,
    version: zookeeper.version,
    member,
    members,
    directory,
    superDigest: await superDigest(ensembleDir),
    ...(spec.tls === true
      ? { tls: { serverPem: serverPem(ensembleDir, member.id), caPem: tlsFiles(ensembleDir).caPem } }
      : {}),
  });
  if (members.length > 0) await writeFile(join(directory, 'data', 'myid'), `${member.id}\n`);
  if (config.dynamic !== undefined) await writeAtomically(join(directory, 'zoo.cfg.dynamic'), config.dynamic);
  await writeAtomically(configFile(directory), config.zooCfg);
}

/** Starts a member's server; the record's `process` is set, saving it is the caller's. */
export async function launchMember(record: EnsembleRecord, member: MemberRecord): Promise<void> {
  const ensembleDir = ensembleDirectory(asRef(record));
  const launch: Launch = {
    classPath: [logConfigDirectory(ensembleDir), ...record.zookeeper.classPath],
    jvmFlags: jvmFlags(record),
    directory: memberDirectory(ensembleDir, member.id),
    log: logFile(ensembleDir, member.id),
  };
  member.process = await launchServer(launch);
}

function jvmFlags(record: EnsembleRecord): string[] {
  const { spec } = record;
  const jaas = usesJaas(spec)
    ? [`-Djava.security.auth.login.config=${jaasFile(ensembleDirectory(asRef(record)))}`]
    : [];
  const properties = Object.entries(spec.systemProperties ?? {}).map(([name, value]) => `-D${name}=${value}`);
  return [...jaas, ...properties, ...(spec.jvmFlags ?? [])];
}
