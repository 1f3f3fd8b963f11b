import type { DynamicConfig } from '../../../ensemble/dynamic-config.ts';
import { formatServerLine, type ServerLine } from '../../../ensemble/server-line.ts';
import { ExitCode, UsageError, ZkshError } from '../../../protocol/errors.ts';
import type { Plan } from '../../plan.ts';
import { memberLine } from '../membership.ts';
import { withLine } from './give-vote.ts';
import { movedTo, sameLine, saysClients } from './list-file.ts';
import { fileOf, giveText, rollList } from './list-steps.ts';
import type { ListFile } from './member-lists.ts';
import { type Draft, draftOf, type StaticChange, staticPlan } from './static-change.ts';

/**
 * Works out how a member gets other ports, or other addresses of its machine, without reconfiguration. It is first: where it
 * goes the others need not know yet, since it connects to them, and to who leads. Once all know, the leader is restarted.
 *
 * @param line as it shall be, with its client address
 * @throws ZkshError `NO_MEMBER`, `ID_TOO_LOW`, `LISTS_UNSAFE`; UsageError `CLIENT_PORT` where the client port stands in
 * another file than the list
 */
export function planStaticMove(change: StaticChange, line: ServerLine): Plan {
  const { id } = line;
  const { status, lists } = change;
  const now = memberLine(lists.config, id);
  const file = fileOf(lists, id);
  const to = withLine(lists.config, line);
  refuseClientPort(file, line);
  refuseUnconnected(change, id);
  const move = giveText(id, file, movedTo(file.text, line), to, {
    id: `move-${id}`,
    title: `restart member ${id} at its new addresses`,
    why: 'it connects to the others by itself',
    phase: 0,
  });
  const begun: Draft = { ...draftOf(change), steps: [move], phase: 1 };
  const rolled = sameLine(now, line, false) ? begun : rollList(begun, to, { mark: `move-${id}`, but: [id], status });
  const files = new Map(rolled.files).set(id, { ...file, text: movedTo(file.text, line) });
  return staticPlan(change, 'member move', { ...rolled, files }, { outsiders: [line], risks: risksOf(now, line, to) });
}

/** QuorumCnxManager of 3.4: who has the higher id connects, and it knows the old address alone. */
function refuseUnconnected({ acks, lists: { config } }: StaticChange, id: bigint): void {
  const highest = config.servers.reduce((most, one) => (one.id > most ? one.id : most), 0n);
  if (acks === 'known' || id === highest) return;
  throw new ZkshError(`on 3.4 members with a higher id would connect to member ${id} where it was`, {
    code: 'ID_TOO_LOW',
    exitCode: ExitCode.conflict,
    hint: 'Put a new server with a higher id in its place: zksh member replace. Or plan an outage.',
  });
}

function refuseClientPort(file: ListFile, { id }: ServerLine): void {
  if (!file.dynamic || saysClients(file.text)) return;
  throw new UsageError(`the client port of member ${id} stands in its zoo.cfg, and its list in ${file.path}`, {
    code: 'CLIENT_PORT',
    hint: 'Let the server lines say it (…;2181), by a rolling restart, then move the member.',
  });
}

function risksOf(now: ServerLine, line: ServerLine, { servers }: DynamicConfig): string[] {
  const voters = servers.filter(({ role }) => role === 'participant').length;
  return [
    `From ${formatServerLine(now)} to ${formatServerLine(line)}`,
    `Its clients move to another member and must know its new address. Until all ${voters} voters have the new list nobody could follow member ${line.id}: were it elected, the others would elect again.`,
  ];
}
