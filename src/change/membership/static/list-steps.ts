import { type DynamicConfig, formatDynamicConfig } from '../../../ensemble/dynamic-config.ts';
import type { EnsembleStatus } from '../../../ensemble/ensemble-status.ts';
import { AFTER_LIST, BEFORE_LIST, type GateName } from '../../gates/gates.ts';
import type { Step } from '../../plan.ts';
import { withList } from './list-file.ts';
import type { ListFile } from './member-lists.ts';
import type { Draft } from './static-change.ts';

const RESTART_MS = 10_000;

/** After a server was stopped. */
export const AFTER_STOP: readonly GateName[] = ['one-leader', 'others-serve', 'lists-as-planned'];

/** What is said of a step, and where it stands in its plan. */
type Wording = Pick<Step, 'id' | 'title' | 'why' | 'phase'> & Pick<Partial<Step>, 'late'>;

/** A member gets another list, and is restarted with it; where it does not come back it has the old one again. */
export function giveList(member: bigint, file: ListFile, to: DynamicConfig, wording: Wording): Step {
  return giveText(member, file, withList(file.text, to, member), to, wording);
}

/** The same, with the text that its file becomes by it. */
export function giveText(member: bigint, file: ListFile, text: string, to: DynamicConfig, wording: Wording): Step {
  return {
    ...wording,
    ...changeOf(member, file, text, 'restart'),
    before: BEFORE_LIST,
    after: AFTER_LIST,
    rollBack: true,
    gives: { list: formatDynamicConfig(to) },
    expected: RESTART_MS,
  };
}

/** A member gets another list and stays down for a while. */
export function giveListAndStop(member: bigint, file: ListFile, to: DynamicConfig, wording: Wording): Step {
  return {
    ...wording,
    ...changeOf(member, file, withList(file.text, to, member), 'stop'),
    before: BEFORE_LIST,
    after: AFTER_STOP,
    gives: { list: formatDynamicConfig(to), away: true },
    expected: RESTART_MS,
  };
}

export function startAgain(member: bigint, list: DynamicConfig, wording: Wording): Step {
  return {
    ...wording,
    member,
    action: { do: 'start', member },
    before: BEFORE_LIST,
    after: AFTER_LIST,
    undo: [{ do: 'stop', member }],
    gives: { list: formatDynamicConfig(list) },
    expected: RESTART_MS,
  };
}

function changeOf(
  member: bigint,
  { path, text, mode }: ListFile,
  wanted: string,
  deed: 'restart' | 'stop',
): Pick<Step, 'member' | 'action' | 'undo'> {
  return {
    member,
    action: { do: 'apply-list', member, file: { path, text: wanted, mode }, was: text, deed },
    undo: [{ do: 'apply-list', member, file: { path, text, mode }, was: wanted, deed: 'restart' }],
  };
}

const WHY: Readonly<Record<string, string>> = {
  observer: 'an observer: no vote is missed meanwhile',
  leader: 'the leader: last, since its stop is an election',
};

/** Every member of the draft but these gets the list, one after the other, the leader last. */
export function rollList(
  draft: Draft,
  to: DynamicConfig,
  { mark, but, status }: { mark: string; but: readonly bigint[]; status: EnsembleStatus },
): Draft {
  const ids = [...draft.files.keys()].filter(
    (id) => !but.includes(id) && draft.config.servers.some((one) => one.id === id),
  );
  const steps = ids.map((id) => {
    const role = status.members.find((member) => member.id === id)?.role ?? '';
    return giveList(id, fileOf(draft, id), to, {
      id: `${mark}-list-${id}`,
      title: `give member ${id} the new list`,
      why: WHY[role] ?? 'a follower: the quorum goes on without it',
      phase: draft.phase,
    });
  });
  const files = new Map(draft.files);
  for (const id of ids) files.set(id, listed(fileOf(draft, id), to, id));
  return { steps: [...draft.steps, ...steps], config: to, files, phase: draft.phase + 1 };
}

export function fileOf({ files }: Pick<Draft, 'files'>, id: bigint): ListFile {
  const file = files.get(id);
  if (file === undefined) throw new Error(`the file of member ${id} was not read`);
  return file;
}

/** The file as it is with that list. */
export function listed(file: ListFile, to: DynamicConfig, own: bigint): ListFile {
  return { ...file, text: withList(file.text, to, own) };
}
