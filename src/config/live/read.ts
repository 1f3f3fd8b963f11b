import type { DynamicConfig } from '../../ensemble/dynamic-config.ts';
import { observeEnsemble, type Wanted } from '../../ensemble/observe.ts';
import type { Asking, MemberObservation } from '../../ensemble/observe-member.ts';
import { chosenMembers, hostOf } from '../../ensemble/observed-member.ts';
import { ExitCode, ZkshError } from '../../protocol/errors.ts';
import { type EffectiveConfig, effectiveConfig } from './effective.ts';

/** A member that did not answer. */
export interface SilentMember {
  readonly id: bigint | undefined;
  readonly host: string;
  readonly reason: string;
}

/** The configurations of the members of one ensemble, as far as they tell them. */
export interface LiveConfigs {
  readonly members: readonly EffectiveConfig[];
  readonly silent: readonly SilentMember[];
  readonly committed: DynamicConfig | undefined;
}

/**
 * Asks the members for their configuration: those named by id or `host:port`, or all.
 *
 * @param asking with `CONFIG_WISHES` among its wishes
 * @throws ZkshError `NO_MEMBER` for a name that is none, `CONNECTION_FAILED` when nobody answers
 */
export async function readLiveConfigs(
  wanted: Wanted,
  asking: Asking,
  named: readonly string[] = [],
): Promise<LiveConfigs> {
  const { members: all, config } = await observeEnsemble(wanted, asking);
  const members = chosenMembers(all, named);
  const silent = members
    .filter(isSilent)
    .map((one) => ({ id: one.member.id, host: hostOf(one), reason: reasonFor(one) }));
  if (silent.length === members.length) {
    const [first] = silent;
    throw new ZkshError(
      `no member tells its configuration: ${first?.host ?? ''} is unreachable: ${first?.reason ?? ''}`,
      {
        code: 'CONNECTION_FAILED',
        exitCode: ExitCode.connection,
        hint: 'Check that the servers run and listen there, or allow more with --wait.',
      },
    );
  }
  const answered = members.filter((one) => !isSilent(one));
  return { members: answered.map((one) => effectiveConfig(one, config)), silent, committed: config };
}

/** Of two or more that were to be compared, one at most answered. */
export function tooFewAnswer(silent: readonly SilentMember[]): ZkshError {
  const told = silent.map(({ id, host, reason }) => `${id ?? host} is unreachable: ${reason}`).join('; ');
  return new ZkshError(`one member alone tells its configuration, and there is nothing to compare it with: ${told}`, {
    code: 'CONNECTION_FAILED',
    exitCode: ExitCode.connection,
    hint: 'Check that the servers run and listen there, allow more with --wait, or name the zoo.cfg of the one that answers.',
  });
}

function isSilent({ address, facts, adminUrl }: MemberObservation): boolean {
  return address === undefined && facts.role === undefined && adminUrl === undefined;
}

function reasonFor({ missing }: MemberObservation): string {
  return missing[0]?.reason ?? 'it has no client address';
}
