import { claimPorts } from './ports.ts';
import type { EnsembleRecord, MemberRecord } from './record.ts';
import type { LocalSpec } from './spec.ts';
import { minorOf } from './zoo-cfg.ts';

/** One voter and nobody else: the only shape that ZooKeeper runs without an election. */
export function isStandalone(record: EnsembleRecord): boolean {
  const { servers = 3, observers = 0 } = record.spec;
  return servers === 1 && observers === 0;
}

/** Who a member is to be, before it has ports. */
interface Identity {
  id: number;
  host: string;
  role: MemberRecord['role'];
}

/** The members of a new ensemble: voters first, then observers. */
export async function planMembers(spec: LocalSpec, version: string, directory: string): Promise<MemberRecord[]> {
  const { servers = 3, observers = 0 } = spec;
  const members: MemberRecord[] = [];
  for (let id = 1; id <= servers + observers; id += 1) {
    const identity: Identity = {
      id,
      host: spec.hosts?.[id - 1] ?? '127.0.0.1',
      role: id > servers ? 'observer' : 'participant',
    };
    members.push(await planMember(identity, spec, version, directory));
  }
  return members;
}

/** A member with ports of its own. */
export async function planMember(
  identity: Identity,
  spec: LocalSpec,
  version: string,
  directory: string,
): Promise<MemberRecord> {
  const count = spec.tls === true ? 5 : 4;
  const ports = await claimPorts(identity.host, count, directory);
  const [clientPort = 0, quorumPort = 0, electionPort = 0, adminPort = 0, secureClientPort = 0] = ports;
  return {
    ...identity,
    clientPort,
    quorumPort,
    electionPort,
    ...(minorOf(version) >= 5 ? { adminPort } : {}),
    ...(spec.tls === true ? { secureClientPort } : {}),
  };
}
