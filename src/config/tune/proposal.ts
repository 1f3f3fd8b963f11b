import type { MemberConfig } from '../member.ts';
import { numberOf, valueIn } from '../member.ts';
import type { Release } from '../parameters/release.ts';
import { findParameter } from '../parameters/table.ts';
import type { Measured, MemberMeasure } from './measure.ts';

/** What is to be said of one parameter: change it, keep it, or that it cannot be told. */
export interface Proposal {
  readonly parameter: string;
  readonly verdict: 'change' | 'keep' | 'unknown';
  /** What is in force or stands in the file; undefined where it is not told. */
  readonly now: string | undefined;
  /** Undefined unless it is to be changed. */
  readonly proposed: string | undefined;
  /** Where it is set: a key of zoo.cfg, or a flag of the JVM. */
  readonly place: 'zoo.cfg' | 'java.env';
  /** The arithmetic, with the numbers in. */
  readonly formula: string;
  readonly why: string;
  /** `measured`, or `partly` where something of the formula was not told; undefined where nothing is proposed. */
  readonly confidence: 'measured' | 'partly' | undefined;
  /** What was not told and would have counted. */
  readonly missing: readonly string[];
  readonly reference: string | undefined;
}

/** What proposals are made of: the worst of all members. Sizes are bytes, times milliseconds, rates a second. */
export interface TuneInput {
  readonly measured: Measured;
  readonly worst: Worst;
  /** The present value of a parameter, `text` undefined where it has none; undefined where it is not told. */
  now(key: string): { readonly text: string | undefined; readonly number: number | undefined } | undefined;
  readonly ensemble: boolean;
  /** The heap of the JVM, told or given. */
  readonly heap: number | undefined;
}

type Worst = ReturnType<typeof worstOf>;

/** Gathers what proposals need. @param file its values count as the present ones where it is given */
export function tuneInput(
  measured: Measured,
  {
    file,
    configs,
    release,
    heap,
  }: {
    file: MemberConfig | undefined;
    /** The members, as `liveMemberConfig` has them. */
    configs: readonly MemberConfig[];
    release: Release;
    heap: number | undefined;
  },
): TuneInput {
  const heaps = measured.members.flatMap(({ effective }) => effective.answers.heap ?? []);
  const present = (key: string) => {
    const parameter = findParameter(key);
    const ofFile = file !== undefined && parameter?.readBy !== 'property' ? file : undefined;
    const sources = ofFile === undefined ? configs.filter(({ sight }) => sight?.tells(key) !== false) : [ofFile];
    const values = [...new Set(sources.flatMap((one) => valueIn(one, key, release) ?? []))];
    const numbers = sources.flatMap((one) => numberOf(one, key, release) ?? []);
    if (sources.length === 0) return undefined;
    return {
      text: values.length === 0 ? undefined : values.join(', '),
      number: numbers.length === 0 ? undefined : Math.min(...numbers),
    };
  };
  return {
    measured,
    worst: worstOf(measured.members),
    now: present,
    ensemble: configs.some(({ sight }) => sight?.ensemble === true),
    heap: heaps.length > 0 ? Math.min(...heaps) : heap,
  };
}

/** Of all members, what asks for the most. */
function worstOf(members: readonly MemberMeasure[]) {
  const most = (read: (one: MemberMeasure) => number | undefined): number | undefined => {
    const told = members.flatMap((one) => read(one) ?? []);
    return told.length === 0 ? undefined : Math.max(...told);
  };
  return {
    dataSize: most(({ load }) => load.dataSize),
    znodes: most(({ load }) => load.znodes),
    outstanding: most(({ load }) => load.outstanding),
    fsyncMax: most(({ load }) => load.fsyncMax),
    quorumAck: most(({ load }) => load.quorumAck),
    jvmPauseMax: most(({ load }) => load.jvmPauseMax),
    snapshotTime: most(({ load }) => load.snapshotTime),
    largestResponse: most(({ load }) => load.largestResponse),
    largestProposal: most(({ load }) => load.largestProposal),
    bytesIn: most(({ bytesIn }) => bytesIn),
    roundTrip: most(({ roundTrip }) => (typeof roundTrip === 'string' ? undefined : roundTrip.median)),
    busiest: most(({ clients }) => clients?.busiest),
    sessions: most(({ clients }) => clients?.sessions),
    longest: most(({ clients }) => clients?.longest),
    withLongest: members.reduce((sum, { clients }) => sum + (clients?.withLongest ?? 0), 0),
  };
}

/** What is decided of one parameter. */
interface Decision {
  readonly key: string;
  readonly place?: Proposal['place'] | undefined;
  readonly formula: string;
  readonly why: string;
  readonly missing?: readonly string[] | undefined;
  /** What it should be; undefined when the present value is fine. */
  readonly proposed: string | number | undefined;
}

/** A change, or that the present value is fine. */
export function decided(
  input: TuneInput,
  { key, place = 'zoo.cfg', missing = [], proposed, ...text }: Decision,
): Proposal {
  const present = input.now(key);
  if (present === undefined) {
    const enough = proposed === undefined ? '' : `; ${proposed} would do`;
    return { ...undecided(input, key, `the present value is not told${enough}`, place), formula: text.formula };
  }
  const now = present.text;
  const keep = proposed === undefined || `${proposed}` === now;
  return {
    parameter: key,
    verdict: keep ? 'keep' : 'change',
    now,
    proposed: keep ? undefined : `${proposed}`,
    place,
    ...text,
    confidence: missing.length === 0 ? 'measured' : 'partly',
    missing,
    reference: findParameter(key)?.reference,
  };
}

/** That nothing can be said, and for want of what. */
export function undecided(
  input: TuneInput,
  key: string,
  missing: string,
  place: Proposal['place'] = 'zoo.cfg',
): Proposal {
  return {
    parameter: key,
    verdict: 'unknown',
    now: input.now(key)?.text,
    proposed: undefined,
    place,
    formula: '',
    why: missing,
    confidence: undefined,
    missing: [missing],
    reference: findParameter(key)?.reference,
  };
}
