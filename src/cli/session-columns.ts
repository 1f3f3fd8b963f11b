import { shortName } from '../ensemble/member.ts';
import { formatClientAddress } from '../ensemble/sessions/client-address.ts';
import type { Place } from '../ensemble/sessions/places.ts';
import type { SessionEntry } from '../ensemble/sessions/report.ts';
import { rfc3339 } from '../output/times.ts';
import type { Column } from '../output/view.ts';

/** `1 watch`, `1,204 watches`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}

/** A client's address, or nothing. */
export function clientText(place: Place | undefined): string | undefined {
  return place?.client && formatClientAddress(place.client);
}

/** An id as programs read it: exact in decimal, and as logs write it. A contract. */
export function sessionIdJson(id: bigint): { id: bigint; idHex: string } {
  return { id, idHex: `0x${BigInt.asUintN(64, id).toString(16)}` };
}

/** A connection of a session. A contract. */
export function placeJson({ member, client, established, ...place }: Place): object {
  const { sessionId: _, ...facts } = place;
  return {
    member: { id: member.id, host: member.host },
    client: client && formatClientAddress(client),
    established: established === undefined ? undefined : rfc3339(established),
    ...facts,
  };
}

type Shown = Column<SessionEntry>;

const ID: Shown = { header: 'session', value: ({ id }) => id, kind: 'hex', role: () => 'name' };
const CLIENT: Shown = {
  header: 'client',
  value: ({ places, connected }) => clientText(places[0]) ?? (connected === false ? 'not connected' : undefined),
  role: ({ connected }) => (connected === false ? 'warn' : undefined),
};
const MEMBER: Shown = {
  header: 'member',
  value: ({ places }) => places.map(({ member }) => shortName(member)).join(' ') || undefined,
};
const TIMEOUT: Shown = { header: 'timeout', value: ({ timeout }) => timeout, kind: 'duration' };
const SINCE: Shown = {
  header: 'since',
  value: ({ places }) => places[0]?.established,
  kind: 'time',
  role: () => 'time',
};
const LAST: Shown = { header: 'last', value: ({ places }) => places[0]?.lastOperation };
const QUEUED: Shown = {
  header: 'queued',
  value: ({ places }) => places[0]?.queued,
  kind: 'number',
  role: ({ places }) => ((places[0]?.queued ?? 0) > 0 ? 'warn' : undefined),
};
const RECEIVED: Shown = { header: 'received', value: ({ places }) => places[0]?.received, kind: 'number' };
const SENT: Shown = { header: 'sent', value: ({ places }) => places[0]?.sent, kind: 'number' };
const EPHEMERALS: Shown = { header: 'ephemerals', value: ({ ephemerals }) => ephemerals?.length, kind: 'number' };
const WATCHES: Shown = { header: 'watches', value: ({ watches }) => watches?.length, kind: 'number' };
const KIND: Shown = { header: 'kind', value: ({ kind }) => kind, role: () => 'dim' };

/** All that a row of `sessions` has. */
export const SESSION_COLUMNS: readonly Shown[] = [
  ...[ID, CLIENT, MEMBER, TIMEOUT, SINCE, LAST, QUEUED, RECEIVED, SENT, EPHEMERALS, WATCHES, KIND],
];

/** What a terminal too narrow for all does without, least telling first: an id that is cut can't be given to kill. */
export const OPTIONAL_COLUMNS: readonly Shown[] = [SENT, RECEIVED, LAST, QUEUED, SINCE, TIMEOUT, WATCHES, EPHEMERALS];

/** The kind is worth a column where there are local sessions. */
export function terminalColumns(sessions: readonly SessionEntry[]): readonly Shown[] {
  return sessions.some(({ kind }) => kind === 'local')
    ? SESSION_COLUMNS
    : SESSION_COLUMNS.filter((one) => one !== KIND);
}
