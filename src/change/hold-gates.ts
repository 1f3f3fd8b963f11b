import { parseServerLine } from '../ensemble/server-line.ts';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import type { ChangeContext } from './context.ts';
import type { GateView, Verdict } from './gates/gate.ts';
import { GATES, type GateName } from './gates/gates.ts';
import { type ListsNow, underLists } from './membership/static/lists-of-plan.ts';
import type { ChangeLimits } from './plan.ts';

/** What came of the gates of one phase. */
export type Verdicts = ReadonlyMap<GateName, Verdict>;

/** How gates are waited for; milliseconds. */
export interface Patience {
  limits: ChangeLimits;
  target: bigint | undefined;
  configVersion: bigint | undefined;
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

/** A gate that stays shut: nothing further is done. */
export class GateShut extends ZkshError {
  readonly verdicts: Verdicts;

  constructor(shut: readonly [GateName, Verdict][], verdicts: Verdicts) {
    const [first] = shut;
    const conflict = shut.some((one) => one[1].conflict === true);
    super(`${shut.map(([name, { evidence }]) => `${name}: ${evidence}`).join('; ')}`, {
      code: conflict ? 'BAD_VERSION' : 'GATE_SHUT',
      exitCode: conflict ? ExitCode.conflict : ExitCode.unhealthy,
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
  const { limits, target, configVersion, lists, within, stable, onLook } = patience;
  const outsiders = patience.outsiders?.map(parseServerLine) ?? [];
  const deadline = context.now() + within;
  let since: number | undefined;
  for (;;) {
    const seen = await context.observe(outsiders);
    const status = lists === undefined ? seen : underLists(seen, lists, target);
    const view: GateView = { status, limits, target, configVersion, outsiders, lists };
    const verdicts = new Map<GateName, Verdict>();
    for (const name of names) {
      const gate = GATES[name];
      if ('judge' in gate) verdicts.set(name, gate.judge(view));
    }
    onLook?.(verdicts, view);
    if (shutOf(verdicts).some((one) => one[1].conflict === true)) throw new GateShut(shutOf(verdicts), verdicts);
    const now = context.now();
    since = shutOf(verdicts).length > 0 ? undefined : (since ?? now);
    if (since !== undefined && now - since >= stable) {
      await attempt(names, view, context, verdicts);
      const shut = shutOf(verdicts);
      if (shut.length === 0) return verdicts;
      if (context.now() >= deadline) throw new GateShut(shut, verdicts);
    } else if (since === undefined && now >= deadline) {
      throw new GateShut(shutOf(verdicts), verdicts);
    }
    await context.sleep(LOOK_EVERY);
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

function shutOf(verdicts: Verdicts): [GateName, Verdict][] {
  return [...verdicts].filter(([, { pass }]) => !pass);
}
