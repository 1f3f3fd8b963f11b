import { settingOf } from '../../config/member.ts';
import { compareReleases, NEWEST, parseRelease, type Release } from '../../config/parameters/release.ts';
import type { EnsembleStatus, MemberStatus } from '../../ensemble/ensemble-status.ts';
import { fillTemplate } from '../../hosts/template.ts';
import { ExitCode, UsageError, ZkshError } from '../../protocol/errors.ts';
import type { ActionOf } from '../actions/action.ts';
import { AFTER_COMING_BACK } from '../gates/gates.ts';
import type { Plan, Step } from '../plan.ts';
import { planRolling, type RollingRestart } from '../rolling-restart.ts';
import type { UpgradeMachine } from './machine.ts';
import { rulesFor, type VersionStep } from './version-rules.ts';

/** The words in braces of the commands. */
export const UPGRADE_PLACEHOLDERS = ['id', 'host', 'version'] as const;

/** What an upgrade is worked out from. */
export interface RollingUpgrade extends RollingRestart {
  /** The release that all shall run. */
  to: string;
  /** What brings a release to a machine, and what brings the old one back. */
  command: string;
  undo: string | undefined;
  /** The member that tries it first; a follower when undefined. */
  first: bigint | undefined;
  /** Names of the machines for the commands, and what was seen on each. */
  machines: ReadonlyMap<bigint, UpgradeMachine & { host: string }>;
}

/** What it is taken to last; milliseconds. */
const UPGRADE_MS = 30_000;

/** A release as it is named whole. @throws UsageError `BAD_RELEASE` */
export function wholeRelease(text: string): Release {
  const release = /^\d+\.\d+\.\d+$/.test(text) ? parseRelease(text) : undefined;
  if (release !== undefined) return release;
  throw new UsageError(`${JSON.stringify(text)} is no release`, {
    code: 'BAD_RELEASE',
    hint: 'Give it whole, for example 3.9.5: that is what a member must say it runs.',
  });
}

/**
 * Works out how all members come to a release: one tries it first, then the others, the leader last. Members that run it
 * already are left out, so that an upgrade that was broken off can be begun again.
 *
 * @throws ZkshError as `planRollingRestart` does, `RELEASE_UNKNOWN`, `UPGRADE_REFUSED`; UsageError `BAD_TEMPLATE`, `BAD_RELEASE`
 */
export function planRollingUpgrade(input: RollingUpgrade): Plan {
  const { to, status, only, first: named } = input;
  wholeRelease(to);
  const told = releasesOf(status);
  const pending = [...told].flatMap(([id, from]) =>
    from === to || (only.length > 0 && !only.includes(id)) ? [] : [id],
  );
  const notes = judge(input, told, pending);
  const first =
    named ?? status.members.find(({ id, role }) => role === 'follower' && id !== undefined && pending.includes(id))?.id;
  if (named !== undefined && !pending.includes(named)) throw notPending(named, pending);
  const edit = (step: Step): Step | undefined => {
    const { member } = step;
    const from = member === undefined ? undefined : told.get(member);
    if (member === undefined || from === undefined || !pending.includes(member)) return undefined;
    return upgradeStep(step, member, from, input, member === first);
  };
  const plan = planRolling(input, 'rolling upgrade', edit, notes);
  return { ...plan, risks: [...plan.risks, ...(pending.length === 0 ? [] : commandNotes(plan, input))] };
}

function upgradeStep(step: Step, member: bigint, from: string, input: RollingUpgrade, one: boolean): Step {
  const { to, command, undo, machines } = input;
  const host = machines.get(member)?.host ?? `${member}`;
  const action = (template: string, version: string): ActionOf<'upgrade'> => ({
    do: 'upgrade',
    member,
    command: fillTemplate(template, { id: `${member}`, host, version }),
    to: version,
  });
  return {
    ...step,
    id: `upgrade-${member}`,
    title: `upgrade member ${member} from ${from} to ${to}`,
    why: one ? `it tries it first; ${step.why}` : step.why,
    action: action(command, to),
    after: [...AFTER_COMING_BACK, 'release-as-wanted'],
    wanted: { version: to },
    was: { version: from },
    undo: undo === undefined ? [] : [action(undo, from)],
    mend: undo === undefined ? [{ do: 'start', member }] : undefined,
    rollBack: undo !== undefined,
    first: one,
    expected: UPGRADE_MS,
  };
}

