import type { DynamicConfig } from '../../../ensemble/dynamic-config.ts';
import { quorumOf } from '../../../ensemble/quorum.ts';
import type { ServerLine } from '../../../ensemble/server-line.ts';
import { fileOf, giveList, giveListAndStop, listed, rollList, startAgain } from './list-steps.ts';
import type { Draft, StaticChange } from './static-change.ts';

/**
 * A server that observes, and has caught up, gets a vote. When it counts itself as a voter, and the others do not, two
 * things decide the order:
 *
 * - A leader from 3.5 on counts the acknowledgements of the voters in its own list alone. The new voter is first: who
 *   restarts with the new list finds it among those that follow, and needs it with three voters (two of four are no quorum).
 * - A 3.4 leader counts whoever follows it (Leader.processAck). With the old list it would take two of three, its own and
 *   the new one's, and the other two could elect a leader without that write. From four voters on the new one therefore
 *   gets its vote just before the leader is restarted; with three see `besideOneAway`.
 */
export function giveVote(change: StaticChange, draft: Draft, line: ServerLine, mark: string): Draft {
  const { status, acks } = change;
  const to = withLine(draft.config, line);
  const { voters } = quorumOf(draft.config);
  const voting = { id: `${mark}-vote-${line.id}`, title: `restart member ${line.id} as a participant` };
  if (acks === 'all' && voters.length === 3) return besideOneAway(change, draft, line, mark);
  const file = fileOf(draft, line.id);
  const late = acks === 'all';
  const why = late
    ? 'as late as can be: 3.4 counts the acknowledgement of whoever follows'
    : 'those that restart after it find it among the voters that follow';
  const vote = giveList(line.id, file, to, { ...voting, why, phase: draft.phase, late });
  const begun = late ? draft : { ...draft, steps: [...draft.steps, vote], phase: draft.phase + 1 };
  const rolled = rollList(begun, to, { mark, but: [line.id], status });
  const files = new Map(rolled.files).set(line.id, listed(file, to, line.id));
  return { ...rolled, steps: late ? [...rolled.steps, vote] : rolled.steps, files };
}

/**
 * From three voters to four on 3.4. While two others have the old list the new server must not acknowledge, and while it
 * does not follow nobody comes back with the new list. So one follower is stopped with the new list; the new server follows
 * with a list in which the stopped one has no vote; then the stopped one finds three of four. At no moment are there two
 * that could elect without what the leader and the new server acknowledged.
 */
function besideOneAway(change: StaticChange, draft: Draft, line: ServerLine, mark: string): Draft {
  const { status } = change;
  const to = withLine(draft.config, line);
  const aside = quorumOf(draft.config).voters.find((id) => id !== status.leader?.id) ?? 0n;
  // It must know where the stopped one is: who has the higher id connects (QuorumCnxManager).
  const servers = to.servers.map((one) => (one.id === aside ? { ...one, role: 'observer' as const } : one));
  const between = { ...to, servers };
  const file = fileOf(draft, line.id);
  const phase = draft.phase;
  const at = (id: string, title: string, why: string, after: number) => ({
    id: `${mark}-${id}`,
    title,
    why,
    phase: phase + after,
  });
  const first = [
    giveListAndStop(
      aside,
      fileOf(draft, aside),
      to,
      at(
        `aside-${aside}`,
        `stop member ${aside}, with the new list`,
        'two with the old list could elect without the new voter',
        0,
      ),
    ),
    giveList(
      line.id,
      file,
      between,
      at(
        `follow-${line.id}`,
        `restart member ${line.id} as a participant`,
        'by a list in which only those that run vote: it finds a quorum of it',
        1,
      ),
    ),
    startAgain(
      aside,
      to,
      at(`back-${aside}`, `start member ${aside}`, 'it finds a quorum of the new list, the new voter included', 2),
    ),
  ];
  const joined = listed(file, between, line.id);
  const begun = { ...draft, steps: [...draft.steps, ...first], phase: phase + 3 };
  const rolled = rollList(begun, to, { mark, but: [line.id, aside], status });
  const whole = giveList(line.id, joined, to, {
    id: `${mark}-vote-${line.id}`,
    title: `give member ${line.id} the whole list`,
    why: 'before the leader goes: it may be elected then',
    phase: begun.phase,
    late: true,
  });
  const files = new Map(rolled.files)
    .set(line.id, listed(joined, to, line.id))
    .set(aside, listed(fileOf(draft, aside), to, aside));
  return { ...rolled, steps: [...rolled.steps, whole], files };
}

/** The list with that line in the place of what it had of the server. */
export function withLine(config: DynamicConfig, line: ServerLine): DynamicConfig {
  const others = config.servers.filter(({ id }) => id !== line.id);
  return { ...config, version: undefined, servers: [...others, line] };
}
