import { hex64 } from '../protocol/zxid.ts';
import type { DataDirectory } from './data-directory.ts';
import { epochOf } from './file-names.ts';
import type { NumberFile } from './small-files.ts';

/** How bad something is: no server starts with it, transactions are or will be missing, or it is good to know. */
type Gravity = 'refuses' | 'loses' | 'note';

/** Something about a server's data that an operator should know. */
export interface DirectoryProblem {
  /** Stable upper-case name. */
  readonly code: string;
  readonly gravity: Gravity;
  readonly file: string | undefined;
  /** Bytes from the beginning of the file. */
  readonly offset: number | undefined;
  /** What is wrong, in a clause. */
  readonly message: string;
}

type Found = Omit<DataDirectory, 'problems'>;

const ORDER: readonly Gravity[] = ['refuses', 'loses', 'note'];

/** What is wrong with a server's data, the worst first. */
export function problemsOf(
  found: Found,
  misplaced: { readonly snapshots: readonly string[]; readonly logs: readonly string[] },
): DirectoryProblem[] {
  const problems = [
    ...unreadableProblems(found),
    ...misplacedProblems(misplaced),
    ...snapshotProblems(found),
    ...logProblems(found),
    ...gapProblems(found),
    ...epochProblems(found),
    ...smallProblems(found),
    ...nameProblems(found),
  ];
  return problems.sort((a, b) => ORDER.indexOf(a.gravity) - ORDER.indexOf(b.gravity));
}

function problem(
  code: string,
  gravity: Gravity,
  message: string,
  place: { file?: string; offset?: number } = {},
): DirectoryProblem {
  return { code, gravity, message, file: place.file, offset: place.offset };
}

function unreadableProblems({ unreadable }: Found): DirectoryProblem[] {
  return unreadable.map(({ path, why }) => problem('UNREADABLE', 'refuses', `cannot be read: ${why}`, { file: path }));
}

function misplacedProblems({
  snapshots,
  logs,
}: {
  snapshots: readonly string[];
  logs: readonly string[];
}): DirectoryProblem[] {
  const first = [...snapshots, ...logs][0];
  if (first === undefined) return [];
  const message = `${first} is in the wrong directory: dataDir takes no logs and dataLogDir no snapshots when they differ (servers from 3.4.14 and 3.5.5 on refuse to start)`;
  return [problem('MISPLACED_FILES', 'refuses', message)];
}

function snapshotProblems({ tried, snapshot, logs }: Found): DirectoryProblem[] {
  const bad = tried
    .filter((one) => one !== snapshot)
    .map(({ path, plausible, damage }) => {
      const why = damage?.reason ?? 'it has no seal at its end';
      const message = plausible ? `is damaged: ${why}` : `is not complete, and no server tries it: ${why}`;
      return problem('SNAPSHOT_DAMAGED', 'note', message, { file: path, ...(damage && { offset: damage.offset }) });
    });
  if (snapshot !== undefined) return bad;
  if (tried.some(({ plausible }) => plausible)) {
    return [
      ...bad,
      problem(
        'NO_GOOD_SNAPSHOT',
        'refuses',
        'none of the snapshots is good, and a server that finds none does not start',
      ),
    ];
  }
  if (logs.length === 0) return [...bad, problem('EMPTY', 'note', 'there is no data: no snapshot and no log')];
  const message =
    'there are logs, but no snapshot: servers from 3.5.6 on refuse to start unless snapshot.trust.empty is true, older ones begin with an empty tree';
  return [...bad, problem('NO_SNAPSHOT', 'refuses', message)];
}

