import type { LocalEnsemble, LocalSpec } from '../../src/local/ensemble.ts';

/** One part of the bench, run by its name. */
export interface Section {
  readonly name: string;
  readonly title: string;
  run(bench: Bench): Promise<Report>;
}

/** What a section is given. */
export interface Bench {
  /** The repository. */
  readonly root: string;
  /** A directory for the run's files; removed at the end. */
  readonly scratch: string;
  /** Rounds of interleaved measurements: 5, or 3 with `--quick`. */
  readonly rounds: number;
  /** A look rather than a measurement: sections do less of everything. */
  readonly quick: boolean;
  /** Tells the person who waits. */
  say(line: string): void;
  /** Starts real servers, compiled hot; they are stopped at the end of the section. */
  servers(spec: BenchServers): Promise<LocalEnsemble>;
}

type BenchServers = Pick<LocalSpec, 'servers' | 'config' | 'jvmFlags'>;

/** What a section found. Tables are for reading; `runs` has every single measurement behind them. */
export interface Report {
  readonly tables: readonly Table[];
  readonly aims: readonly Aim[];
  readonly missing: readonly Missing[];
  readonly notes: readonly string[];
  readonly runs: readonly Run[];
}

/** Cells are ready for print; the first column is text, the others are numbers. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A figure the project wants to reach. The bench tells; it never fails. */
export interface Aim {
  readonly what: string;
  readonly wanted: number;
  /** Undefined when it could not be measured. */
  readonly got: number | undefined;
  /** `≥`: at least that much. */
  readonly sense: '≥' | '≤';
  readonly unit: string;
}

/** Somebody who could not be compared with, and what would help. */
export interface Missing {
  readonly peer: string;
  readonly why: string;
}

/** The measurements behind one figure, in the order of rounds. */
export interface Run {
  readonly subject: string;
  readonly work: string;
  readonly unit: string;
  readonly values: readonly number[];
}

/** An aim that could not be measured is not reached. */
export function isMet(aim: Aim): boolean {
  if (aim.got === undefined) return false;
  return aim.sense === '≥' ? aim.got >= aim.wanted : aim.got <= aim.wanted;
}
