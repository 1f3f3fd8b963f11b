/** A member's clock as it was read once, against the clock of this machine. */
export interface ClockReading {
  /** When, by the clock of this machine; milliseconds since 1970. */
  at: number;
  /** Milliseconds that the member's clock is ahead of ours; negative when it is behind. */
  offset: number;
  /** The offset is right to this many milliseconds, whatever the network did. */
  uncertainty: number;
  /**
   * Who told: the `Date` of an AdminServer's answers, the time the leader gave a transaction, or when the server says that
   * a session's connection was made.
   */
  source: 'admin:date' | 'transaction' | '4lw:cons';
}

/** Milliseconds since 1970, both ends included. */
interface Span {
  from: number;
  to: number;
}

/**
 * Compares a member's time with ours.
 *
 * @param theirs where its clock stood, as exactly as it told
 * @param ours within which time it looked at its clock
 */
export function clockReading(source: ClockReading['source'], theirs: Span, ours: Span): ClockReading {
  return spanning(source, { from: theirs.from - ours.to, to: theirs.to - ours.from }, ours.to);
}

/**
 * What the `Date` header of an answer tells. Jetty renews it once a second (`Server.getDateField`), cut to the second.
 *
 * @param ours from sending the question to the first byte of the answer
 */
export function clockOfDate(header: string | undefined, ours: Span): ClockReading | undefined {
  if (header === undefined || !/^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(header)) return undefined;
  const second = Date.parse(header);
  return Number.isNaN(second) ? undefined : clockReading('admin:date', { from: second, to: second + 999 }, ours);
}

/** Several readings of one clock as one: what all of them allow, or the best of them where the clock was set meanwhile. */
export function together(readings: readonly ClockReading[]): ClockReading | undefined {
  const [best] = readings.toSorted((a, b) => a.uncertainty - b.uncertainty);
  if (best === undefined) return undefined;
  const from = Math.max(...readings.map(({ offset, uncertainty }) => offset - uncertainty));
  const to = Math.min(...readings.map(({ offset, uncertainty }) => offset + uncertainty));
  return from > to ? best : spanning(best.source, { from, to }, best.at);
}

/** How far two members' clocks are apart: at least so many milliseconds, and at most. */
export function apart(a: ClockReading, b: ClockReading): { least: number; most: number } {
  const distance = Math.abs(a.offset - b.offset);
  const doubt = a.uncertainty + b.uncertainty;
  return { least: Math.max(0, distance - doubt), most: distance + doubt };
}

function spanning(source: ClockReading['source'], { from, to }: Span, at: number): ClockReading {
  return { at, offset: (from + to) / 2, uncertainty: (to - from) / 2, source };
}