/** What each member says it runs. @throws ZkshError `RELEASE_UNKNOWN` for one that does not say it, as one that is down */
function releasesOf({ members }: EnsembleStatus): Map<bigint, string> {
  const ours = members.filter(({ configured }) => configured !== undefined || members.every(unlisted));
  const told = new Map<bigint, string>();
  for (const { id, host, facts, role } of ours) {
    if (id === undefined) continue;
    if (facts.version === undefined) {
      throw new ZkshError(`member ${id} (${host}) does not tell its release: it is ${role}`, {
        code: 'RELEASE_UNKNOWN',
        exitCode: ExitCode.unhealthy,
        hint: 'Bring it up as it is first (rolling restart --only it); srvr, or the AdminServer, tells the release.',
      });
    }
    told.set(id, facts.version.value);
  }
  return told;
}

function unlisted({ configured }: MemberStatus): boolean {
  return configured === undefined;
}

/** What a person should know of the releases. @throws ZkshError `UPGRADE_REFUSED` with all that speaks against it */
function judge(
  { to, machines }: RollingUpgrade,
  told: ReadonlyMap<bigint, string>,
  pending: readonly bigint[],
): string[] {
  const found = new Map<string, { rule: ReturnType<typeof rulesFor>[number]; ids: bigint[]; froms: Set<string> }>();
  for (const id of pending) {
    const from = told.get(id) ?? '';
    for (const rule of rulesFor(versionStep(from, to, machines.get(id)))) {
      const one = found.get(rule.id) ?? { rule, ids: [], froms: new Set<string>() };
      one.ids.push(id);
      one.froms.add(from);
      found.set(rule.id, one);
    }
  }
  const all = [...found.values()];
  const refused = all.filter(({ rule }) => rule.verdict === 'refused');
  if (refused.length > 0) {
    const why = refused.map(
      ({ rule, ids, froms }) => `${named(ids)} (${[...froms].join(', ')} to ${to}): ${rule.says} (${rule.source})`,
    );
    throw new ZkshError(`the upgrade is refused: ${why.join('; ')}`, {
      code: 'UPGRADE_REFUSED',
      exitCode: ExitCode.unhealthy,
      hint: refused.flatMap(({ rule }) => rule.instead ?? []).join(' '),
    });
  }
  const finals = all.filter(({ rule }) => rule.verdict === 'final');
  return [
    ...finals.map(({ rule, ids }) => `Cannot be taken back any more, ${named(ids)}: ${rule.says} (${rule.source}).`),
    ...(finals.length > 0 || pending.length === 0
      ? []
      : [
          isKnown(to)
            ? `The release before reads what ${to} writes: it can be taken back as long as nothing of the new one is switched on.`
            : `${to} is later than any release that this zksh knows (${NEWEST.join('.')}): what it writes, and whether it can be taken back, is not known here. Read its release notes.`,
        ]),
    ...all
      .filter(({ rule }) => rule.verdict === 'note')
      .map(({ rule, ids }) => `To know, ${named(ids)}: ${rule.says} (${rule.source}).`),
  ];
}

function isKnown(release: string): boolean {
  const parsed = parseRelease(release);
  return parsed !== undefined && compareReleases(parsed, NEWEST) <= 0;
}

function versionStep(from: string, to: string, machine: UpgradeMachine | undefined): VersionStep {
  const config = machine?.config.config;
  const lines = [...(config?.file.settings ?? []), ...(config?.dynamic?.settings ?? [])];
  return {
    from: wholeRelease(from),
    to: wholeRelease(to),
    snapshot: machine?.snapshot,
    setting: (key) => config && settingOf(config, key)?.value,
    manyAddresses: lines.some(({ key, value }) => key.startsWith('server.') && value.includes('|')),
  };
}

function named(ids: readonly bigint[]): string {
  return `member${ids.length === 1 ? '' : 's'} ${ids.join(', ')}`;
}

function commandNotes({ steps }: Plan, { undo }: RollingUpgrade): string[] {
  const [step] = steps;
  if (step?.action.do !== 'upgrade') return [];
  const [back] = step.undo;
  return [
    `On the machine of member ${step.member}, its service stopped, this is run by /bin/sh: ${step.action.command}`,
    back?.do === 'upgrade'
      ? `Where a member does not come back with the release this is run, and it is started again: ${back.command}`
      : 'There is no --undo-command: a member that fails is left as it is, stopped when its command failed; the others are not touched. "rolling abort" starts it with what is installed then.',
    `A zksh that is killed meanwhile runs the command again when it is resumed: it must do no harm twice, nor while the first still runs${undo === undefined ? '' : ', and neither must the other'}.`,
  ];
}

function notPending(id: bigint, ids: readonly bigint[]): ZkshError {
  return new ZkshError(`member ${id} cannot try it first: it runs the release already, or is left out`, {
    code: 'NO_MEMBER',
    exitCode: ExitCode.notFound,
    hint: ids.length === 0 ? 'All run it.' : `Members that do not run it: ${ids.join(', ')}.`,
  });
}
