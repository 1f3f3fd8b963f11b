import { formatHostPort } from '../../client/connect-string.ts';
import type { ServerLine } from '../../ensemble/server-line.ts';
import type { Candidate } from './candidates.ts';
import { dynamicText, type NewMembership, staticLines } from './new-membership.ts';
import { quoted } from './repair.ts';
import type { StepBody } from './steps.ts';

/** What the copies are called. No server takes a directory or a file of that name for its own. */
const COPY = '.before-recovery';

/**
 * What makes the survivors serve again: all stopped, all copied, all edited, then started one by one, the best first, so
 * that it leads and the others take what it has.
 */
export function recoverSteps(everybody: readonly Candidate[], membership: NewMembership): StepBody[] {
  const { members } = membership;
  return [
    ...everybody.map((one) => stopStep(one.id, 'no server may run while its files change')),
    ...everybody.flatMap(copySteps),
    ...members.flatMap((one) => one.repairs.map((repair): StepBody => asStep(one.id, repair))),
    ...members.flatMap((one) => membershipSteps(one, membership)),
    ...members.flatMap((one, index) => startSteps(one, index, membership)),
  ];
}

export function stopStep(member: bigint, why: string): StepBody {
  return { kind: 'stop', member, why };
}

function asStep(member: bigint, repair: Candidate['repairs'][number]): StepBody {
  if (repair.kind === 'run') return { kind: 'run', member, command: repair.command, why: repair.why };
  const file = repair.path.slice(repair.path.lastIndexOf('/') + 1);
  return { kind: 'write', member, path: repair.path, file, content: repair.content, why: repair.why };
}

function copySteps({ id, data, config }: Candidate): StepBody[] {
  const why = 'whatever goes wrong later, this is what there was';
  const files = config === undefined ? [] : [config.path, ...(config.dynamic === undefined ? [] : [config.dynamic])];
  return [...new Set([data.dataDir, data.dataLogDir, ...files])].map((path) => {
    const copy = quoted(`${path}${COPY}`);
    // Never into a copy that is there: it is the first one that counts.
    return { kind: 'run', member: id, command: `test ! -e ${copy} && cp -a ${quoted(path)} ${copy}`, why };
  });
}

/** The files that say who is a member, as the server of that survivor reads them. */
export function membershipSteps(
  one: Candidate,
  { config, standalone, voters }: NewMembership,
  why = 'the survivors alone are the ensemble now',
): StepBody[] {
  const { servers, version } = config;
  const member = one.id;
  // A quorum of one that can grow again, rather than a standalone server; 3.4 does not know the key.
  const alone: Record<string, string> = standalone || voters.length > 1 ? {} : { standaloneEnabled: 'false' };
  const promoted = one.role === 'observer' && voters.includes(one.id) ? ['peerType'] : [];
  if (!usesDynamicFile(one)) {
    const lines = one.config?.file.settings.map(({ key }) => key).filter((key) => /^(server|group|weight)\./.test(key));
    const remove = [...new Set(lines ?? []), ...promoted];
    return [
      {
        kind: 'edit',
        member,
        path: one.config?.path,
        file: 'zoo.cfg',
        remove,
        set: { ...staticLines(servers), ...alone },
        why,
      },
    ];
  }
  const name = `.dynamic.${version.toString(16)}`;
  const path = one.config && `${one.config.path}${name}`;
  const next = one.config?.next;
  return [
    { kind: 'write', member, path, file: `zoo.cfg${name}`, content: dynamicText(servers), why },
    {
      ...{ kind: 'edit', member, path: one.config?.path, file: 'zoo.cfg', remove: promoted },
      set: { dynamicConfigFile: path ?? `the path of zoo.cfg${name}`, ...alone },
      why: 'the version in that name outranks every configuration that a survivor knows',
    },
    ...(next === undefined
      ? []
      : [
          {
            kind: 'run' as const,
            member,
            command: `mv ${quoted(next.path)} ${quoted(`${next.path}${COPY}`)}`,
            why: 'a reconfiguration that was never finished would need the old quorum',
          },
        ]),
  ];
}

/** Whether its membership is in a file of its own; where no zoo.cfg was named, whether its data says so. */
function usesDynamicFile({ config, committed }: Candidate): boolean {
  return config === undefined ? committed !== undefined : config.dynamic !== undefined;
}

function startSteps(one: Candidate, index: number, membership: NewMembership): StepBody[] {
  const { voters, members, standalone } = membership;
  const majority = Math.floor(voters.length / 2) + 1;
  const votersUp = members.slice(0, index + 1).filter(({ id }) => voters.includes(id)).length;
  const serves = votersUp >= majority;
  const start: StepBody = {
    kind: 'start',
    member: one.id,
    why:
      index === 0
        ? 'the best first: it is elected, and the others take what it has'
        : 'it takes over what the first one has',
  };
  return [start, waitStep(one, serves, standalone ? 'it serves, as a standalone server' : undefined)];
}

function waitStep(one: Candidate, serves: boolean, until: string | undefined): StepBody {
  return {
    kind: 'wait',
    member: one.id,
    command: statusCommand(addressOf(one)),
    until:
      until ??
      (serves ? 'it serves, as leader or follower' : 'its process answers; it cannot serve before the next one runs'),
    why: serves ? 'the next step needs it' : 'what does not even start now must be looked at first',
  };
}

export function statusCommand(address: string): string {
  return `zksh status --members ${address}`;
}

/** Where clients reach it, as far as that is known. */
export function addressOf({
  id,
  config,
  line,
}: {
  id: bigint;
  config?: Candidate['config'];
  line?: ServerLine | undefined;
}): string {
  const found = line ?? config?.membership?.servers.find((server) => server.id === id);
  const host = found?.addresses[0]?.host ?? 'HOST';
  const port = found?.client?.port ?? config?.clientPort ?? 2181;
  return formatHostPort({ host, port });
}
