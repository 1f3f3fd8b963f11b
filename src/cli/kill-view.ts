import { shortName } from '../ensemble/member.ts';
import type { KillProof } from '../ensemble/sessions/after-kill.ts';
import type { Ended } from '../ensemble/sessions/kill.ts';
import type { SessionEntry } from '../ensemble/sessions/report.ts';
import { ephemeralLines } from '../output/deletion.ts';
import { escapeControl } from '../output/text-safety.ts';
import { shortDuration } from '../output/times.ts';
import type { View } from '../output/view.ts';
import { hex64 } from '../protocol/zxid.ts';
import { clientText, counted } from './session-columns.ts';
import { sessionJson } from './sessions-view.ts';

/** What `sessions kill` did, or would do. */
export interface Killed {
  readonly session: SessionEntry;
  readonly dryRun: boolean;
  /** Undefined with a dry run. */
  readonly ended: Ended | undefined;
  readonly proof: KillProof | undefined;
}

export const killView: View<Killed> = {
  text: ({ session, dryRun, ended, proof }, style) => {
    const id = style.paint('name', style.hex(session.id));
    if (dryRun) return [`Would end session ${id}`, ...lossOf(session)].join('\n');
    const done = `session ${id} ${style.paint('good', ended?.byUs === false ? 'has ended' : 'was ended')}`;
    return [
      `${done} on ${style.name(ended?.member.host ?? '')}`,
      ...(proof?.unlisted === undefined ? [] : [`${style.name(proof.unlisted.member.host)} lists it no more`]),
      ...(proof === undefined || proof.gone === 0 ? [] : [`${counted(proof.gone, 'ephemeral')} gone`]),
    ].join('\n');
  },
  json: ({ session, dryRun, ended, proof }) => {
    return { ...sessionJson(session), dryRun, ended: ended !== undefined, on: ended?.member, proof };
  },
};

/** What goes with a session, a line each. */
export function lossOf(
  { places, connected, ephemerals, watches, timeout, kind, id }: SessionEntry,
  own = false,
): string[] {
  const where = places.map(
    (place) => `client ${escapeControl(clientText(place) ?? 'not known')} on member ${shortName(place.member)}`,
  );
  const none = connected === false ? 'its client is not connected' : 'nobody tells where its client is connected';
  const wait = timeout === undefined ? '' : `, timeout ${shortDuration(timeout)}`;
  return [
    ...(own ? ['it is the session of this shell, which will open a new one'] : []),
    `${where.length === 0 ? none : where.join(', ')}${wait}${kind === 'local' ? ', a local session' : ''}`,
    ...ephemeralsOf(id, ephemerals),
    ...(watches === undefined ? [] : [counted(watches.length, 'watch', 'watches')]),
  ];
}

function ephemeralsOf(id: bigint, paths: SessionEntry['ephemerals']): string[] {
  if (paths === undefined) return ['nobody tells its ephemerals'];
  if (paths.length === 0) return ['no ephemerals'];
  const lines = ephemeralLines(paths.map((path) => ({ path: escapeControl(path), owner: id })));
  return lines.map((line) => line.replace(` of session ${hex64(id)}`, ''));
}
