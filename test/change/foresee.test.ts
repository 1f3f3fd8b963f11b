import { describe, expect, it } from 'vitest';
import type { ChangeContext } from '../../src/change/context.ts';
import { foresee, gatesKnown } from '../../src/change/foresee.ts';
import { BEFORE_RECONFIG, BEFORE_TAKING_AWAY, type GateName } from '../../src/change/gates/gates.ts';
import type { Step } from '../../src/change/plan.ts';
import { viewOf } from '../support/health-views.ts';
import { planWith, restartOf } from './made-up.ts';

const nobody = () => false;
const restart = (id: bigint) => restartOf(id, { before: BEFORE_TAKING_AWAY });
const reconfig = (member: bigint, ...before: GateName[]): Step =>
  restartOf(member, {
    id: `remove-${member}`,
    action: { do: 'reconfig', leaving: `${member}`, next: '' },
    before: [...BEFORE_RECONFIG, ...before],
  });
const told = (steps: readonly Step[], down = nobody as (member: bigint | undefined) => boolean) =>
  gatesKnown(steps, down).map(({ step, gate }) => `${step.id} ${gate}`);

describe('the gates that are known before a change begins', () => {
  it('are all of the first step, and of later ones those about their own member', () => {
    expect(told([restart(2n), restart(1n)])).toEqual([
      ...BEFORE_TAKING_AWAY.map((gate) => `restart-2 ${gate}`),
      'restart-1 others-serve',
      'restart-1 quorum-without-target',
      'restart-1 service-as-seen',
    ]);
  });

  it('are not those that an earlier step brings back', () => {
    expect(told([restart(2n), restart(1n)], (id) => id === 2n)).toEqual(
      BEFORE_TAKING_AWAY.map((gate) => `restart-2 ${gate}`),
    );
  });

  it('are not those about a membership that an earlier step changes, nor about a server that one starts', () => {
    const add = restartOf(4n, { id: 'add-4', before: ['member-serves', 'reconfig-permitted'] });
    expect(told([reconfig(3n, 'rest-is-quorum'), reconfig(2n, 'rest-is-quorum'), add])).toEqual(
      [...BEFORE_RECONFIG, 'rest-is-quorum'].map((gate) => `remove-3 ${gate}`),
    );
    expect(told([restartOf(4n, { before: [] }), add])).toEqual(['add-4 reconfig-permitted']);
  });

  it('are judged for the member of their step', async () => {
    // Without the second of two voters there is no quorum, whoever it is; the third observes.
    const { status } = viewOf([{ role: 'leader' }, { role: 'follower' }, { role: 'observer' }]);
    const context = { observe: async () => status } as unknown as ChangeContext;
    const plan = planWith([3n, 2n].map((id) => restartOf(id, { before: ['quorum-without-target'] })));
    const foreseen = await foresee(plan, context);
    expect(foreseen.map(({ step, verdict }) => [step.id, verdict.pass])).toEqual([
      ['restart-3', true],
      ['restart-2', false],
    ]);
  });

  it('are tried only when what is judged by looking holds', async () => {
    const { status } = viewOf([{ role: 'follower' }, { role: 'follower' }, { role: 'follower' }]);
    const context = { observe: async () => status } as unknown as ChangeContext;
    const plan = planWith([restartOf(3n, { before: ['one-leader', 'reconfig-permitted'] })]);
    expect((await foresee(plan, context)).map(({ gate }) => gate)).toEqual(['one-leader']);
  });
});
