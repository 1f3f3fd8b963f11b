import type { ChangeReport } from '../change/apply.ts';
import type { CanaryReport } from '../change/canary/canary.ts';
import type { Foreseen } from '../change/foresee.ts';
import { GATES } from '../change/gates/gates.ts';
import { expectedDuration, type Plan, type Step } from '../change/plan.ts';
import type { Style } from '../output/style.ts';
import { layTable } from '../output/table.ts';
import { shortDuration } from '../output/times.ts';
import type { Column, View } from '../output/view.ts';
import { wrap } from '../output/wrap.ts';

/** A plan with the gates as they are, or a change that was made. */
export type ChangeResult =
  | { kind: 'plan'; plan: Plan; gates: readonly Foreseen[] }
  /** `moved`: between whom leadership went, where that is what it was made for. */
  | { kind: 'made'; plan: Plan; report: ChangeReport; moved?: Moved | undefined };

interface Moved {
  from: bigint | undefined;
  /** Undefined while no one member leads. */
  to: bigint | undefined;
}

/** The JSON of every such command, for its help. */
export const CHANGE_JSON = `JSON: {id, kind, ensemble, made, order, configVersion, voters, tolerance: {now, least, after}, steps, expected, risks,
limits}, with --dry-run, or when there is nothing to do, and gates: [{step, gate, pass, evidence, reason}], else and {done, took,
journal, canary}; a step is {id, title, why, member, before, after, expected, tolerance: {during, after}}, canary {before,
during, after, sessions, lost, wrong, problem}, each of its spans {writes, failed, unavailable, longest, worst, latency: {p50,
p99, max}}. tolerance is how many more voters may fail. Times are milliseconds.`;

type Row = Step & { number: number };

const STEPS: readonly Column<Row>[] = [
  { header: 'step', value: ({ number }) => number, kind: 'number' },
  { header: 'what', value: ({ title }) => title, role: () => 'name' },
  { header: 'why there', value: ({ why }) => why },
  { header: 'gates', value: ({ before, after }) => `${before.length} + ${after.length}` },
  { header: 'may fail', value: mayFail },
  { header: 'about', value: ({ expected }) => expected, kind: 'duration' },
];

/** How a plan looks, and what came of it. */
export const changeView: View<ChangeResult, Row> = {
  text: (result, style) => (result.kind === 'plan' ? planScreen(result, style) : madeScreen(result, style)).join('\n'),
  columns: STEPS,
  rows: ({ plan }) => rowsOf(plan),
  json: (result) =>
    result.kind === 'plan'
      ? { ...planJson(result.plan), gates: gatesJson(result.gates) }
      : { ...planJson(result.plan), ...reportJson(result.report), moved: result.moved },
};

/** The plan as it is shown before the question. */
export function planLines(plan: Plan): string[] {
  return [
    ...plan.steps.map(({ title, why }, i) => `${i + 1}. ${title}: ${why}`),
    `${bears(plan.tolerance)}; about ${shortDuration(expectedDuration(plan))}`,
    ...plan.risks,
  ];
}

function planScreen({ plan, gates }: Extract<ChangeResult, { kind: 'plan' }>, style: Style): string[] {
  const { tolerance } = plan;
  if (plan.steps.length === 0)
    return [
      `nothing to do: the ${plan.kind} of ${style.name(plan.ensemble)} changes no member`,
      ...plan.risks.flatMap((risk) => wrap(style.name(risk), style.width)),
    ];
  return [
    `${style.paint('title', `${plan.kind} of ${style.name(plan.ensemble)}`)}, ${stepsOf(plan.steps.length)}, about ${shortDuration(expectedDuration(plan))}`,
    '',
    ...layTable(STEPS as Column<never>[], rowsOf(plan), style),
    '',
    bears(tolerance),
    ...plan.risks.flatMap((risk) => wrap(style.name(risk), style.width)),
    '',
    'The gates that can be judged before it begins, now:',
    ...plan.steps.flatMap((step, i) => {
      const own = gates.filter((one) => one.step === step);
      return own.length === 0 ? [] : [`before step ${i + 1}, ${step.title}:`, ...gateLines(own, style)];
    }),
  ];
}

