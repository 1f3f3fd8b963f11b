import { truncate } from '../output/display-width.ts';
import { escapeControl } from '../output/text-safety.ts';
import { byteSize, shortDuration } from '../output/times.ts';
import type { Io } from './io.ts';

/** What is being worked on. */
export interface ProgressOptions {
  label: string;
  /** How much there is to do, where that is known: gives a bar and an estimate. */
  total?: number | undefined;
  /** What is counted: a plural such as `znodes`, or bytes. */
  unit?: string | undefined;
}

/** Shows how far long work has come; only work longer than a second shows anything. */
export interface Progress {
  /** How much is done by now; cheap, to be called for each item. */
  update(done: number): void;
  /** Takes the bar away until the next update, for a line that is to be written. */
  clear(): void;
  /** Takes the bar away. Always to be called, also when the work has failed. */
  done(): void;
}

const FIRST_MS = 1000;
const REDRAW_MS = 100;
const LINE_MS = 10_000;

/** On a terminal a bar or spinner on stderr, redrawn ten times a second; elsewhere one line every ten seconds. */
export function createProgress(io: Io, options: ProgressOptions): Progress {
  const { stderr } = io;
  const tty = stderr.isTTY === true && io.env.TERM !== 'dumb';
  const start = io.now();
  let next = start + (tty ? FIRST_MS : LINE_MS);
  let drawn = false;
  const clear = (): void => {
    if (drawn) stderr.write('\r\u001b[K');
    drawn = false;
  };
  return {
    update(done) {
      const now = io.now();
      if (now < next) return;
      next = now + (tty ? REDRAW_MS : LINE_MS);
      const line = progressLine(options, done, now - start);
      if (!tty) {
        stderr.write(`${line}\n`);
        return;
      }
      drawn = true;
      stderr.write(`\r${truncate(`${spinner(now)} ${line}`, (stderr.columns ?? 80) - 1)}\u001b[K`);
    },
    clear,
    done: clear,
  };
}

/** Shows nothing. */
export const silentProgress: Progress = { update() {}, clear() {}, done() {} };

/** `label 40% ████······ 400/1,000 znodes 200/s 3s left`. */
export function progressLine({ label, total, unit }: ProgressOptions, done: number, elapsedMs: number): string {
  const rate = elapsedMs > 0 ? (done * 1000) / elapsedMs : 0;
  const parts = [escapeControl(label)];
  if (total !== undefined && total > 0) parts.push(`${percent(done, total)} ${bar(done / total)}`);
  parts.push(total === undefined ? amount(done, unit) : `${amount(done)}/${amount(total, unit)}`);
  if (rate >= 1) parts.push(`${unit === 'bytes' ? byteSize(rate) : amount(Math.round(rate))}/s`);
  if (total !== undefined && rate > 0 && done < total) {
    parts.push(`${shortDuration(Math.max(1000, ((total - done) / rate) * 1000))} left`);
  }
  return parts.join(' ');
}

const BAR_WIDTH = 20;

function bar(fraction: number): string {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * BAR_WIDTH);
  return '█'.repeat(full) + '·'.repeat(BAR_WIDTH - full);
}

function percent(done: number, total: number): string {
  return `${Math.min(100, Math.floor((done / total) * 100))}%`;
}

function amount(count: number, unit?: string): string {
  if (unit === 'bytes') return byteSize(count);
  return `${count.toLocaleString('en-US')}${unit === undefined ? '' : ` ${unit}`}`;
}

function spinner(now: number): string {
  return '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'.charAt(Math.floor(now / REDRAW_MS) % 10);
}
