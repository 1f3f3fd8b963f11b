import type { TlsSettings } from '../auth/tls.ts';
import type { Installation } from './installation.ts';
import { processState } from './process-identity.ts';
import { asRef, type EnsembleRecord, logFile, type MemberPlace, type MemberRecord, memberDirectory } from './record.ts';
import { SASL_USER, saslSecretFile } from './sasl.ts';
import { ensembleDirectory } from './spec.ts';
import { SUPER_USER, superSecretFile } from './super-user.ts';
import { clientTls, type TlsFiles, tlsFiles } from './tls-material.ts';

/** A member as it stands now. */
export interface LocalMember extends MemberPlace {
  /** Only while its process lives. */
  pid?: number | undefined;
  /** `stopped` was stopped by us; `dead` ended otherwise, a kill included. */
  state: 'running' | 'stopped' | 'paused' | 'dead';
  dir: string;
  log: string;
}

/** A throw-away ensemble as it stands now; plain data, usable as the `EnsembleRef` of every other call. */
export interface LocalEnsemble {
  name: string;
  stateDir?: string | undefined;
  dir: string;
  /** ISO 8601. */
  createdAt: string;
  /** The release that runs, and where it was found. */
  version: string;
  source: Installation['source'];
  /** Every member, observers too: `host:port,…`. */
  connectString: string;
  secureConnectString?: string | undefined;
  members: LocalMember[];
  /** Digest credentials of the super user; the secret alone is in the file. */
  superAuth: { user: string; secretFile: string };
  /** How to reach the secure ports, when there are. */
  tls?: TlsSettings | undefined;
  /** All of the client's certificate files, the stores and their password too. */
  tlsFiles?: TlsFiles | undefined;
  /** The DIGEST-MD5 user, when the ensemble was made with `sasl`; the secret alone is in the file. */
  sasl?: { username: string; secretFile: string } | undefined;
}

/** Looks at every member's process and puts the whole together. */
export async function describe(record: EnsembleRecord): Promise<LocalEnsemble> {
  const dir = ensembleDirectory(asRef(record));
  const secure = record.members.flatMap((m) =>
    m.secureClientPort === undefined ? [] : [`${bracket(m.host)}:${m.secureClientPort}`],
  );
  return {
    ...asRef(record),
    dir,
    createdAt: record.createdAt,
    version: record.zookeeper.version,
    source: record.zookeeper.source,
    connectString: record.members.map((member) => `${bracket(member.host)}:${member.clientPort}`).join(','),
    ...(secure.length === 0 ? {} : { secureConnectString: secure.join(',') }),
    members: await Promise.all(record.members.map((member) => describeMember(member, dir))),
    superAuth: { user: SUPER_USER, secretFile: superSecretFile(dir) },
    ...(record.spec.tls === true ? { tls: clientTls(dir), tlsFiles: tlsFiles(dir) } : {}),
    ...(record.spec.sasl === true ? { sasl: { username: SASL_USER, secretFile: saslSecretFile(dir) } } : {}),
  };
}

async function describeMember(record: MemberRecord, ensembleDir: string): Promise<LocalMember> {
  const { process: identity, ...rest } = record;
  const state = identity === undefined ? 'stopped' : await processState(identity);
  return {
    ...rest,
    ...(identity === undefined || state === 'gone' ? {} : { pid: identity.pid }),
    state: state === 'gone' ? 'dead' : state,
    dir: memberDirectory(ensembleDir, record.id),
    log: logFile(ensembleDir, record.id),
  };
}

function bracket(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