function gateLines(gates: readonly Foreseen[], style: Style): string[] {
  return gates.flatMap(({ gate, verdict: { pass, evidence } }) => [
    `  ${pass ? style.paint('good', 'open') : style.paint('bad', 'shut')}  ${gate}: ${style.name(evidence)}`,
    ...(pass ? [] : [style.paint('dim', `        ${GATES[gate].reason}`)]),
  ]);
}

function madeScreen({ plan, report, moved }: Extract<ChangeResult, { kind: 'made' }>, style: Style): string[] {
  const { state, canary, took, journal } = report;
  return [
    `${style.paint('good', 'done')} ${plan.kind} of ${style.name(plan.ensemble)}: ${stepsOf(state.done.length)} in ${shortDuration(took)}`,
    ...(moved === undefined ? [] : [movedLine(moved, canary, style)]),
    ...(canary === undefined ? [] : canaryLines(canary, style)),
    style.paint('dim', `journal ${style.name(journal)}`),
  ];
}

/** The gap is what a hand-over costs, so it stands with what it brought. */
function movedLine({ from, to }: Moved, canary: CanaryReport | undefined, style: Style): string {
  const gap =
    canary === undefined ? 'the gap was not measured' : `nobody could write for ${canary.during.unavailable} ms`;
  return style.paint('title', `leadership went from member ${from} to member ${to ?? '?'}; ${gap}`);
}

function canaryLines({ before, during, after, sessions, lost, wrong, problem }: CanaryReport, style: Style): string[] {
  const latencies = [before, during, after].map(({ latency }) =>
    latency === undefined ? '-' : `${latency.p50}/${latency.p99}`,
  );
  const unwell = lost > 0 || wrong.length > 0;
  return [
    `clients: writes impossible for ${shortDuration(during.unavailable)} in all, ${shortDuration(during.longest)} at a time; the session that fared worst: ${shortDuration(during.worst)} in all`,
    style.paint(unwell ? 'bad' : 'good', `  ${sessions} sessions, ${lost} lost, ${wrong.length} wrong answers`),
    `  ms p50/p99 before, during, after: ${latencies.join(', ')}`,
    ...wrong.slice(0, 5).map((one) => style.paint('bad', `  ${style.name(one)}`)),
    ...(problem === undefined ? [] : [style.paint('warn', `  a part was not watched: ${style.name(problem)}`)]),
  ];
}

/** How many more voters may fail. */
function borne(tolerance: number): string {
  return tolerance < 0 ? 'no quorum' : `${tolerance}`;
}

function bears({ now, least, after }: Plan['tolerance']): string {
  if (now < 0) return 'There is no quorum now';
  const while_ = least < 0 ? 'there is no quorum while it is made' : `${least} while it is made`;
  return `${now} more may fail now, ${while_}, ${after < 0 ? 'none' : after} after it`;
}

/** How many more voters, while the step is made and after it. */
function mayFail({ tolerance }: Row): string | undefined {
  if (tolerance === undefined) return undefined;
  const { during, after } = tolerance;
  return during === after ? borne(after) : `${borne(during)}, then ${borne(after)}`;
}

function stepsOf(count: number): string {
  return count === 1 ? '1 step' : `${count} steps`;
}

function rowsOf({ steps }: Plan): Row[] {
  return steps.map((step, i) => ({ ...step, number: i + 1 }));
}

function planJson(plan: Plan): object {
  const { id, kind, ensemble, made, order, configVersion, voters, tolerance, steps, risks, limits } = plan;
  return {
    id,
    kind,
    ensemble,
    made: new Date(made),
    order,
    configVersion,
    voters,
    tolerance,
    steps: steps.map(({ id: step, title, why, member, before, after, expected, tolerance: borne }) => ({
      id: step,
      title,
      why,
      member,
      before,
      after,
      expected,
      tolerance: borne,
    })),
    expected: expectedDuration(plan),
    risks,
    limits,
  };
}

export function gatesJson(gates: readonly Foreseen[]): object[] {
  return gates.map(({ step, gate, verdict: { pass, evidence } }) => {
    return { step: step.id, gate, pass, evidence, reason: GATES[gate].reason };
  });
}

function reportJson({ state, took, journal, canary }: ChangeReport): object {
  return { done: state.done.map(({ id }) => id), took, journal, canary };
}
