import { parseServerLine } from '../ensemble/server-line.ts';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { performAll } from './actions/doings.ts';
import type { ChangeState } from './change-state.ts';
import type { ChangeContext } from './context.ts';
import { holdGates } from './hold-gates.ts';
import type { Journal } from './journal.ts';
import { listsBack } from './membership/static/lists-of-plan.ts';
import type { Step } from './plan.ts';
import { SERVING } from './serving.ts';
import { seenOf } from './turns.ts';

/** Takes a step back that failed. Returns what to stop with. */
export async function rollBack(
  step: Step,
  { plan, done, configVersion }: ChangeState,
  journal: Journal,
  context: ChangeContext,
  { message, cause }: { message: string; cause?: unknown },
): Promise<ZkshError> {
  const { limits, outsiders } = plan;
  const patience = { limits, target: step.member, configVersion, outsiders };
  try {
    // One that serves is a vote, which is taken away once more: others may have failed meanwhile.
    const { members } = await context.observe(outsiders?.map(parseServerLine));
    if (SERVING.includes(seenOf(members, step.member)?.role ?? ''))
      await holdGates(step.before, context, {
        ...patience,
        lists: listsBack(plan, done, step, 'before'),
        within: limits.settle,
        stable: 0,
      });
    const evidence = (await performAll(step.undo, context)).join('; ');
    const lists = listsBack(plan, done, step, 'after');
    const held = { ...patience, wanted: step.was, lists, within: limits.recover, stable: limits.stability };
    await holdGates(step.after, context, held);
    await journal.write({ type: 'undone', step: step.id, evidence });
    return new ZkshError(`${step.title} failed and was taken back, all is as before it; what failed: ${message}`, {
      code: 'ROLLED_BACK',
      exitCode: ExitCode.unhealthy,
      cause,
    });
  } catch (further) {
    return new ZkshError(
      `${step.title} failed, and taking it back failed too (${messageOf(further)}); what failed: ${message}`,
      { code: 'ROLLBACK_FAILED', exitCode: ExitCode.unhealthy, cause },
    );
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
