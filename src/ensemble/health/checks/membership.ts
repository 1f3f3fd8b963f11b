import { formatDynamicConfig } from '../../dynamic-config.ts';
import type { EnsembleStatus, MemberStatus } from '../../ensemble-status.ts';
import { type Check, found, type Hit, type Unjudged, unjudged } from '../check.ts';
import { nameOf, namesOf } from '../evidence.ts';

/** Checks about who belongs to the ensemble. */
export const MEMBERSHIP_CHECKS: readonly Check[] = [
  {
    code: 'foreign-member',
    title: 'a server of another ensemble in the list',
    severity: 'critical',
    why: 'Clients with this list connect to either, and see and write different data without an error.',
    todo: 'Take it out of the connection strings, or find out why it was started with another configuration.',
    judge: ({ status }) => {
      if (status.config === undefined) return foreignByLeaders(status);
      const foreign = status.members.filter((member) => isForeign(member, status));
      return {
        hits: foreign.map((member) => ({
          members: [member],
          message: `${nameOf(member)} is of another ensemble`,
          evidence: `it holds a configuration with ${serversText(member)}, the others one with ${idsOf(status.config)}`,
        })),
        unjudged: untold(status, ({ observation }) => observation.config, 'it does not tell its configuration'),
      };
    },
  },
  {
    code: 'standalone-in-list',
    title: 'a standalone server in the list of an ensemble',
    severity: 'critical',
    why: 'It accepts writes that no other member ever sees. It was started without its server lines, or with a single one.',
    todo: 'Take it out of the connection strings first. Then start it with the configuration of the others, and an empty data directory: what was written to it cannot be joined to the rest.',
    judge: ({ status }) => {
      if (status.members.length < 2) return { skipped: 'there is one server' };
      return found(
        ...status.members
          .filter(({ role }) => role === 'standalone')
          .map((member) => ({
            members: [member],
            message: `${nameOf(member)} runs standalone`,
            evidence: `mode standalone, ${member.facts.role?.source}`,
          })),
      );
    },
  },
  {
    code: 'id-clash',
    title: 'two servers with one id',
    severity: 'critical',
    why: 'One of them is not who the others think it is: votes and acknowledgements are taken for the other’s.',
    todo: 'Compare dataDir/myid of both with the server lines; stop the one that is wrong.',
    judge: ({ status }) => {
      const byId = new Map<bigint, MemberStatus[]>();
      const own = status.members.filter((member) => !isForeign(member, status) && member.role !== 'standalone');
      for (const member of own) {
        const id = ownId(member);
        if (id !== undefined) byId.set(id, [...(byId.get(id) ?? []), member]);
      }
      const wrong = own.filter((member) => (ownId(member) ?? member.id) !== member.id);
      const hits = [
        ...[...byId]
          .filter(([, members]) => members.length > 1)
          .map(
            ([id, members]): Hit => ({
              members,
              message: `${members.map(({ host }) => host).join(' and ')} both have id ${id}`,
              evidence: sourcesOf(members),
            }),
          ),
        ...wrong.map(
          (member): Hit => ({
            members: [member],
            message: `${member.host} has id ${ownId(member)}, and is configured as ${member.id}`,
            evidence: sourcesOf([member]),
          }),
        ),
      ];
      return { hits, unjudged: untold(status, ownId, 'its id is not told (conf or its AdminServer would)') };
    },
  },
  {
    code: 'not-in-config',
    title: 'a server of the list that the committed configuration does not have',
    severity: 'warning',
    why: 'Either it was removed and still runs, or the client address under which it was listed is not the one in the configuration.',
    todo: 'If it was removed, stop it and take it out of the connection strings. If it belongs, add it with a reconfiguration.',
    judge: ({ status }) => {
      if (status.config === undefined) return noConfig(status);
      const strangers = status.members.filter(
        (member) => member.configured === undefined && member.role !== 'standalone' && !isForeign(member, status),
      );
      // A name that a load balancer stands behind leads to one of the others.
      const nameless = strangers.filter((one) => one.id === undefined && one.observation.config === undefined);
      return {
        hits: strangers
          .filter((member) => !nameless.includes(member))
          .map((member) => ({
            members: [member],
            message: `${nameOf(member)} is not in the committed configuration`,
            evidence: `which has ${idsOf(status.config)}`,
          })),
        unjudged:
          nameless.length === 0
            ? []
            : [
                {
                  members: nameless,
                  reason: 'neither its id nor its configuration is told: it may be one of the others',
                },
              ],
      };
    },
  },
  {
    code: 'config-differs',
    title: 'members hold different configurations for committed',
    severity: 'warning',
    why: 'A reconfiguration has not reached all of them: it is under way, or a member missed it. Until they agree, each counts its own quorum.',
    todo: 'Look again in some seconds. If it stays, restart the member with the lower version: it takes the newer configuration from the leader when it joins.',
    judge: ({ status }) => {
      const told = status.members.filter(
        (member) => member.observation.config !== undefined && !isForeign(member, status),
      );
      if (told.length < 2) return noConfig(status, told.length);
      const kinds = new Map<string, MemberStatus[]>();
      for (const member of told) {
        const text = formatDynamicConfig(
          member.observation.config ?? { servers: [], groups: new Map(), weights: new Map() },
        );
        kinds.set(text, [...(kinds.get(text) ?? []), member]);
      }
      const hit = {
        members: told,
        message: `${kinds.size} different configurations`,
        evidence: [...kinds.values()]
          .map(
            (members) =>
              `${namesOf(members)}: version ${versionOf(members[0])}, members ${idsOf(members[0]?.observation.config)}`,
          )
          .join('; '),
      };
      return {
        hits: kinds.size < 2 ? [] : [hit],
        unjudged: untold(status, ({ observation }) => observation.config, 'it does not tell its configuration'),
      };
    },
  },
  {
    code: 'mixed-releases',
    title: 'members of different releases',
    severity: 'advice',
    why: 'Fine during an upgrade. Left so, operations of the newer release fail through the older members, and a roll-back gets harder with every snapshot.',
    todo: 'Finish the upgrade, or go back to one release.',
    judge: ({ status }) => {
      const told = status.members.filter(({ facts }) => facts.version !== undefined);
      if (told.length === 0) return unjudged('no member tells its release');
      const versions = new Set(told.map(({ facts }) => facts.version?.value));
      const silent = status.members.filter(({ role, facts }) => role !== 'unreachable' && facts.version === undefined);
      const hit = {
        members: told,
        message: `releases ${[...versions].sort().join(', ')}`,
        evidence: told.map((member) => `${nameOf(member)}: ${member.facts.version?.value}`).join('; '),
      };
      return {
        hits: versions.size < 2 ? [] : [hit],
        unjudged: silent.length === 0 ? [] : [{ members: silent, reason: 'its release is not told' }],
      };
    },
  },
];

