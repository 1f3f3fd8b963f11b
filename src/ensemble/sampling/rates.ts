import type { MemberStatus } from '../ensemble-status.ts';
import type { Fact } from '../facts.ts';
import { metricNumber } from '../metrics.ts';

/** A member as one sample found it. */
export interface Moment {
  /** Milliseconds since the epoch. */
  at: number;
  member: MemberStatus;
}

/**
 * What happened at one member between two moments, per second; what it does not tell is undefined. All but the first
 * three are told by 3.6 and later, and by `mntr` or the AdminServer alone.
 */
export interface Rates {
  /** Packets from clients: requests, pings, and our own four-letter words. */
  received: number | undefined;
  /** Packets to clients: replies and watch events. */
  sent: number | undefined;
  /** Transactions it applied, by its zxid: the writes and sessions of the whole ensemble. */
  transactions: number | undefined;
  /** Requests of its own clients that it answered without a transaction: reads and pings. */
  reads: number | undefined;
  /** Requests of its own clients that were transactions. */
  updates: number | undefined;
  /** Bytes of requests. */
  bytesReceived: number | undefined;
  /** Bytes of replies; from 3.9 on. */
  bytesSent: number | undefined;
  /** Sessions asked for, new or continued. */
  connects: number | undefined;
  /** Connections that ended. */
  drops: number | undefined;
  /** Connections turned away: too many of them. */
  rejects: number | undefined;
  /** Milliseconds that the reads of this while took, on average. */
  readLatency: number | undefined;
  /** Milliseconds that the updates of this while took, on average. */
  updateLatency: number | undefined;
}

/** Undefined when nothing can be said: one of the two brought nothing, or the server began anew in between. */
export function ratesBetween(before: Moment, after: Moment): Rates | undefined {
  const seconds = secondsBetween(before, after);
  if (seconds === undefined || beganAnew(before.member, after.member)) return undefined;
  const grown = (was: number | undefined, is: number | undefined): number | undefined =>
    was === undefined || is === undefined || is < was ? undefined : is - was;
  const ofFact = (name: 'received' | 'sent'): number | undefined =>
    grown(before.member.facts[name]?.value, after.member.facts[name]?.value);
  const ofMetric = (name: string): number | undefined =>
    grown(metricNumber(before.member.observation.metrics, name), metricNumber(after.member.observation.metrics, name));
  const perSecond = (growth: number | undefined) => (growth === undefined ? undefined : growth / seconds);
  const mean = (name: string): number | undefined => {
    const [sum, count] = [ofMetric(`sum_${name}`), ofMetric(`cnt_${name}`)];
    return sum === undefined || !count ? undefined : sum / count;
  };
  return {
    received: perSecond(ofFact('received')),
    sent: perSecond(ofFact('sent')),
    transactions: perSecond(transactionsBetween(before.member.facts.zxid, after.member.facts.zxid)),
    reads: perSecond(ofMetric('cnt_readlatency')),
    updates: perSecond(ofMetric('cnt_updatelatency')),
    bytesReceived: perSecond(ofMetric('bytes_received_count')),
    bytesSent: perSecond(ofMetric('response_bytes')),
    connects: perSecond(ofMetric('connection_request_count')),
    drops: perSecond(ofMetric('connection_drop_count')),
    rejects: perSecond(ofMetric('connection_rejected')),
    readLatency: mean('readlatency'),
    updateLatency: mean('updatelatency'),
  };
}

/**
 * Seconds from one moment to another at a member, by the server's own clock where it tells for how long it has been up: the counters come with it, however long the
 * answer was on its way. Else by when it was asked and how long an exchange took.
 */
export function secondsBetween(before: Moment, after: Moment): number | undefined {
  const [was, is] = [before.member.facts.uptime, after.member.facts.uptime];
  const asked = (moment: Moment): number => moment.at + (moment.member.observation.roundTrip ?? 0);
  const milliseconds = ticks(was) && ticks(is) ? is.value - was.value : asked(after) - asked(before);
  return milliseconds >= 1 ? milliseconds / 1000 : undefined;
}

function ticks(uptime: Fact<number> | undefined): uptime is Fact<number> {
  return uptime?.source === 'admin:monitor' || uptime?.source === '4lw:mntr';
}

/**
 * A server counts from zero when its process starts, when an election gives it a new role, and when it is told so by
 * `srst`.
 */
function beganAnew(before: MemberStatus, after: MemberStatus): boolean {
  const back = (name: 'uptime' | 'received' | 'sent'): boolean => {
    const [was, is] = [before.facts[name]?.value, after.facts[name]?.value];
    return was !== undefined && is !== undefined && is < was;
  };
  return back('uptime') || back('received') || back('sent');
}

/** The lower half of a zxid counts the transactions of an epoch. */
function transactionsBetween(before: Fact<bigint> | undefined, after: Fact<bigint> | undefined): number | undefined {
  if (before === undefined || after === undefined) return undefined;
  const same = before.value >> 32n === after.value >> 32n && after.value >= before.value;
  return same ? Number(after.value - before.value) : undefined;
}
