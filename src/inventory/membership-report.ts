import type { EnsembleStatus, MemberStatus } from '../ensemble/ensemble-status.ts';
import { formatServerLine, type ServerLine } from '../ensemble/server-line.ts';
import type { Inventory } from './inventory.ts';

/** A member by everybody who knows of it. */
export interface ListedMember {
  id: bigint | undefined;
  /** Its part in the committed configuration; undefined when it is not in it, or nobody told one. */
  configured: 'participant' | 'observer' | undefined;
  /** What it was seen to be; undefined when it was not looked for. */
  seen: MemberStatus['role'] | undefined;
  /** Where clients reach it, as it answered or is configured. */
  address: string | undefined;
  /** What stands right of `server.N=`: as committed, else as the inventory has it. */
  server: string | undefined;
  /** How its machine is reached; undefined when the inventory does not have it. */
  host: { kind: string; name: string } | undefined;
  /** What does not fit together. */
  problems: readonly string[];
}

/** Brings together the committed configuration, what was seen, and the inventory, where there is one. */
export function listMembers({ config, members }: EnsembleStatus, inventory: Inventory | undefined): ListedMember[] {
  const lines = new Map(config?.servers.map((line) => [line.id, line]));
  const ids = new Set([
    ...lines.keys(),
    ...members.flatMap(({ id }) => id ?? []),
    ...(inventory?.members ?? []).map(({ id }) => id),
  ]);
  const known = [...ids]
    .sort((a, b) => (a < b ? -1 : 1))
    .map((id): ListedMember => {
      const seen = members.find((one) => one.id === id);
      const entry = inventory?.members.find((one) => one.id === id);
      const line = lines.get(id);
      const host = entry?.openHost();
      return {
        id,
        configured: line?.role,
        seen: seen?.role,
        address: seen?.host,
        server: serverOf(line ?? entry?.line),
        host: host && { kind: host.kind, name: host.name },
        problems: problemsOf({
          line,
          seen,
          entry: entry?.line,
          told: config !== undefined,
          inventory: inventory !== undefined,
        }),
      };
    });
  const nameless = members.filter(({ id }) => id === undefined);
  return [...known, ...nameless.map((member) => stranger(member))];
}

function stranger({ role, host }: MemberStatus): ListedMember {
  return {
    id: undefined,
    configured: undefined,
    seen: role,
    address: host,
    server: undefined,
    host: undefined,
    problems: ['its id is not known'],
  };
}

function serverOf(line: ServerLine | undefined): string | undefined {
  return line && formatServerLine(line).replace(/^server\.\d+=/, '');
}

const DOWN: readonly string[] = ['unreachable', 'not serving', 'read-only'];
const PARTS: Readonly<Record<string, ServerLine['role']>> = {
  leader: 'participant',
  follower: 'participant',
  observer: 'observer',
};

function problemsOf(of: {
  line: ServerLine | undefined;
  seen: MemberStatus | undefined;
  entry: ServerLine | undefined;
  told: boolean;
  inventory: boolean;
}): string[] {
  const { line, seen, entry, told, inventory } = of;
  const part = seen && PARTS[seen.role];
  return [
    ...(told && line === undefined && seen !== undefined && !DOWN.includes(seen.role)
      ? ['runs, and is no member']
      : []),
    ...(told && line === undefined && seen === undefined ? ['in the inventory, and no member'] : []),
    ...(line !== undefined && seen !== undefined && DOWN.includes(seen.role) ? [`is ${seen.role}`] : []),
    ...(line !== undefined && part !== undefined && part !== line.role ? [`is ${line.role} in the configuration`] : []),
    ...(inventory && entry === undefined ? ['not in the inventory'] : []),
  ];
}
