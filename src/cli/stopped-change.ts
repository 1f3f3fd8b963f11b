import { type ChangeState, stateOf } from '../change/change-state.ts';
import { readChange, readChanges } from '../change/journal.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { ExitCode, UsageError, ZkshError } from '../protocol/errors.ts';

/**
 * The change that is meant: by its id, or the only one of the ensemble that has not ended.
 *
 * @throws ZkshError `NO_CHANGE`, `BAD_JOURNAL`, `CHANGE_ENDED`, `OTHER_ENSEMBLE`; UsageError where there are several
 */
export async function stoppedChange(
  directory: string,
  id: string | undefined,
  { name }: Inventory,
): Promise<ChangeState> {
  const read = id === undefined ? await readChanges(directory) : [await readChange(directory, id)];
  const states = read.map(stateOf);
  const open = states.filter(
    ({ state, plan }) => (state === 'stopped' || state === 'running') && (id !== undefined || plan.ensemble === name),
  );
  const [only, ...others] = open;
  if (others.length > 0) {
    throw new UsageError('there are several changes that have not ended', {
      hint: `Name one: ${open.map(({ plan }) => plan.id).join(', ')}`,
    });
  }
  if (only === undefined) {
    throw new ZkshError(
      id === undefined ? `there is no change of ${name} that has not ended` : `the change ${id} has ended`,
      {
        code: 'CHANGE_ENDED',
        exitCode: ExitCode.notFound,
        hint: 'zksh rolling status lists the changes there are.',
      },
    );
  }
  if (only.plan.ensemble === name) return only;
  throw new ZkshError(`the change ${only.plan.id} is of the ensemble ${only.plan.ensemble}, not of ${name}`, {
    code: 'OTHER_ENSEMBLE',
    exitCode: ExitCode.conflict,
    hint: 'Choose that ensemble with -C or --ensemble.',
  });
}

/** What a person should know before it is gone on with or ended, one line each. */
export function howFar({ plan, done, current, remaining, undoing, reason }: ChangeState): string[] {
  return [
    `${done.length} of ${plan.steps.length} steps are done`,
    ...(current === undefined ? [] : [`${undoing === undefined ? 'begun' : 'being taken back'}: ${current.title}`]),
    ...remaining.map(({ title }) => `to come: ${title}`),
    ...(reason === undefined ? [] : [`it stopped because ${reason}`]),
  ];
}
