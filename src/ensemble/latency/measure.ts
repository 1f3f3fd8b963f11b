import { ExitCode, ZkshError } from '../../protocol/errors.ts';
import type { ClientTarget } from '../member.ts';
import { metricNumber } from '../metrics.ts';
import type { Asking, MemberObservation } from '../observe-member.ts';
import { hostOf, targetOf } from '../observed-member.ts';
import { medianOf } from '../robust.ts';
import { type MemberMeasurement, measureMember } from './measure-member.ts';
import { countOf, type LatencyPlan, type OperationLatency } from './operations.ts';

/** What a server says of itself; milliseconds, since it was started or its statistics were reset. */
interface ServerLatency {
  min: number | undefined;
  avg: number | undefined;
  max: number | undefined;
  /** From 3.6 on, where mntr or the AdminServer tell. */
  p99Read: number | undefined;
  p99Update: number | undefined;
}

/** One member as its clients see it. */
export interface MemberLatency extends Omit<MemberMeasurement, 'operations'> {
  observation: MemberObservation;
  id: bigint | undefined;
  host: string;
  role: string;
  server: ServerLatency;
  operations: readonly ComparedLatency[];
  /** Milliseconds. */
  took: number;
}

/** How an operation went at one member, and how that is beside the others. */
export interface ComparedLatency extends OperationLatency {
  /** Its p50 as a multiple of the others' middle one; undefined without others. */
  timesOthers: number | undefined;
  /** It is slow beside the others. */
  slow: boolean;
}

/** All members measured, in the order of the members. */
export interface EnsembleLatency {
  members: readonly MemberLatency[];
  plan: LatencyPlan;
  /** What a process should exit with. */
  exitCode: ExitCode;
  /** Milliseconds. */
  took: number;
}

/** Slow is what takes twice as long as at the others, and at least this much longer. Milliseconds. */
const SLOW_BY = 1;
const SLOW_TIMES = 2;

/** Measures all members at once, each on a session of its own; one that was not reached is not asked again. */
export async function measureLatency(
  observed: readonly MemberObservation[],
  plan: LatencyPlan,
  asking: Asking,
  onRequest?: () => void,
): Promise<EnsembleLatency> {
  const started = performance.now();
  const interval = plan.rate === undefined ? 0 : 1000 / plan.rate;
  const measured = await Promise.all(
    observed.map(async (observation, i) => {
      const since = performance.now();
      const offset = (interval * i) / observed.length;
      const { error, target } = reached(observation);
      const measurement: MemberMeasurement =
        target === undefined
          ? { error, roundTrip: undefined, readOnly: undefined, operations: [] }
          : await measureMember(target, plan, asking, { offset, onRequest });
      return { observation, measurement, took: performance.now() - since };
    }),
  );
  const members = compared(
    measured.map(({ observation, measurement, took }) => memberOf(observation, measurement, took)),
  );
  return { members, plan, exitCode: exitCodeOf(members), took: performance.now() - started };
}

/** Requests that a plan makes of each member; undefined where only the clock ends it. */
export function requestsOf(plan: LatencyPlan): number | undefined {
  if (plan.duration !== undefined && plan.count === undefined) return undefined;
  const steps = plan.operations.filter((operation) => operation !== 'setData' && operation !== 'delete');
  return steps.reduce((sum, operation) => sum + countOf(operation, plan), 0);
}

type Uncompared = Omit<MemberLatency, 'operations'> & { operations: readonly OperationLatency[] };

function memberOf(observation: MemberObservation, measurement: MemberMeasurement, took: number): Uncompared {
  const { member, facts, metrics } = observation;
  const role = measurement.readOnly === true ? 'read-only' : (facts.role?.value ?? 'unreachable');
  return {
    ...measurement,
    observation,
    id: member.id,
    host: hostOf(observation),
    role,
    server: {
      min: facts.latencyMin?.value,
      avg: facts.latencyAvg?.value,
      max: facts.latencyMax?.value,
      p99Read: metricNumber(metrics, 'p99_readlatency'),
      p99Update: metricNumber(metrics, 'p99_updatelatency'),
    },
    took,
  };
}

function reached(observation: MemberObservation): { target?: ClientTarget; error: ZkshError | undefined } {
  const { member, missing, facts } = observation;
  const target = targetOf(observation);
  if (facts.role?.value === 'not serving') return { error: notServing(member.name) };
  if (target !== undefined) return { target, error: undefined };
  const why = missing[0]?.reason ?? 'it has no client address';
  const error = new ZkshError(`${member.name} is unreachable: ${why}`, {
    code: 'CONNECTION_FAILED',
    exitCode: ExitCode.connection,
    hint: 'Check that it runs and listens there, or allow more with --wait.',
  });
  return { error };
}

function notServing(name: string): ZkshError {
  return new ZkshError(`${name} is up and does not serve: it gives no session`, {
    code: 'NOT_SERVING',
    exitCode: ExitCode.connection,
    hint: 'See with quorum what it waits for.',
  });
}

function compared(members: readonly Uncompared[]): MemberLatency[] {
  return members.map((member) => ({
    ...member,
    operations: member.operations.map((latency) => {
      const others = members
        .filter((other) => other !== member)
        .flatMap(({ operations }) => operations.find(({ operation }) => operation === latency.operation) ?? [])
        .flatMap(({ distribution }) => distribution?.p50 ?? []);
      return { ...latency, ...besideOthers(latency.distribution?.p50, others) };
    }),
  }));
}

/** A member's middle latency beside those of the others. */
export function besideOthers(
  own: number | undefined,
  others: readonly number[],
): Pick<ComparedLatency, 'timesOthers' | 'slow'> {
  const middle = medianOf(others);
  if (own === undefined || middle === undefined || middle <= 0) return { timesOthers: undefined, slow: false };
  return { timesOthers: own / middle, slow: own >= SLOW_TIMES * middle && own - middle >= SLOW_BY };
}

/** All answered everything: 0. None answered: 5. Else what the refusals have in common, or 8. */
function exitCodeOf(members: readonly MemberLatency[]): ExitCode {
  const failed = members.filter(({ error }) => error !== undefined);
  if (failed.length > 0)
    return failed.every(({ operations }) => nothing(operations)) && failed.length === members.length
      ? ExitCode.connection
      : ExitCode.unhealthy;
  const codes = new Set(
    members
      .flatMap(({ operations }) => operations.flatMap(({ failure }) => failure ?? []))
      .map((failure) => (failure instanceof ZkshError ? failure.exitCode : ExitCode.unhealthy)),
  );
  const [first = ExitCode.done] = codes;
  return codes.size > 1 ? ExitCode.unhealthy : first;
}

function nothing(operations: readonly OperationLatency[]): boolean {
  return operations.every(({ distribution }) => distribution === undefined);
}
