import { hex64 } from '../protocol/zxid.ts';
import type { Style } from './style.ts';

/** What goes with a deletion: bytes of data, and ephemerals, of which somebody may make use at this moment. */
export interface Loss {
  readonly bytes: number;
  readonly ephemerals: readonly { readonly path: string; readonly owner: bigint }[];
}

/** Ephemerals named one by one before the rest is only counted. */
const SHOWN = 10;

/** The lines below "would delete …"; without a style, those of a confirmation. */
export function lossLines({ bytes, ephemerals }: Loss, style?: Style): string[] {
  return [`${style?.size(bytes) ?? bytes}${style?.tty ? '' : ' bytes'} of data`, ...ephemeralLines(ephemerals, style)];
}

/** Each ephemeral with the session that owns it, the first ones; the others are counted. */
export function ephemeralLines(ephemerals: Loss['ephemerals'], style?: Style): string[] {
  const owned = ephemerals.slice(0, SHOWN).map(({ path, owner }) => {
    return `ephemeral ${style?.name(path) ?? path} of session ${hex64(owner)}`;
  });
  const more = ephemerals.length - owned.length;
  return more > 0 ? [...owned, `and ${more.toLocaleString('en-US')} more ephemerals`] : owned;
}
