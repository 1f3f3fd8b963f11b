import { ExitCode, UsageError, ZkshError } from '../../protocol/errors.ts';
import {
  type Candidate,
  candidatesOf,
  contradictionsOf,
  type InForce,
  inForce,
  type Loss,
  lossOf,
  ranked,
} from './candidates.ts';
import { growSteps } from './grow-steps.ts';
import { type NewMembership, newMembership } from './new-membership.ts';
import { recoverSteps } from './recover-steps.ts';
import { inPhase, type RecoveryStep } from './steps.ts';
import type { Survivor } from './survivor.ts';

/** What is left of an ensemble, and how it serves again. */
export interface RecoveryPlan {
  readonly survivors: readonly Candidate[];
  readonly known: InForce;
  /** Servers of 3.4, which have no /zookeeper/config. */
  readonly old: boolean;
  readonly loss: Loss;
  /** The one that has the most; undefined when none can be started. */
  readonly best: Candidate | undefined;
  /** Undefined when nothing has to be recovered, or nothing can. */
  readonly membership: NewMembership | undefined;
  readonly steps: readonly RecoveryStep[];
  readonly contradictions: readonly string[];
}

/**
 * Plans how an ensemble whose quorum is lost for good serves again. Pure: it is told what is left.
 *
 * @param old whether the servers are of 3.4; told by the data when not given
 * @throws UsageError, ZkshError `NO_MEMBERSHIP` when no survivor knows who the members were
 */
export function planRecovery(survivors: readonly Survivor[], old?: boolean): RecoveryPlan {
  const twice = survivors.find(({ id }, index) => survivors.findIndex((one) => one.id === id) !== index);
  if (twice !== undefined) throw new UsageError(`member ${twice.id} is named twice`);
  const known = inForce(survivors);
  if (known === undefined) {
    throw new ZkshError('no survivor knows who the members of the ensemble were', {
      code: 'NO_MEMBERSHIP',
      exitCode: ExitCode.usage,
      hint: 'Servers of 3.4 keep that in zoo.cfg alone: name it behind the id, as in 1=/var/lib/zookeeper,/etc/zookeeper/conf/zoo.cfg.',
    });
  }
  const isOld =
    old ?? survivors.every(({ committed, config }) => committed === undefined && config?.dynamic === undefined);
  const candidates = candidatesOf(survivors, known.config, isOld);
  const able = ranked(candidates);
  const loss = lossOf(known, able);
  const plan = {
    ...{ survivors: candidates, known, old: isOld, loss, best: able[0] },
    contradictions: contradictionsOf(able),
  };
  if (able.length === 0 || loss.quorum) return { ...plan, membership: undefined, steps: [] };
  const membership = newMembership(able, known, isOld);
  const steps = [
    ...inPhase('recover', recoverSteps(candidates, membership)),
    ...inPhase('grow', growSteps(known.config.servers, candidates, membership)),
  ];
  return { ...plan, membership, steps };
}
