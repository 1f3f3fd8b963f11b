import { createStyle, type Style } from '../output/style.ts';
import { loadTheme, wantsColour } from '../output/theme.ts';
import type { Io, OutputStream } from './io.ts';

/** The style of what is written to a stream: by whether a person reads it, how wide it is, and what is said of colour. */
export async function styleOf(stream: OutputStream, io: Io, noColor = false): Promise<Style> {
  const tty = stream.isTTY === true;
  const paint = wantsColour({ env: io.env, isTty: tty, off: noColor }) ? await loadTheme() : undefined;
  const width = tty ? (stream.columns ?? 80) : Number.POSITIVE_INFINITY;
  return createStyle({ tty, width, now: io.now(), paint });
}
