import { shortDuration } from '../../../protocol/measures.ts';
import { type Check, eachMember } from '../check.ts';
import { fact, metric, nameOf, severityOfCount } from '../evidence.ts';

const NO_COUNTS = 'it tells no counts (srvr, mntr or its AdminServer would)';

/** As many requests as make an average mean something. */
const MANY = 1000;
const DAY = 86_400_000;

/** Checks about how the servers bear their load. */
export const LOAD_CHECKS: readonly Check[] = [
  {
    code: 'requests-waiting',
    title: 'requests queue up in a server',
    severity: 'warning',
    why: 'The server takes in more than it can do. At globalOutstandingLimit (1000) it stops reading from clients, and their sessions time out.',
    todo: 'Find the clients with the most requests (zksh top), and look at the disk of the leader: one slow fsync holds up every write.',
    judge: (view) =>
      eachMember(
        view,
        ({ facts, role }) => (role === 'not serving' ? undefined : fact(facts.outstanding, NO_COUNTS)),
        (value, source, member) =>
          value <= view.limits.outstanding
            ? undefined
            : {
                severity: value >= 1000 ? 'critical' : undefined,
                message: `${value} requests wait in ${nameOf(member)}`,
                evidence: `outstanding_requests ${value}, ${source}`,
              },
      ),
  },
  {
    code: 'latency-high',
    title: 'requests take long on average',
    severity: 'warning',
    why: 'Heartbeats wait in the same queues: when a request takes a good part of a session timeout, sessions expire.',
    todo: 'See zksh latency and the fsync check: disk, garbage collection and swapping are the usual causes. The average counts from the server’s start.',
    judge: (view) =>
      eachMember(
        view,
        ({ facts, role }) => {
          if (role === 'not serving') return undefined;
          const { latencyAvg, received } = facts;
          if (latencyAvg === undefined || latencyAvg.value <= view.limits.latency) return fact(latencyAvg, NO_COUNTS);
          const counted = received?.value ?? MANY;
          // The first requests after a start are always slow.
          return counted < MANY
            ? { reason: `${latencyAvg.value} ms on average, of ${counted} requests since its start: too few to tell` }
            : latencyAvg;
        },
        (value, source, member) =>
          value <= view.limits.latency
            ? undefined
            : {
                message: `a request to ${nameOf(member)} takes ${value} ms on average`,
                evidence: `avg_latency ${value}, ${source}`,
              },
      ),
  },
  {
    code: 'fsync-slow',
    title: 'the transaction log is slow to reach the disk',
    severity: 'warning',
    why: 'Every write waits for the fsync of a quorum. A disk that is shared with others makes all clients wait.',
    todo: 'Give dataLogDir a device of its own, and look for what else writes there.',
    judge: (view) =>
      eachMember(
        view,
        (member) => {
          const average = metric(member, 'avg_fsynctime', '3.6');
          const timed = metric(member, 'cnt_fsynctime', '3.6');
          // Where nothing was timed the average is 0, and says nothing.
          if ('value' in timed && timed.value === 0)
            return { reason: 'it has timed no fsync yet (nothing was written, or forceSync=no)' };
          if ('value' in average) return { value: { ms: average.value }, source: average.source };
          // Before 3.6 a server counts alone how often an fsync took over fsync.warningthresholdms.
          const exceeded = metric(member, 'fsync_threshold_exceed_count');
          return 'value' in exceeded ? { value: { exceeded: exceeded.value }, source: exceeded.source } : average;
        },
        ({ ms, exceeded }: { ms?: number; exceeded?: number }, source, member) => {
          if (ms !== undefined && ms > view.limits.fsync) {
            return { message: `an fsync at ${nameOf(member)} takes ${ms} ms on average`, evidence: `${ms} ${source}` };
          }
          if (exceeded === undefined || exceeded === 0) return undefined;
          return {
            severity: 'advice',
            message: `${exceeded} fsyncs at ${nameOf(member)} took longer than a second`,
            evidence: `${exceeded} ${source}, since its start`,
          };
        },
      ),
  },
  {
    code: 'requests-throttled',
    title: 'requests the server made wait or dropped',
    severity: 'warning',
    why: 'The server protects itself against more requests than it can bear; the clients see time-outs and errors.',
    todo: 'Find the clients that send them (zksh top), and see that connection and request throttling fit the load.',
    judge: (view) =>
      eachMember(
        view,
        (member) => {
          const dropped = metric(member, 'stale_requests_dropped', '3.6');
          const throttled = metric(member, 'throttled_ops', '3.7');
          if ('reason' in dropped || 'reason' in throttled) return dropped;
          const source = throttled.source.replace('throttled_ops', 'throttled_ops and stale_requests_dropped');
          return { value: throttled.value + dropped.value, source };
        },
        (value, source, member) =>
          value === 0
            ? undefined
            : {
                severity: severityOfCount(value, member, ['cnt_readlatency', 'cnt_updatelatency']),
                message: `${nameOf(member)} held back or dropped ${value} requests since its process started`,
                evidence: `${value} ${source}`,
              },
      ),
  },
  {
    code: 'elections-frequent',
    title: 'a member looked for a leader again and again',
    severity: 'advice',
    why: 'Each time it did not serve. A leader that is lost often has a slow disk, long garbage collections or a bad network; planned restarts of leaders count too.',
    todo: 'Compare the times in the members’ logs with their garbage collection and disk; see tickTime and syncLimit with zksh config lint.',
    judge: (view) =>
      eachMember(
        view,
        (member) => {
          const count = metric(member, 'looking_count', '3.6');
          const uptime = member.facts.uptime;
          if ('reason' in count) return count;
          return uptime === undefined
            ? { reason: 'its uptime is not told' }
            : { value: { count: count.value, uptime: uptime.value }, source: count.source };
        },
        ({ count, uptime }, source, member) => {
          // It counts from the start of the process, which nobody tells, and uptime from the last election: over how long
          // they came is not known, so it is a finding only while the last one is fresh, and never an alarm.
          if (count < 5 || uptime > DAY) return undefined;
          return {
            message: `${nameOf(member)} looked for a leader ${count} times since its process started, the last time ${shortDuration(uptime)} ago`,
            evidence: `${count} ${source}`,
          };
        },
      ),
  },
  {
    code: 'jvm-pauses',
    title: 'the JVM stood still for long',
    severity: 'advice',
    why: 'In a pause nothing is answered: a leader that pauses longer than syncLimit loses its followers.',
    todo: 'Look at the garbage collection log, the size of the heap, and swapping.',
    judge: (view) =>
      eachMember(
        view,
        (member) => {
          const longest = metric(member, 'max_jvm_pause_time_ms', '3.6');
          const measured = metric(member, 'cnt_jvm_pause_time_ms', '3.6');
          // The monitor counts every second, pause or none: what has no count is off, and its 0 says nothing.
          if ('value' in longest && 'value' in measured && measured.value === 0)
            return { reason: 'it does not watch its pauses (jvm.pause.monitor=true would)' };
          return longest;
        },
        (value, source, member) =>
          value < 5000
            ? undefined
            : {
                message: `the JVM of ${nameOf(member)} paused for ${value} ms`,
                evidence: `${value} ${source}, the longest since its process started`,
              },
      ),
  },
];
