import type { MemberStatus } from '../ensemble-status.ts';
import { metricNumber } from '../metrics.ts';
import type { Severity, Told } from './check.ts';

/** A member as a finding names it. */
export function nameOf({ id, host }: MemberStatus): string {
  return id === undefined ? host : `${id} (${host})`;
}

export function namesOf(members: readonly MemberStatus[]): string {
  return members.map(nameOf).join(', ');
}

/** A metric of `mntr` or `monitor`; which releases have it is said by whoever asks. */
export function metric(member: MemberStatus, name: string, since = '3.4'): Told<number> {
  const { metrics, metricsFrom } = member.observation;
  const value = metricNumber(metrics, name);
  if (value !== undefined) return { value, source: `${name}, ${metricsFrom}` };
  return { reason: metrics === undefined ? noMetrics(member) : `its release tells no ${name} (${since} and later do)` };
}

/** The first of several metrics that is told: their names differ by release. */
export function firstMetric(member: MemberStatus, names: readonly string[], since?: string): Told<number> {
  const all = names.map((name) => metric(member, name, since));
  return all.find((one) => 'value' in one) ?? all[0] ?? { reason: noMetrics(member) };
}

/** From which share on a thing that must not happen is no rare case of long ago. */
const OFTEN = 0.01;

/**
 * How serious it is that something happened so many times since the process started: nobody tells when that was, and a few
 * of long ago must not be an alarm for ever. Undefined (the check's own severity) for a notable share of what happened in
 * the same time, and where that is not told.
 */
export function severityOfCount(count: number, member: MemberStatus, among: readonly string[]): Severity | undefined {
  const all = among.map((name) => metricNumber(member.observation.metrics, name));
  if (!all.every((one) => one !== undefined)) return undefined;
  const total = all.reduce((sum, one) => sum + one, count);
  return count < OFTEN * total ? 'advice' : undefined;
}

function noMetrics({ role, observation }: MemberStatus): string {
  if (role === 'not serving') return 'it does not serve, and tells no metrics until it does';
  const why = observation.missing.filter(
    ({ source }) => source === '4lw:mntr' || source === '4lw' || source === 'admin',
  );
  const reasons = why.map(
    ({ source, reason }) => `${source === '4lw' ? 'mntr' : source.replace('4lw:', '')}: ${reason}`,
  );
  return reasons.length === 0 ? 'it tells no metrics' : `no metrics (${reasons.join('; ')})`;
}

/** A fact of `status` as evidence. */
export function fact<T>(one: { value: T; source: string } | undefined, reason: string): Told<T> {
  return one === undefined ? { reason } : one;
}

const ADMIN_NAMES: Readonly<Record<string, string>> = {
  maxClientCnxns: 'max_client_cnxns',
  tickTime: 'tick_time',
  dataDir: 'data_dir',
  dataLogDir: 'data_log_dir',
};

/** A setting in force, by its name in zoo.cfg. */
export function setting(member: MemberStatus, name: keyof typeof ADMIN_NAMES): Told<string> {
  const { conf, configuration } = member.observation.settings;
  const word = conf?.get(name);
  if (word !== undefined) return { value: word, source: '4lw:conf' };
  const admin = configuration?.[ADMIN_NAMES[name] ?? ''];
  if (admin !== undefined) return { value: `${admin}`, source: 'admin:configuration' };
  return { reason: 'neither conf nor an AdminServer tells the configuration' };
}
