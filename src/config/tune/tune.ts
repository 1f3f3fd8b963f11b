import { open, stat } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';
import { ExitCode, UsageError, ZkshError } from '../../protocol/errors.ts';
import { liveMemberConfig } from '../live/member-config.ts';
import type { MemberConfig } from '../member.ts';
import { NEWEST } from '../parameters/release.ts';
import { printProperties } from '../properties-file.ts';
import type { Measured } from './measure.ts';
import { editedFile, unifiedDiff } from './patch.ts';
import { type Proposal, tuneInput } from './proposal.ts';
import { proposals } from './proposals.ts';

/** What a measurement proposes. @param given the file whose values are the present ones, and a heap nobody told */
export function propose(
  measured: Measured,
  given: { file: MemberConfig | undefined; heap: number | undefined },
): Proposal[] {
  const configs = measured.members.map(({ effective }) => liveMemberConfig(effective));
  return proposals(tuneInput(measured, { ...given, configs, release: configs[0]?.release ?? NEWEST }));
}

/** A file with the proposals in, as text of Latin-1, and the patch that makes it so. */
export function tunedFile({ file }: MemberConfig, proposed: readonly Proposal[]): { text: string; patch: string } {
  const edits = proposed.flatMap(({ parameter, proposed: value, place }) =>
    value === undefined || place !== 'zoo.cfg' ? [] : [{ key: parameter, value }],
  );
  const after = editedFile(file.pieces, edits);
  return { text: printProperties(after), patch: unifiedDiff(pathInPatch(file.path), file.pieces, after) };
}

/**
 * Writes a tuned file to another path, with the permissions of the file it came from.
 *
 * @throws UsageError `SAME_FILE`; ZkshError `FILE_EXISTS`, `CANNOT_WRITE`
 */
export async function writeTuned(from: string, to: string, text: string): Promise<void> {
  const source = await stat(from);
  const there = await stat(to).catch(() => undefined);
  if (there !== undefined && there.ino === source.ino && there.dev === source.dev) {
    throw new UsageError(`${to} is the file itself`, {
      code: 'SAME_FILE',
      hint: 'Write to another path, or apply the patch: zksh config tune FILE --patch | patch -p0.',
    });
  }
  try {
    const handle = await open(to, 'wx', source.mode & 0o777);
    await handle.writeFile(Buffer.from(text, 'latin1')).finally(() => handle.close());
  } catch (cause) {
    const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    const why = exists ? 'it is there already' : cause instanceof Error ? cause.message : String(cause);
    throw new ZkshError(`cannot write ${to}: ${why}`, {
      code: exists ? 'FILE_EXISTS' : 'CANNOT_WRITE',
      exitCode: exists ? ExitCode.conflict : ExitCode.failure,
      hint: exists ? 'Remove it, or choose another path.' : 'Choose a path that can be written.',
      cause,
    });
  }
}

/** GNU patch refuses absolute names and such as lead out of the directory: below it, the name from there. */
function pathInPatch(path: string): string {
  const here = relative(process.cwd(), path);
  return isAbsolute(path) && here !== '' && !here.startsWith('..') && !isAbsolute(here) ? here : path;
}
