import { parseServerLine } from '../ensemble/server-line.ts';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import type { ChangeContext } from './context.ts';
import type { GateView, Verdict } from './gates/gate.ts';
import { GATES, type GateName } from './gates/gates.ts';
import { type ListsNow, underLists } from './membership/static/lists-of-plan.ts';
import type { ChangeLimits, Wanted } from './plan.ts';

/** What came of the gates of one phase. */
export type Verdicts = ReadonlyMap<GateName, Verdict>;

/** How gates are waited for; milliseconds. */
export interface Patience {
  limits: ChangeLimits;
  target: bigint | undefined;
  configVersion: bigint | undefined;
  /** What the step is to bring about, where gates must know. */
  wanted?: Wanted | undefined;
  /** Server lines of those that are looked at besides the members. */
  outsiders?: readonly string[] | undefined;
  /** Where members are given another list one by one. */
  lists?: ListsNow | undefined;
  /** How long they may take to open. */
  within: number;
  /** How long they must stay open without a break. */
  stable: number;
  /** Told each look, for a screen. */
  onLook?: ((verdicts: Verdicts, view: GateView) => void) | undefined;
}

const LOOK_EVERY = 400;

const HOPELESS = {
  conflict: { code: 'BAD_VERSION', exitCode: ExitCode.conflict },
  denied: { code: 'NO_AUTH', exitCode: ExitCode.refused },
  otherwise: { code: 'GATE_SHUT', exitCode: ExitCode.unhealthy },
} as const;

/** A gate that stays shut: nothing further is done. */
export class GateShut extends ZkshError {
  readonly verdicts: Verdicts;

  constructor(shut: readonly [GateName, Verdict][], verdicts: Verdicts) {
    const [first] = shut;
    super(`${shut.map(([name, { evidence }]) => `${name}: ${evidence}`).join('; ')}`, {
      ...HOPELESS[shut.find(([, { hopeless }]) => hopeless !== undefined)?.[1].hopeless ?? 'otherwise'],
      hint: first === undefined ? undefined : GATES[first[0]].reason,
    });
    this.verdicts = verdicts;
  }
}

/**
 * Waits until all gates are open and have stayed so. What can be judged is judged on one look at all members; what must be
 * tried is tried last, when everything else holds.
 *
 * @throws GateShut when they do not open in time
 */
export async function holdGates(
  names: readonly GateName[],
  context: ChangeContext,
  patience: Patience,
): Promise<Verdicts> {
  const { limits, target, configVersion, wanted, lists, within, stable, onLook } = patience;
  const outsiders = patience.outsiders?.map(parseServerLine) ?? [];
  const deadline = context.now() + within;
  let since: number | undefined;
  for (;;) {
    // What a look shows was so when it began, or came to be so meanwhile.
    const looked = context.now();
    const seen = await context.observe(outsiders);
    const status = lists === undefined ? seen : underLists(seen, lists, target);
    const view: GateView = { status, limits, target, configVersion, wanted, outsiders, lists };
    const verdicts = new Map<GateName, Verdict>();
    for (const name of names) {
      const gate = GATES[name];
      if ('judge' in gate) verdicts.set(name, gate.judge(view));
    }
    onLook?.(verdicts, view);
    refuseHopeless(verdicts);
    since = shutOf(verdicts).length > 0 ? undefined : (since ?? looked);
    if (since !== undefined && looked - since >= stable) {
      await attempt(names, view, context, verdicts);
      refuseHopeless(verdicts);
      const shut = shutOf(verdicts);
      if (shut.length === 0) return verdicts;
      if (context.now() >= deadline) throw new GateShut(shut, verdicts);
    } else if (since === undefined && context.now() >= deadline) {
      throw new GateShut(shutOf(verdicts), verdicts);
    }
    // The last look of the window is at its end, not a turn later.
    const left = since === undefined || looked >= since + stable ? LOOK_EVERY : since + stable - context.now();
    await context.sleep(Math.min(Math.max(left, 0), LOOK_EVERY));
  }
}

async function attempt(
  names: readonly GateName[],
  view: GateView,
  context: ChangeContext,
  verdicts: Map<GateName, Verdict>,
): Promise<void> {
  for (const name of names) {
    const gate = GATES[name];
    if ('attempt' in gate) verdicts.set(name, await gate.attempt(view, context));
  }
}

function refuseHopeless(verdicts: Verdicts): void {
  const shut = shutOf(verdicts);
  if (shut.some(([, { hopeless }]) => hopeless !== undefined)) throw new GateShut(shut, verdicts);
}

function shutOf(verdicts: Verdicts): [GateName, Verdict][] {
  return [...verdicts].filter(([, { pass }]) => !pass);
}
