import { randomUUID } from 'node:crypto';
import { readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { ExitCode, ZkshError } from '../../protocol/errors.ts';
import type { EnsembleStatus } from '../ensemble-status.ts';
import {
  type Baseline,
  type Departure,
  departures,
  type Learning,
  learn,
  learning,
  type Sample,
  upTo,
} from './baseline.ts';
import { type Counters, countersOf, METRIC_NAMES, type MetricName, metricValues } from './metrics.ts';

/** What a baseline file holds. */
interface BaselineFile {
  baseline: Baseline;
  /** Where the counters of each member stood at the last look. */
  counters: ReadonlyMap<string, Counters>;
}

/** Said of the file itself, so that nobody takes another for it. */
const KIND = 'zksh baseline';
const VERSION = 1;
/** A full one of 64 members is about 30 MiB. */
const MAX_BYTES = 64 * 1024 * 1024;
/** Of one metric: 8 of each hour of 7 days. */
const MAX_SAMPLES = 8 * 24 * 7;
const MAX_MEMBERS = 64;
const MAX_COUNTERS = 1000;
/** Samples further in the future were learnt while the clock of this machine was wrong. Milliseconds. */
const TOLERANCE = 3_600_000;
const EMPTY: BaselineFile = { baseline: new Map(), counters: new Map() };

/**
 * Compares a look with what the file has learnt, then learns it. The file is made where there is none, and replaced as a
 * whole: of two processes at once, the later one's look is kept.
 *
 * @param now milliseconds since 1970
 * @throws ZkshError `BAD_BASELINE`, `NEWER_BASELINE`, `BASELINE_FILE`
 */
export async function updateBaseline(
  file: string,
  status: EnsembleStatus,
  now: number,
): Promise<{ departures: readonly Departure[]; learning: readonly Learning[] }> {
  const { baseline: read, counters } = await readBaseline(file);
  const baseline = upTo(read, now + TOLERANCE);
  const current = countersOf(status, now);
  const values = metricValues(status, counters, current);
  const learnt = learn(baseline, values, now);
  const members = new Set(learnt.keys());
  const kept = [...counters, ...current].filter(([member]) => members.has(member) || current.has(member));
  await writeBaseline(file, { baseline: learnt, counters: new Map(kept) });
  return { departures: departures(baseline, values, now), learning: learning(learnt, values) };
}

async function readBaseline(file: string): Promise<BaselineFile> {
  let text: string;
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw bad(file, `it has ${size} bytes, and none is that long`);
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return EMPTY;
    throw error instanceof ZkshError ? error : inaccessible(file, 'read', error as Error);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw bad(file, `it is no JSON (${(error as Error).message})`);
  }
  return parseBaseline(value, file);
}

async function writeBaseline(file: string, content: BaselineFile): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, formatBaseline(content), { mode: 0o600, flag: 'wx' });
    await rename(temporary, file);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw inaccessible(file, 'written', error as Error);
  }
}

function formatBaseline({ baseline, counters }: BaselineFile): string {
  const members = [...baseline].map(([member, series]) => [member, Object.fromEntries(series)]);
  return `${JSON.stringify({
    kind: KIND,
    version: VERSION,
    samples: Object.fromEntries(members),
    counters: Object.fromEntries(counters),
  })}\n`;
}

function parseBaseline(value: unknown, file: string): BaselineFile {
  if (!isRecord(value) || value.kind !== KIND) throw bad(file, 'it is something else');
  const { version, samples, counters } = value;
  if (typeof version === 'number' && version > VERSION) {
    throw new ZkshError(`${file} is a baseline of version ${version}; this zksh knows version ${VERSION}`, {
      code: 'NEWER_BASELINE',
      exitCode: ExitCode.failure,
      hint: 'A newer zksh wrote it: use that one, or another file.',
    });
  }
  if (version !== VERSION || !isRecord(samples) || !isRecord(counters)) throw bad(file, 'parts of it are missing');
  const [learnt, stood] = [Object.entries(samples), Object.entries(counters)];
  if (learnt.length > MAX_MEMBERS) throw bad(file, `it has ${learnt.length} members`);
  return {
    baseline: new Map(learnt.map(([member, series]) => [member, seriesOf(series, member, file)])),
    counters: new Map(
      stood.map(([member, at]) => {
        if (isCounters(at)) return [member, at];
        throw bad(file, `the counters of member ${member} are damaged`);
      }),
    ),
  };
}

/** A metric that is not known here was learnt by another release: it is dropped. */
function seriesOf(value: unknown, member: string, file: string): Map<MetricName, readonly Sample[]> {
  if (!isRecord(value)) throw bad(file, `what it has of member ${member} is damaged`);
  return new Map(
    METRIC_NAMES.flatMap((metric): [MetricName, readonly Sample[]][] => {
      const samples = value[metric];
      if (samples === undefined) return [];
      if (Array.isArray(samples) && samples.length <= MAX_SAMPLES && samples.every(isSample))
        return [[metric, samples]];
      throw bad(file, `${metric} of member ${member} is damaged`);
    }),
  );
}

/** The samples are by time: what is too old is found at one end. */
function isSample(value: unknown, index: number, all: readonly unknown[]): value is Sample {
  if (!Array.isArray(value) || value.length !== 2 || !value.every(Number.isFinite)) return false;
  const before = all[index - 1];
  return Number.isSafeInteger(value[0]) && (!Array.isArray(before) || Number(before[0]) < Number(value[0]));
}

function isCounters(value: unknown): value is Counters {
  if (!isRecord(value) || !Number.isFinite(value.at) || !isRecord(value.values)) return false;
  const numbers = Object.values(value.values);
  const plain = numbers.length <= MAX_COUNTERS && numbers.every(Number.isFinite);
  return plain && (value.uptime === undefined || Number.isFinite(value.uptime));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bad(file: string, why: string): ZkshError {
  return new ZkshError(`${file} is no baseline that can be used: ${why}`, {
    code: 'BAD_BASELINE',
    exitCode: ExitCode.failure,
    hint: 'Name another file, or move this one away: a new one is learnt then.',
  });
}

function inaccessible(file: string, what: string, cause: Error): ZkshError {
  return new ZkshError(`the baseline ${file} can't be ${what}: ${cause.message}`, {
    code: 'BASELINE_FILE',
    exitCode: ExitCode.failure,
    hint: 'Check that its directory is there and yours.',
    cause,
  });
}
