import { shortName } from '../ensemble/member.ts';
import type { SessionEntry } from '../ensemble/sessions/report.ts';
import { clientText } from './session-columns.ts';

/** What the rows of `sessions` may be sorted by. */
export const SORT_KEYS = [
  ...['id', 'client', 'member', 'timeout', 'since', 'last', 'queued', 'received', 'sent', 'latency', 'ephemerals'],
  'watches',
] as const;

/** Numbers with the greatest first, but moments and texts from the smallest; what is not known comes last. */
const BY: Readonly<Record<string, { value(session: SessionEntry): number | string | undefined; down: boolean }>> = {
  client: { value: ({ places }) => clientText(places[0]), down: false },
  member: { value: ({ places }) => places[0] && shortName(places[0].member), down: false },
  timeout: { value: ({ timeout }) => timeout, down: true },
  since: { value: ({ places }) => places[0]?.established, down: false },
  last: { value: ({ places }) => places[0]?.lastOperation, down: false },
  queued: { value: ({ places }) => places[0]?.queued, down: true },
  received: { value: ({ places }) => places[0]?.received, down: true },
  sent: { value: ({ places }) => places[0]?.sent, down: true },
  latency: { value: ({ places }) => places[0]?.latencyMax, down: true },
  ephemerals: { value: ({ ephemerals }) => ephemerals?.length, down: true },
  watches: { value: ({ watches }) => watches?.length, down: true },
};

/** @returns the sessions in order; those alike by id, as they came */
export function sortSessions(sessions: readonly SessionEntry[], key: string | undefined): readonly SessionEntry[] {
  const by = BY[key ?? 'id'];
  return by === undefined ? sessions : [...sessions].sort((a, b) => compare(by.value(a), by.value(b), by.down));
}

function compare(a: number | string | undefined, b: number | string | undefined, down: boolean): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  if (a === b) return 0;
  if (typeof a === 'string' && typeof b === 'string') return a.localeCompare(b, 'en', { numeric: true });
  return a < b === down ? 1 : -1;
}
