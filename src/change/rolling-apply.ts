import { type MemberConfig, readConfigFile, settingOf } from '../config/member.ts';
import { findParameter } from '../config/parameters/table.ts';
import {
  type ConfigChange,
  changedConfig,
  differences,
  keptKeys,
  sameConfig,
} from '../config/roll-out/config-change.ts';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import type { ActionOf } from './actions/action.ts';
import type { ConfigOnHost } from './member-config.ts';
import type { Plan, Step } from './plan.ts';
import { planRolling, type RollingRestart } from './rolling-restart.ts';

/** What the roll-out of a configuration is worked out from. */
export interface RollingApply extends RollingRestart {
  change: ConfigChange;
  /** The files as they are, by id of their members. */
  configs: ReadonlyMap<bigint, ConfigOnHost>;
  /** The member that tries it first; a follower when undefined. */
  first: bigint | undefined;
}

/** The configuration of a member as it would become, for the rules. */
export function configAfter({ config }: ConfigOnHost, change: ConfigChange): MemberConfig {
  const file = readConfigFile(config.file.path, changedConfig(config.file, change));
  const moved = settingOf({ file }, 'dataDir')?.value !== settingOf(config, 'dataDir')?.value;
  // What lies in another data directory was not looked at.
  return { ...config, file, ...(moved ? { myid: undefined } : {}) };
}

/**
 * Works out how a configuration reaches the members: one tries it first, then the others, the leader last. Members that
 * have it already are left out.
 *
 * @throws ZkshError as `planRollingRestart` does, `NO_MEMBER`, `PATCH_CONFLICT`
 */
export function planRollingApply(input: RollingApply): Plan {
  const { change, configs, status, only } = input;
  const pending = [...configs].filter(
    ([id, { text, config }]) =>
      (only.length === 0 || only.includes(id)) && !sameConfig(text, changedConfig(config.file, change)),
  );
  const ids = pending.map(([id]) => id);
  const first =
    input.first ??
    status.members.find(({ id, role }) => role === 'follower' && id !== undefined && ids.includes(id))?.id;
  if (input.first !== undefined && !ids.includes(input.first)) throw notPending(input.first, ids);
  const edit = (step: Step): Step | undefined => {
    const found = pending.find(([id]) => id === step.member);
    return found && applyStep(step, found, change, found[0] === first);
  };
  return planRolling(input, 'rolling apply', edit, notesOf(pending, change));
}

function applyStep(step: Step, [member, now]: [bigint, ConfigOnHost], change: ConfigChange, first: boolean): Step {
  const { path, text, mode, config } = now;
  const wanted = changedConfig(config.file, change);
  const apply = (from: string, to: string): ActionOf<'apply-config'> => ({
    do: 'apply-config',
    member,
    file: { path, text: to, mode },
    was: from,
  });
  return {
    ...step,
    id: `apply-${member}`,
    title: `apply the configuration to member ${member}`,
    why: first ? `it tries it first; ${step.why}` : step.why,
    action: apply(text, wanted),
    undo: [apply(wanted, text)],
    mend: undefined,
    rollBack: true,
    first,
  };
}

/** What changes where, and what a person should know of it. */
function notesOf(pending: readonly [bigint, ConfigOnHost][], change: ConfigChange): string[] {
  const changes = new Map<string, bigint[]>();
  const touched = new Set<string>();
  for (const [id, now] of pending) {
    const differing = differences(now.config.file, configAfter(now, change).file);
    for (const { key } of differing) touched.add(key);
    const text = differing.map(({ text: one }) => one).join(', ');
    changes.set(text, [...(changes.get(text) ?? []), id]);
  }
  const must = [...touched].filter((key) => findParameter(key)?.agree === 'must');
  const kept = keptKeys(change);
  return [
    ...[...changes].map(([text, ids]) => `On ${ids.map((id) => `member ${id}`).join(', ')}: ${text}.`),
    ...(kept.length === 0 ? [] : [`Each member keeps its own ${kept.join(', ')}.`]),
    ...(must.length === 0 ? [] : [`Members have to agree on ${must.join(', ')}, and do not while this is made.`]),
  ];
}

function notPending(id: bigint, ids: readonly bigint[]): ZkshError {
  return new ZkshError(`member ${id} cannot try it first: nothing changes there`, {
    code: 'NO_MEMBER',
    exitCode: ExitCode.notFound,
    hint: ids.length === 0 ? 'No member changes.' : `Members that change: ${ids.join(', ')}.`,
  });
}
