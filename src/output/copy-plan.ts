import { ephemeralLines, type Loss } from './deletion.ts';
import type { Style } from './style.ts';

/** A copy or a move of a tree, as it was planned. */
interface PlannedCopy {
  readonly source: { readonly path: string };
  readonly target: { readonly path: string };
  readonly znodes: number;
  readonly bytes: number;
  readonly already: number;
  readonly differing: number;
  readonly extra: number;
  readonly ephemerals: Loss['ephemerals'];
  readonly numbered: number;
}

/** `Would copy /a to /b: 12 znodes, 34 bytes of data …`; without a style, a line of a confirmation. */
export function copyPlanText(plan: PlannedCopy, deed: string, style?: Style): string {
  const name = (path: string) => style?.name(path) ?? path;
  const { znodes, bytes, already, differing, extra } = plan;
  const parts = [
    `${amount(znodes)} ${znodes === 1 ? 'znode' : 'znodes'}`,
    `${style?.size(bytes) ?? bytes}${style?.tty ? '' : ' bytes'} of data`,
    ...(already > 0 ? [`${amount(already)} there already`] : []),
    ...(differing > 0 ? [`${amount(differing)} there that differ`] : []),
    ...(extra > 0 ? [`${amount(extra)} only there`] : []),
  ];
  return `${deed} ${name(plan.source.path)} to ${name(plan.target.path)}: ${parts.join(', ')}`;
}

/** The plan's part of the JSON contract. */
export function copyPlanJson({ source, target, znodes, bytes, already, differing, extra, ephemerals }: PlannedCopy) {
  return { from: source.path, to: target.path, znodes, bytes, already, differing, extra, ephemerals };
}

/** What a person should know of a copy that does not carry everything over. */
export function copyNotes({ ephemerals, numbered }: PlannedCopy, ephemeral: 'skip' | 'persistent'): string[] {
  const notes: string[] = [];
  if (ephemerals.length > 0) {
    const many = `${amount(ephemerals.length)} ${ephemerals.length === 1 ? 'ephemeral is' : 'ephemerals are'}`;
    notes.push(`note: ${many} ${ephemeral === 'skip' ? 'left out' : 'copied as persistent'}:`);
    notes.push(...ephemeralLines(ephemerals).map((line) => `  ${line}`));
  }
  if (numbered > 0) {
    notes.push(
      `note: ${amount(numbered)} ${numbered === 1 ? 'name looks' : 'names look'} numbered by the server: the copies' ` +
        'parents count anew, from how many children they have',
    );
  }
  return notes;
}

function amount(count: number): string {
  return count.toLocaleString('en-US');
}
