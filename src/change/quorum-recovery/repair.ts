import { dirname, join } from 'node:path';
import type { DataDirectory } from '../../storage/data-directory.ts';
import type { DirectoryProblem } from '../../storage/directory-problems.ts';
import { epochOf } from '../../storage/file-names.ts';

/** What mends one thing that keeps a server from starting. */
type Repair =
  | { readonly kind: 'run'; readonly command: string; readonly why: string }
  | { readonly kind: 'write'; readonly path: string; readonly content: string; readonly why: string };

/** Whether a server can start on these files, and what has to be mended first. */
export interface Condition {
  /** The epoch it would stand for election with; undefined when it cannot be started. */
  readonly peerEpoch: bigint | undefined;
  readonly repairs: readonly Repair[];
  /** Why it cannot be started. */
  readonly reasons: readonly string[];
}

/**
 * Judges a survivor's data: what is mended here loses no transaction that a server could still read.
 *
 * @param old a server of 3.4, which takes logs without a snapshot as they are, and often has no more
 */
export function conditionOf(data: DataDirectory, old: boolean): Condition {
  if (data.snapshot === undefined && data.logs.length === 0) {
    return { peerEpoch: undefined, repairs: [], reasons: ['it has no data'] };
  }
  const repairs: Repair[] = [];
  const reasons: string[] = [];
  const serious = data.problems.filter(
    ({ gravity, code }) => gravity === 'refuses' && !(old && code === 'NO_SNAPSHOT'),
  );
  for (const problem of serious) {
    const repair = repairOf(problem, data);
    if (repair === undefined) reasons.push(`${problem.file === undefined ? '' : `${problem.file} `}${problem.message}`);
    else repairs.push(...repair);
  }
  const peerEpoch = data.problems.some(({ code, gravity }) => code === 'EPOCH_BEHIND_DATA' && gravity === 'refuses')
    ? epochOf(data.restored.zxid)
    : data.restored.peerEpoch;
  return { peerEpoch: reasons.length === 0 ? peerEpoch : undefined, repairs, reasons };
}

function repairOf({ code, file, offset }: DirectoryProblem, data: DataDirectory): Repair[] | undefined {
  if (code === 'LOG_CORRUPT' || code === 'LOG_EMPTY') return repairOfLog(file ?? '', offset ?? 0, data);
  const epochs = dirname(data.currentEpoch?.path ?? join(data.dataDir, 'version-2', 'currentEpoch'));
  if (code === 'EPOCH_BEHIND_DATA') {
    const epoch = epochOf(data.restored.zxid);
    const why = 'the server died between a snapshot of the new epoch and noting it';
    const current: Repair = { kind: 'write', path: join(epochs, 'currentEpoch'), content: `${epoch}`, why };
    const accepted: Repair = { kind: 'write', path: join(epochs, 'acceptedEpoch'), content: `${epoch}`, why };
    return (data.acceptedEpoch?.value ?? -1n) < epoch ? [accepted, current] : [current];
  }
  if (code === 'EPOCH_NOT_ACCEPTED') {
    const content = `${data.currentEpoch?.value}`;
    const why = 'no server starts whose accepted epoch is behind its current one';
    return [{ kind: 'write', path: join(epochs, 'acceptedEpoch'), content, why }];
  }
  return undefined;
}

/** The last log alone: what stands in later ones could not be played back on top of what is left. */
function repairOfLog(path: string, offset: number, data: DataDirectory): Repair[] | undefined {
  const last = data.logs.at(-1);
  if (last === undefined || !path.endsWith(`/${last.name}`)) return undefined;
  const why = `no server starts with it; what follows byte ${offset} of it is lost unless a copy of it can be mended`;
  return offset === 0
    ? [{ kind: 'run', command: `rm ${quoted(path)}`, why }]
    : [{ kind: 'run', command: `truncate -s ${offset} ${quoted(path)}`, why }];
}

/** A word of a shell line. */
export function quoted(path: string): string {
  return /^[\w./:@%+=-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
