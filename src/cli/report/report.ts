import type { EnsembleStatus } from '../../ensemble/ensemble-status.ts';
import type { Health } from '../../ensemble/health/judge.ts';
import type { Wanted } from '../../ensemble/observe.ts';
import type { Asking } from '../../ensemble/observe-member.ts';
import { type History, withSample } from '../../ensemble/sampling/history.ts';
import { type Sample, sampleEnsemble } from '../../ensemble/sampling/sample.ts';
import { shortDuration } from '../../output/times.ts';
import { type Happening, happenings } from './happenings.ts';

/** An ensemble over a while, as a page shows it. Moments are milliseconds since the epoch, lengths milliseconds. */
export interface Report {
  /** The context's name, or the servers. */
  readonly name: string;
  /** The line that made it, without secrets. */
  readonly command: string;
  /** Of zksh. */
  readonly version: string;
  readonly begun: number;
  readonly ended: number;
  readonly interval: number;
  readonly samples: number;
  /** At the end. */
  readonly status: EnsembleStatus;
  readonly history: History;
  readonly happenings: readonly Happening[];
  /** As it was judged at the end. */
  readonly health: Pick<Health, 'verdict' | 'findings' | 'notJudged' | 'passed'>;
}

export interface ReportOptions extends Pick<Report, 'name' | 'command' | 'version' | 'interval'> {
  /** How long to look. */
  readonly window: number;
  /** Judges the ensemble, after the last look. */
  judge(): Promise<Report['health']>;
  /** Told how many looks were taken. */
  readonly onSample?: ((taken: number) => void) | undefined;
}

/** How many looks a window has: one at its beginning, and one an interval after each. */
export function looksIn(window: number, interval: number): number {
  return Math.max(2, Math.floor(window / interval) + 1);
}

/** A length of time for people: looks are not on the second. */
export function lengthOf(milliseconds: number): string {
  return shortDuration(milliseconds < 1000 ? milliseconds : 1000 * Math.round(milliseconds / 1000));
}

/** Looks at an ensemble for a while. Throws what `asking.signal` was aborted with. */
export async function takeReport(wanted: Wanted, asking: Asking, options: ReportOptions): Promise<Report> {
  const { name, command, version, interval, window, onSample } = options;
  const count = looksIn(window, interval);
  const happened: Happening[] = [];
  let history: History = [];
  let first: Sample | undefined;
  let last: Sample | undefined;
  let samples = 0;
  for await (const sample of sampleEnsemble(wanted, asking, { interval, count })) {
    history = withSample(history, sample, count);
    happened.push(...happenings(last, sample, history));
    first ??= sample;
    last = sample;
    samples += 1;
    onSample?.(samples);
  }
  if (first === undefined || last === undefined) throw new Error('a window has two looks');
  return {
    name,
    command,
    version,
    begun: first.at,
    ended: last.at,
    interval,
    samples,
    status: last.status,
    history,
    happenings: happened,
    health: await options.judge(),
  };
}