function logProblems({ history }: Found): DirectoryProblem[] {
  return history.logs.flatMap(({ path, size, end }, index) => {
    const { kind, offset, reason = '', leftover } = end;
    const isLast = index === history.logs.length - 1;
    const place = { file: path, offset };
    if (kind === 'corrupt' && size === 0 && isLast) {
      return [
        problem(
          'LOG_EMPTY',
          'refuses',
          'is empty: servers before 3.9.3 do not start with it, newer ones delete it',
          place,
        ),
      ];
    }
    if (kind === 'corrupt')
      return [problem('LOG_CORRUPT', 'refuses', `is damaged at byte ${offset}: ${reason}`, place)];
    const behind =
      leftover === undefined
        ? []
        : [
            problem(
              'LOG_LEFTOVER',
              'loses',
              `has bytes at ${leftover} behind its end at ${offset}, which no server reads`,
              { file: path, offset: leftover },
            ),
          ];
    if (kind === 'whole') return behind;
    const message = `ends at byte ${offset} in the middle of a transaction: ${reason}; a server takes that for its end`;
    return [problem('LOG_CUT', isLast ? 'note' : 'loses', message, place), ...behind];
  });
}

function gapProblems({ history }: Found): DirectoryProblem[] {
  return history.gaps.map(({ after, before, missing, path }) =>
    problem(
      'GAP',
      'loses',
      `lacks ${missing} transaction${missing === 1n ? '' : 's'} between ${hex64(after)} and ${hex64(before)}; a server goes on without a word`,
      { file: path },
    ),
  );
}

function epochProblems({
  currentEpoch,
  acceptedEpoch,
  currentEpochTmp,
  updatingEpoch,
  restored,
}: Found): DirectoryProblem[] {
  const bad = [currentEpoch, acceptedEpoch].flatMap((file) =>
    file === undefined ? [] : unusable(file, 'EPOCH_UNREADABLE'),
  );
  if (bad.length > 0 || currentEpoch?.value === undefined) return bad;
  const ofData = epochOf(restored.zxid < 0n ? 0n : restored.zxid);
  const current = currentEpoch.value;
  const place = { file: currentEpoch.path };
  if (ofData > current && !updatingEpoch && currentEpochTmp?.value === undefined) {
    return [
      problem('EPOCH_BEHIND_DATA', 'refuses', `is ${current}, but the last transaction is of epoch ${ofData}`, place),
    ];
  }
  if (ofData > current) {
    const what = updatingEpoch
      ? 'updatingEpoch is there: 3.4 sets it right, newer servers refuse to start'
      : `currentEpoch.tmp says ${currentEpochTmp?.value}: servers from 3.5.10, 3.6.3 and 3.7.1 on take that, older ones refuse to start`;
    return [
      problem('EPOCH_BEHIND_DATA', 'note', `is ${current}, the last transaction is of epoch ${ofData}; ${what}`, place),
    ];
  }
  if (acceptedEpoch?.value !== undefined && acceptedEpoch.value < current) {
    return [
      problem('EPOCH_NOT_ACCEPTED', 'refuses', `is ${acceptedEpoch.value}, less than the current epoch ${current}`, {
        file: acceptedEpoch.path,
      }),
    ];
  }
  return [];
}

function unusable(file: NumberFile, code: string): DirectoryProblem[] {
  if (file.value !== undefined) return [];
  const what =
    file.error === undefined
      ? `holds ${JSON.stringify(file.text?.slice(0, 40))}, no number`
      : `cannot be read: ${file.error}`;
  return [problem(code, 'refuses', what, { file: file.path })];
}

function smallProblems({ myid, initialize }: Found): DirectoryProblem[] {
  return [
    ...(myid === undefined
      ? [problem('MYID_MISSING', 'note', 'there is no myid: a member of an ensemble does not start without it')]
      : unusable(myid, 'MYID_UNREADABLE')),
    ...(initialize
      ? [problem('INITIALIZE', 'note', 'there is a file "initialize": an empty database would be believed')]
      : []),
  ];
}

/** Copies that somebody made beside the originals are originals to a server. */
function nameProblems({ snapshots, logs }: Found): DirectoryProblem[] {
  const odd = [
    ...logs.filter(({ name }) => name.split('.').length > 2),
    ...snapshots.filter(({ name }) => !/^snapshot\.[^.]+(\.gz|\.snappy)?$/.test(name)),
  ];
  return odd.map(({ name }) =>
    problem('ODD_NAME', 'note', `${name} is read by a server in spite of what follows its zxid`),
  );
}
