import { shortName } from '../ensemble/member.ts';
import type { SessionEntry, SessionsReport } from '../ensemble/sessions/report.ts';
import { fitColumns } from '../output/fit-columns.ts';
import { plainText } from '../output/plain-text.ts';
import type { Style } from '../output/style.ts';
import { layTable } from '../output/table.ts';
import { shortDuration } from '../output/times.ts';
import type { Column, View } from '../output/view.ts';
import {
  clientText,
  counted,
  OPTIONAL_COLUMNS,
  placeJson,
  SESSION_COLUMNS,
  sessionIdJson,
  terminalColumns,
} from './session-columns.ts';

/** How `sessions` looks: a row a session, and on a terminal what they amount to. */
export const sessionsView: View<SessionsReport, SessionEntry> = {
  text: (report, style) => {
    const { sessions } = report;
    if (!style.tty) return plainText(report, { columns: SESSION_COLUMNS, rows: () => sessions }, style);
    if (sessions.length === 0) return undefined;
    const columns = fitColumns(terminalColumns(sessions), OPTIONAL_COLUMNS, sessions, style);
    return [...layTable(columns as Column<never>[], sessions, style), '', summary(report, style)].join('\n');
  },
  columns: SESSION_COLUMNS,
  rows: ({ sessions }) => sessions,
  json: (report) => ({
    sessions: report.sessions.map((session) => rowJson(session)),
    sources: report.sources,
    missing: report.missing,
  }),
  empty: 'there are no such sessions',
};

/** How `sessions show` looks. */
export const sessionView: View<{ session: SessionEntry; report: SessionsReport }> = {
  text: ({ session }, style) => [...factLines(session, style), ...heldLines(session, style)].join('\n'),
  json: ({ session, report: { sources, missing } }) => ({ ...sessionJson(session), sources, missing }),
};

/** One session with all it has. A contract. */
export function sessionJson({ id, kind, connected, timeout, places, ephemerals, watches }: SessionEntry): object {
  return { ...sessionIdJson(id), kind, connected, timeout, connections: places.map(placeJson), ephemerals, watches };
}

function rowJson(session: SessionEntry): object {
  const { id, kind, connected, timeout, places, ephemerals, watches } = session;
  const { member: _, ...newest } = (places[0] === undefined ? {} : placeJson(places[0])) as Record<string, unknown>;
  return {
    ...sessionIdJson(id),
    kind,
    connected,
    members: places.map(({ member }) => member),
    ...newest,
    timeout,
    ephemerals: ephemerals?.length,
    watches: watches?.length,
  };
}

function summary({ sessions }: SessionsReport, style: Style): string {
  const away = sessions.filter(({ connected }) => connected === false).length;
  const local = sessions.filter(({ kind }) => kind === 'local').length;
  const parts = [
    counted(sessions.length, 'session'),
    ...(away > 0 ? [style.paint('warn', `${away} not connected`)] : []),
    ...(local > 0 ? [`${local} local`] : []),
  ];
  return parts.join(', ');
}

function factLines({ id, kind, connected, timeout, places }: SessionEntry, style: Style): string[] {
  const facts: [string, string | undefined][] = [
    ['session', style.paint('name', style.hex(id))],
    ['kind', kind],
    ['timeout', timeout === undefined ? undefined : shortDuration(timeout)],
    ...places.flatMap((place): [string, string | undefined][] => [
      ['client', clientText(place)],
      [
        'member',
        `${shortName(place.member)}${place.member.id === undefined ? '' : ` ${style.name(place.member.host)}`}`,
      ],
      ['since', place.established === undefined ? undefined : style.time(place.established)],
      ['last operation', place.lastOperation && style.name(place.lastOperation)],
      ['last zxid', place.lastZxid === undefined ? undefined : style.hex(place.lastZxid)],
      ['packets', packets(place)],
      ['latency ms', latency(place)],
    ]),
    ...(places.length > 0 ? [] : [['client', connected === false ? 'not connected' : 'not known'] as [string, string]]),
  ];
  return facts.flatMap(([name, value]) =>
    value === undefined ? [] : [`${style.paint('key', name.padEnd(14))}  ${value}`],
  );
}

function packets({ received, sent, queued }: SessionEntry['places'][number]): string | undefined {
  return received === undefined ? undefined : `${received} received, ${sent ?? '-'} sent, ${queued ?? '-'} queued`;
}

function latency({ latencyMin, latencyAvg, latencyMax }: SessionEntry['places'][number]): string | undefined {
  return latencyMax === undefined ? undefined : `${latencyMin ?? '-'}/${latencyAvg ?? '-'}/${latencyMax} min/avg/max`;
}

function heldLines({ ephemerals, watches, connected }: SessionEntry, style: Style): string[] {
  const gone = watches === undefined && connected === false ? [] : watches;
  return [
    ...listed('ephemerals', ephemerals, (path) => style.paint('ephemeral', style.name(path)), style),
    ...listed('watches', gone, (path) => style.paint('path', style.name(path)), style),
  ];
}

function listed(
  what: string,
  paths: readonly string[] | undefined,
  show: (path: string) => string,
  style: Style,
): string[] {
  const head = style.paint('key', what.padEnd(14));
  if (paths === undefined) return [`${head}  ${style.paint('dim', 'not known')}`];
  return [`${head}  ${paths.length}`, ...paths.map((path) => `  ${show(path)}`)];
}
