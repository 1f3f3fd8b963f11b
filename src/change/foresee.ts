import { parseServerLine } from '../ensemble/server-line.ts';
import type { ChangeContext } from './context.ts';
import type { GateView, Verdict } from './gates/gate.ts';
import { GATES, type GateName } from './gates/gates.ts';
import { listsAround, underLists } from './membership/static/lists-of-plan.ts';
import type { Plan, Step } from './plan.ts';
import { SERVING } from './serving.ts';

/** What a gate before a step says while nothing is done yet. */
export interface Foreseen {
  step: Step;
  gate: GateName;
  verdict: Verdict;
}

/** A gate before a later step of which it is known now what it will say. */
interface Foreseeable {
  /** It says something else of each member; the others are asked once for the whole change. */
  ofMember?: true;
  /** What an earlier step may do to its answer: change who the members are, or bring back one that does not serve. */
  changedBy: readonly ('reconfig' | 'recovery')[];
}

/**
 * The others are about what an earlier step makes: a server that was started, a membership that was left. What is told here
 * for a later step holds because the gates after each step bring back what held before it.
 */
const FORESEEABLE: Partial<Record<GateName, Foreseeable>> = {
  'one-leader': { changedBy: ['recovery'] },
  'all-synced': { changedBy: ['recovery'] },
  'config-settled': { changedBy: ['recovery'] },
  'others-serve': { ofMember: true, changedBy: ['reconfig', 'recovery'] },
  'quorum-without-target': { ofMember: true, changedBy: ['reconfig', 'recovery'] },
  'rest-is-quorum': { ofMember: true, changedBy: ['reconfig', 'recovery'] },
  'service-as-seen': { ofMember: true, changedBy: ['recovery'] },
  'reconfig-permitted': { changedBy: [] },
  'reconfig-enabled': { changedBy: [] },
};

/** Judges before a change begins every gate that can be judged by then: all before the first step, and of later ones some. */
export async function foresee(plan: Plan, context: ChangeContext): Promise<Foreseen[]> {
  const { limits, configVersion } = plan;
  const outsiders = plan.outsiders?.map(parseServerLine) ?? [];
  const status = await context.observe(outsiders);
  const down = (id: bigint | undefined): boolean =>
    status.members.some((one) => one.id === id && !SERVING.includes(one.role));
  // By lists every step has lists of its own: it was rehearsed when the plan was made.
  const steps = plan.lists === undefined ? plan.steps : plan.steps.slice(0, 1);
  const judged = gatesKnown(steps, down).map((known) => {
    const { member: target, wanted } = known.step;
    const lists = listsAround(plan, [], known.step, 'before');
    const seen = lists === undefined ? status : underLists(status, lists, target);
    const view: GateView = { status: seen, limits, target, configVersion, wanted, outsiders, lists };
    const gate = GATES[known.gate];
    return { ...known, view, verdict: 'judge' in gate ? gate.judge(view) : undefined };
  });
  // What must be tried is tried when everything else holds.
  const holds = judged.every(({ verdict }) => verdict?.pass !== false);
  const foreseen: Foreseen[] = [];
  for (const { step, gate: name, view, verdict } of judged) {
    const gate = GATES[name];
    if (verdict !== undefined) foreseen.push({ step, gate: name, verdict });
    else if (holds && 'attempt' in gate)
      foreseen.push({ step, gate: name, verdict: await gate.attempt(view, context) });
  }
  return foreseen;
}

/** The gates that can be judged before the first step is made, each with its step. Pure, so that it is tested as data. */
export function gatesKnown(
  steps: readonly Step[],
  down: (member: bigint | undefined) => boolean,
): { step: Step; gate: GateName }[] {
  const seen = new Set<string>();
  return steps.flatMap((step, i) => {
    const earlier = steps.slice(0, i);
    const done: Record<Foreseeable['changedBy'][number], boolean> = {
      reconfig: earlier.some(({ action }) => action.do === 'reconfig'),
      recovery: earlier.some(({ member }) => down(member)),
    };
    return step.before.flatMap((gate) => {
      const known = FORESEEABLE[gate];
      const key = known?.ofMember === true ? `${gate} ${step.member}` : gate;
      const changed = i > 0 && (known === undefined || known.changedBy.some((what) => done[what]));
      if (changed || seen.has(key)) return [];
      seen.add(key);
      return [{ step, gate }];
    });
  });
}
