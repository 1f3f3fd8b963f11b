import type { SilentMember } from '../config/live/read.ts';
import type { Measured, MemberMeasure } from '../config/tune/measure.ts';
import type { Proposal } from '../config/tune/proposal.ts';
import { plainText } from '../output/plain-text.ts';
import type { Style } from '../output/style.ts';
import type { Column, View } from '../output/view.ts';
import { wrap } from '../output/wrap.ts';
import { silentLine } from './config-show-view.ts';

/** What `config tune` came to. */
export interface Tuned {
  readonly measured: Measured;
  readonly proposals: readonly Proposal[];
  /** A unified diff of the file that was named, a character a byte; undefined without a file. */
  readonly patch: string | undefined;
}

const COLUMNS: readonly Column<Proposal>[] = [
  { header: 'parameter', value: ({ parameter }) => parameter, role: () => 'name' },
  { header: 'verdict', value: ({ verdict }) => verdict },
  { header: 'now', value: ({ now }) => now },
  { header: 'proposed', value: ({ proposed }) => proposed },
  { header: 'place', value: ({ place }) => place },
  { header: 'confidence', value: ({ confidence }) => confidence },
  { header: 'formula', value: ({ formula }) => formula },
  { header: 'why', value: ({ why }) => why },
  { header: 'not_told', value: ({ missing }) => missing.join('; ') },
];

/** How `config tune` looks; with `patchOnly` it is the patch, byte for byte in a pipe. */
export function configTuneView(patchOnly: boolean): View<Tuned, Proposal> {
  return {
    text: (tuned, style) => {
      if (patchOnly) return (tuned.patch ?? '').replace(/\n$/, '') || undefined;
      if (!style.tty) return plainText(tuned, { columns: COLUMNS, rows: ({ proposals }) => proposals }, style);
      return screen(tuned, style).join('\n');
    },
    columns: COLUMNS,
    rows: ({ proposals }) => proposals,
    json: tunedJson,
    ...(patchOnly ? { piped: 'raw' as const } : {}),
    raw: ({ patch }) => Buffer.from(patch ?? '', 'latin1'),
  };
}

function screen({ measured, proposals }: Tuned, style: Style): string[] {
  const changes = proposals.filter(({ verdict }) => verdict === 'change');
  const kept = proposals.filter(({ verdict }) => verdict === 'keep');
  const unknown = proposals.filter(({ verdict }) => verdict === 'unknown');
  return [
    ...changes.flatMap((one) => change(one, style)),
    ...(changes.length === 0 ? [style.paint('good', 'Nothing to change by what was measured.')] : []),
    '',
    ...kept.flatMap(({ parameter, now, formula }) =>
      indented('fine      ', `${parameter} ${now ?? '(not told)'}: ${formula}`, style),
    ),
    ...unknown.flatMap(({ parameter, why }) => indented('not told  ', `${parameter}: ${why}`, style)),
    '',
    measuredLine(measured, style),
    ...tripLines(measured.members, style),
    ...measured.silent.map((one) => silentLine(one, style)),
  ];
}

/** A remark of any length: what follows its first line stands below its text. */
function indented(head: string, text: string, style: Style): string[] {
  const lines = wrap(style.name(text), style.width - head.length);
  return lines.map((line, i) => style.paint('dim', `${i === 0 ? head : ' '.repeat(head.length)}${line}`));
}

function change({ parameter, now, proposed, place, formula, why, missing }: Proposal, style: Style): string[] {
  const where = place === 'zoo.cfg' ? '' : style.paint('dim', `  in ${place}`);
  return [
    `${style.paint('title', parameter)}  ${style.name(now ?? '(not told)')} → ${style.paint('warn', style.name(proposed ?? ''))}${where}`,
    `  ${style.name(formula)}`,
    style.paint('dim', `  ${why}`),
    ...(missing.length === 0 ? [] : [style.paint('dim', `  not told, so not counted: ${missing.join(', ')}`)]),
  ];
}

function measuredLine({ window, writes, members }: Measured, style: Style): string {
  const written = writes === undefined ? '' : `, ${short(writes)} transactions/s`;
  const number = `${members.length} member${members.length === 1 ? '' : 's'}`;
  return style.paint('dim', `measured over ${short(window / 1000)} s at ${number}${written}`);
}

function tripLines(members: readonly MemberMeasure[], style: Style): string[] {
  return members.flatMap(({ effective, roundTrip }) =>
    typeof roundTrip === 'string'
      ? [style.paint('warn', `no round trip to ${style.name(effective.name)}: ${style.name(roundTrip)}`)]
      : [],
  );
}

function tunedJson({ measured, proposals, patch }: Tuned): object {
  const { window, writes, members, silent } = measured;
  return {
    window: Math.round(window),
    writes: writes ?? null,
    members: members.map(({ effective, load, requests, bytesIn, roundTrip, clients }) => ({
      id: effective.id,
      host: effective.host,
      heap: effective.answers.heap,
      requests,
      bytesIn,
      roundTrip: typeof roundTrip === 'string' ? undefined : roundTrip,
      clients,
      load: { ...load, roundTrip: undefined },
    })),
    proposals: proposals.map(({ now, proposed, confidence, ...one }) => ({
      ...one,
      now: now ?? null,
      proposed: proposed ?? null,
      confidence: confidence ?? null,
    })),
    ...(patch === undefined ? {} : { patch }),
    silent: silent satisfies readonly SilentMember[],
  };
}

function short(value: number): string {
  return `${Number(value.toPrecision(value >= 100 ? 4 : 2))}`;
}
