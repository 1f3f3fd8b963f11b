import type { EnsembleStatus, MemberStatus } from '../../../src/ensemble/ensemble-status.ts';
import { ensembleStatus } from '../../../src/ensemble/ensemble-status.ts';
import { type Answers, factsOf } from '../../../src/ensemble/facts.ts';
import { metricsOfMonitor, parseMntr } from '../../../src/ensemble/metrics.ts';
import type { MemberObservation } from '../../../src/ensemble/observe-member.ts';
import { parseServerStatus } from '../../../src/ensemble/server-status.ts';
import { observation } from '../../support/observation.ts';
import { adminFields, recordedAnswers } from '../../support/recorded-answers.ts';

const CLIENT_PORT = 2181;

/** What of a recorded server is heard, and how its counters differ from the record. */
export interface Hearing {
  release: string;
  by: 'words' | 'srvr' | 'admin';
  /** Rewrites what the server said before it is read. */
  edit?(text: string): string;
}

/** What a recorded leader would be seen as. */
export function observed(id: number, { release, by, edit = (text) => text }: Hearing): MemberObservation {
  const { leader } = recordedAnswers(release);
  const answers: Answers =
    by === 'admin'
      ? { monitor: metricsOfMonitor(adminFields(edited(leader, edit), 'monitor') ?? {}) }
      : {
          srvr: parseServerStatus(edit(leader.words.srvr ?? '')),
          mntr: by === 'words' ? parseMntr(edit(leader.words.mntr ?? '')) : undefined,
        };
  return {
    ...silent(id),
    address: { host: `zk${id}`, port: CLIENT_PORT },
    facts: factsOf(answers),
    metrics: answers.monitor ?? answers.mntr,
    missing: [],
    roundTrip: 1,
  };
}

/** A member that answered nothing. */
export function silent(id: number): MemberObservation {
  const target = { host: `zk${id}`, port: CLIENT_PORT, tls: false };
  return observation({
    member: { id: BigInt(id), name: `zk${id}:${CLIENT_PORT}`, targets: [target], admin: [], configured: 'participant' },
    missing: [{ source: '4lw', reason: 'connection refused' }],
  });
}

/** The status that observations amount to. */
export function statusOf(...members: MemberObservation[]): EnsembleStatus {
  return ensembleStatus({ members, config: undefined, took: 1 });
}

/** The status of one member alone. */
export function memberOf(observation: MemberObservation): MemberStatus {
  return statusOf(observation).members[0]!;
}

function edited(recorded: ReturnType<typeof recordedAnswers>['leader'], edit: (text: string) => string) {
  const { monitor } = recorded.admin;
  return monitor === undefined
    ? recorded
    : { ...recorded, admin: { ...recorded.admin, monitor: { ...monitor, body: edit(monitor.body) } } };
}
