import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { type ChangeState, stateOf } from '../../src/change/change-state.ts';
import { readChange, readChanges } from '../../src/change/journal.ts';
import { ZkshCommand } from '../../src/cli/base-command.ts';
import { isAlive, journalDirectory, whoIsHere } from '../../src/cli/change-command.ts';
import type { Role } from '../../src/output/theme.ts';
import type { View } from '../../src/output/view.ts';

const ROLES: Readonly<Record<ChangeState['state'], Role>> = {
  running: 'warn',
  stopped: 'bad',
  done: 'good',
  aborted: 'dim',
};

export default class RollingStatus extends ZkshCommand<readonly ChangeState[], typeof RollingStatus> {
  static override summary = 'show the changes that were made from here, and how far each has come';
  static override description =
    `Reads the journals. One that is "killed" ends in the middle, and its zksh is gone: it is resumed or aborted. One
that is "running" and was begun on another machine, or by another user, may be so, too.

JSON: a list of {id, kind, ensemble, state, done, steps, current, undoing, aborting, reason, begun, last}; state is running,
killed, stopped, done or aborted, done and steps are numbers, current the step that was begun, undoing why it is being taken back, and
aborting whether somebody began to end the change.`;
  static override examples = [
    '<%= config.bin %> rolling status',
    '<%= config.bin %> rolling status 20261130-082143-rolling-restart-zipq',
  ];
  static override args = { id: Args.string({ description: 'id of a change; all of them if not given' }) };
  static override flags = {
    'journal-dir': Flags.string({
      env: 'ZKSH_JOURNAL_DIR',
      helpValue: '<directory>',
      description: 'where the journals are',
    }),
  };

  protected readonly view: View<readonly ChangeState[]> = {
    columns: [
      { header: 'id', value: ({ plan }) => plan.id, role: () => 'name' },
      { header: 'ensemble', value: ({ plan }) => plan.ensemble },
      { header: 'state', value: told, role: ({ state }) => ROLES[state] },
      { header: 'done', value: ({ done, plan }) => `${done.length} of ${plan.steps.length}` },
      { header: 'at', value: whereIs },
      { header: 'last', value: ({ last }) => last, kind: 'time' },
      // The log of a server may follow: JSON has it whole.
      { header: 'reason', value: ({ reason }) => reason?.split('\n')[0] },
    ],
    json: (states) =>
      states
        .map((one) => ({ ...one, told: told(one) }))
        .map(({ plan, told: state, done, current, undoing, aborting, reason, begun, last }) => ({
          id: plan.id,
          kind: plan.kind,
          ensemble: plan.ensemble,
          state,
          done: done.length,
          steps: plan.steps.length,
          current: current?.id,
          undoing,
          aborting,
          reason,
          begun: new Date(begun),
          last: new Date(last),
        })),
    empty: 'No change was made from here.',
  };

  protected async execute(): Promise<readonly ChangeState[]> {
    const directory = journalDirectory(this.flags['journal-dir'], this.io.env);
    const { id } = this.args;
    const read = id === undefined ? await readChanges(directory) : [await readChange(directory, id)];
    return read.map(stateOf);
  }
}

/** A journal that ends in the middle is of a zksh that is at it, or was killed: which, its process here tells. */
function told({ state, by }: ChangeState): ChangeState['state'] | 'killed' {
  return state === 'running' && by !== undefined && by.who === whoIsHere() && !isAlive(by.pid) ? 'killed' : state;
}

function whereIs({ current, undoing, aborting, state }: ChangeState): string | undefined {
  const ending = aborting && state !== 'aborted' ? 'its abort was begun' : undefined;
  const step = current && (undoing === undefined ? current.title : `${current.title}, being taken back`);
  return [step, ending].filter((one) => one !== undefined).join('; ') || undefined;
}