/** A configuration of which nothing is ours: neither its members nor their addresses. */
function isForeign({ observation, configured }: MemberStatus, { config }: EnsembleStatus): boolean {
  if (config === undefined || configured !== undefined || observation.config === undefined) return false;
  const ours = new Set(config.servers.flatMap(addressesOf));
  return !observation.config.servers.some((server) => addressesOf(server).some((address) => ours.has(address)));
}

/** The id that a member itself tells; a session's holds 8 bits of it, which is no proof of anything. */
function ownId({ facts: { serverId } }: MemberStatus): bigint | undefined {
  return serverId === undefined || serverId.source === 'client' ? undefined : serverId.value;
}

/** Who answers as one of an ensemble, and does not tell this. */
function untold(
  { members }: EnsembleStatus,
  tell: (member: MemberStatus) => unknown,
  reason: string,
): readonly Unjudged[] {
  const silent = members.filter(
    (member) => !['unreachable', 'standalone'].includes(member.role) && tell(member) === undefined,
  );
  return silent.length === 0 ? [] : [{ members: silent, reason }];
}

function addressesOf({ addresses }: { addresses: readonly { host: string; quorumPort: number }[] }): string[] {
  return addresses.map(({ host, quorumPort }) => `${host}:${quorumPort}`);
}

/** Without a configuration, as on 3.4: leaders of different epochs, or ids that clash, are all there is to tell by. */
function foreignByLeaders(status: EnsembleStatus): ReturnType<Check['judge']> {
  const leaders = status.members.filter(({ role }) => role === 'leader');
  if (leaders.length > 1) {
    return found({
      members: leaders,
      message: `${namesOf(leaders)} lead at the same time`,
      evidence: leaders.map(({ facts }) => facts.role?.source).join('; '),
    });
  }
  return noConfig(status);
}

function noConfig({ members }: EnsembleStatus, told = 0): ReturnType<Check['judge']> {
  if (members.length < 2) return { skipped: 'there is one server' };
  return unjudged(told === 1 ? 'one member alone told its configuration' : 'nobody told the configuration');
}

function serversText({ observation }: MemberStatus): string {
  return (observation.config?.servers ?? [])
    .map(({ id, addresses }) => `${id}=${addresses[0]?.host}:${addresses[0]?.quorumPort}`)
    .join(', ');
}

function idsOf(config: EnsembleStatus['config']): string {
  return (config?.servers ?? []).map(({ id }) => id).join(', ');
}

function versionOf(member: MemberStatus | undefined): string {
  return member?.observation.config?.version?.toString(16) ?? 'unknown';
}

function sourcesOf(members: readonly MemberStatus[]): string {
  return members
    .map(({ host, facts }) => `${host}: serverId ${facts.serverId?.value}, ${facts.serverId?.source}`)
    .join('; ');
}
