import { formatDynamicConfig } from '../ensemble/dynamic-config.ts';
import type { ServerLine } from '../ensemble/server-line.ts';
import type { MemberRecord } from './record.ts';
import { usesJaas } from './sasl.ts';
import type { LocalSpec } from './spec.ts';

/** What the files of one member are made from. */
export interface MemberConfigInput {
  spec: LocalSpec;
  version: string;
  member: MemberRecord;
  /** The member itself too; empty for a standalone server. */
  members: readonly MemberRecord[];
  directory: string;
  /** `user:hash` of the super user. */
  superDigest: string;
  /** Paths of the stores, when the secure port is wanted. */
  tls?: { serverPem: string; caPem: string } | undefined;
}

export interface MemberConfig {
  zooCfg: string;
  /** `zoo.cfg.dynamic`; undefined for a standalone server and for 3.4, which has no reconfiguration. */
  dynamic?: string | undefined;
}

/** The minor release: 3.MINOR. */
export function minorOf(version: string): number {
  return Number(version.split('.')[1]);
}

/** zoo.cfg of one member, by version; the order is that of zoo.cfg files people know. */
export function memberConfig(input: MemberConfigInput): MemberConfig {
  const { spec, member, members, version, directory } = input;
  const dynamic = members.length > 0 && minorOf(version) >= 5;
  const settings: Record<string, string> = {
    tickTime: '2000',
    initLimit: '10',
    syncLimit: '5',
    dataDir: `${directory}/data`,
    ...(dynamic ? { dynamicConfigFile: `${directory}/zoo.cfg.dynamic` } : clientAddress(member)),
    ...(members.length > 0 ? quorum(input, dynamic) : {}),
    ...admin(member, version),
    ...(spec.bare === true ? {} : generous(input)),
    'DigestAuthenticationProvider.superDigest': input.superDigest,
    ...secure(input),
    ...sasl(spec),
    ...spec.config,
  };
  const lines = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
  const config = { zooCfg: `${lines.join('\n')}\n` };
  return dynamic ? { ...config, dynamic: dynamicConfig(members) } : config;
}

/** The dynamic part that lists these members. */
function dynamicConfig(members: readonly MemberRecord[]): string {
  return formatDynamicConfig({ servers: members.map(serverLine), groups: new Map(), weights: new Map() });
}

export function serverLine(member: MemberRecord): ServerLine {
  const { id, host, quorumPort, electionPort, role, clientPort } = member;
  return { id: BigInt(id), addresses: [{ host, quorumPort, electionPort }], role, client: { host, port: clientPort } };
}

function clientAddress({ host, clientPort }: MemberRecord): Record<string, string> {
  return { clientPort: String(clientPort), clientPortAddress: host };
}

function quorum({ member, members }: MemberConfigInput, dynamic: boolean): Record<string, string> {
  const peerType = member.role === 'observer' ? { peerType: 'observer' } : {};
  if (dynamic) return { standaloneEnabled: 'false', ...peerType };
  const line = (one: MemberRecord): [string, string] => [
    `server.${one.id}`,
    `${one.host}:${one.quorumPort}:${one.electionPort}${one.role === 'observer' ? ':observer' : ''}`,
  ];
  return { ...peerType, ...Object.fromEntries(members.map(line)) };
}

function admin({ host, adminPort }: MemberRecord, version: string): Record<string, string> {
  if (adminPort === undefined || minorOf(version) < 5) return {};
  return { 'admin.enableServer': 'true', 'admin.serverAddress': host, 'admin.serverPort': String(adminPort) };
}

/** What `bare` leaves at the server's defaults. */
function generous({ version }: MemberConfigInput): Record<string, string> {
  return {
    '4lw.commands.whitelist': '*',
    maxClientCnxns: '0',
    // A killed process loses nothing of the page cache; only a power cut would, and this is a throw-away.
    forceSync: 'no',
    preAllocSize: '4096',
    ...(minorOf(version) < 5 ? {} : { reconfigEnabled: 'true', extendedTypesEnabled: 'true' }),
    // A hard quota that does nothing would teach the wrong thing.
    ...(minorOf(version) < 7 ? {} : { enforceQuota: 'true' }),
  };
}

function secure({ spec, member, tls }: MemberConfigInput): Record<string, string> {
  if (tls === undefined) return {};
  const stores = (prefix: string): Record<string, string> => ({
    [`${prefix}.keyStore.location`]: tls.serverPem,
    [`${prefix}.keyStore.type`]: 'PEM',
    [`${prefix}.trustStore.location`]: tls.caPem,
    [`${prefix}.trustStore.type`]: 'PEM',
  });
  return {
    serverCnxnFactory: 'org.apache.zookeeper.server.NettyServerCnxnFactory',
    secureClientPort: String(member.secureClientPort),
    secureClientPortAddress: member.host,
    ...stores('ssl'),
    'ssl.clientAuth': spec.tlsClientAuth ?? 'need',
    ...(spec.quorumTls === true ? { sslQuorum: 'true', ...stores('ssl.quorum') } : {}),
  };
}

function sasl(spec: LocalSpec): Record<string, string> {
  if (!usesJaas(spec)) return {};
  return { 'authProvider.sasl': 'org.apache.zookeeper.server.auth.SASLAuthenticationProvider' };
}
