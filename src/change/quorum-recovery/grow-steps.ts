import { formatServerLine, type ServerLine } from '../../ensemble/server-line.ts';
import type { Candidate } from './candidates.ts';
import { dynamicText, type NewMembership } from './new-membership.ts';
import { addressOf, membershipSteps, statusCommand, stopStep } from './recover-steps.ts';
import { quoted } from './repair.ts';
import type { StepBody } from './steps.ts';

/** A member that comes back with nothing. */
interface Returning {
  readonly line: ServerLine;
  /** When its files are among those that were read. */
  readonly survivor: Candidate | undefined;
  /** The membership lines that its zoo.cfg has, when it has them there. */
  readonly keys: readonly string[];
}

/**
 * What brings the others back, with empty data and one at a time: an empty member must never be part of a majority that
 * has no survivor in it, and one more than those that have the data never is.
 */
export function growSteps(
  servers: readonly ServerLine[],
  everybody: readonly Candidate[],
  membership: NewMembership,
): StepBody[] {
  const inside = new Set(membership.config.servers.map(({ id }) => id));
  // Voters before observers: those are what is missing.
  const outside = servers.filter(({ id }) => !inside.has(id));
  const order = [
    ...outside.filter(({ role }) => role === 'participant'),
    ...outside.filter(({ role }) => role === 'observer'),
  ];
  const keys = servers.map(({ id }) => `server.${id}`);
  let present = [...membership.config.servers];
  return order.flatMap((line) => {
    const returning = { line, survivor: everybody.find(({ id }) => id === line.id), keys };
    const steps = membership.reconfig
      ? byReconfig(returning, present, membership)
      : byRestart(returning, present, membership);
    present = [...present, line];
    return steps;
  });
}

function prepareSteps({ line, survivor }: Returning): StepBody[] {
  const member = line.id;
  const why = 'its old data must never be seen again: two histories would meet';
  const logs = survivor?.data.dataLogDir;
  const old = logs === undefined || logs === survivor?.data.dataDir ? undefined : `${logs}/version-2`;
  return [
    { kind: 'empty', member, path: survivor?.data.dataDir, myid: `${line.id}`, why },
    // The copy of it was made with all others.
    ...(old === undefined ? [] : [{ kind: 'run' as const, member, command: `rm -r ${quoted(old)}`, why }]),
  ];
}

function byReconfig(returning: Returning, present: readonly ServerLine[], membership: NewMembership): StepBody[] {
  const { line, survivor } = returning;
  const member = line.id;
  const path = survivor?.config && `${survivor.config.path}.dynamic`;
  const asObserver = { ...line, role: 'observer' as const };
  const best = membership.members[0];
  const servers =
    best === undefined ? '' : ` -S ${addressOf({ ...best, line: present.find(({ id }) => id === best.id) })}`;
  return [
    ...prepareSteps(returning),
    {
      ...{ kind: 'write', member, path, file: 'zoo.cfg.dynamic', content: dynamicText([...present, asObserver]) },
      why: 'it knows itself as an observer first: it has no vote before it has the data',
    },
    {
      ...{ kind: 'edit', member, path: survivor?.config?.path, file: 'zoo.cfg', remove: ['peerType'] },
      set: { dynamicConfigFile: path ?? 'the path of zoo.cfg.dynamic', standaloneEnabled: 'false' },
      why: 'it starts with the members there are, and itself',
    },
    { kind: 'start', member, why: 'it copies all data from the leader' },
    {
      ...{
        kind: 'wait',
        member,
        command: statusCommand(
          addressOf({ id: line.id, config: survivor?.config ?? membership.members[0]?.config, line }),
        ),
      },
      until: 'it serves, as follower or observer; it has no vote yet',
      why: 'only one that has the data may vote',
    },
    {
      kind: 'run',
      member,
      command: `zksh reconfig -add "${formatServerLine(line)}"${servers} --auth digest:super:file:PATH --yes`,
      why: `as ${line.role}; writing /zookeeper/config needs the super user`,
    },
    { kind: 'wait', member, command: `zksh quorum${servers}`, until: 'it is listed and serves', why: 'one at a time' },
  ];
}

/** Without reconfig a membership changes while nobody runs: then no two configurations can meet. */
function byRestart(returning: Returning, present: readonly ServerLine[], membership: NewMembership): StepBody[] {
  const { line, survivor } = returning;
  const servers = [...present, line].sort((a, b) => (a.id < b.id ? -1 : 1));
  const voters = servers.filter(({ role }) => role === 'participant').map(({ id }) => id);
  const grown = { ...membership, voters, standalone: false, config: { ...membership.config, servers } };
  const running = present.map(({ id }) => id);
  const order = [...membership.members.map(({ id }) => id), ...running].filter((id, at, all) => all.indexOf(id) === at);
  return [
    ...prepareSteps(returning),
    ...running.map((id) => stopStep(id, 'the membership changes while nobody runs')),
    ...[...running, line.id].flatMap((id) => fixedMembership(id, grown, returning)),
    ...order.map((member): StepBody => ({ kind: 'start', member, why: 'those that have the data first' })),
    { kind: 'start', member: line.id, why: 'it copies all data from the leader' },
    {
      ...{
        kind: 'wait',
        member: line.id,
        command: statusCommand(
          addressOf({ id: line.id, config: survivor?.config ?? membership.members[0]?.config, line }),
        ),
      },
      until: `it serves, as ${line.role === 'observer' ? 'observer' : 'leader or follower'}`,
      why: 'the next one may come only when this one has the data',
    },
  ];
}

function fixedMembership(id: bigint, grown: NewMembership, { line, survivor, keys }: Returning): StepBody[] {
  const known = id === line.id ? survivor : grown.members.find((one) => one.id === id);
  const why = `member ${line.id} belongs to the ensemble again`;
  if (known !== undefined) return membershipSteps(known, grown, why);
  const example = grown.members[0];
  // One whose files nobody has seen is taken to be set up as the others are.
  const alike = example && { ...example, id, config: undefined, role: line.role, committed: dynamicOf(example) };
  const steps = alike === undefined ? [] : membershipSteps(alike, grown, why);
  return steps.map((step) =>
    step.kind === 'edit' && !('dynamicConfigFile' in step.set) ? { ...step, remove: keys } : step,
  );
}

/** What says that a member whose zoo.cfg is not known has its membership in a file of its own. */
function dynamicOf({ config, committed }: Candidate): Candidate['committed'] {
  return config !== undefined && config.dynamic === undefined ? undefined : (committed ?? config?.membership);
}
