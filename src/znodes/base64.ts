/**
 * The bytes that base64 text stands for, blanks and line feeds skipped; undefined where it is no base64. `Buffer.from`
 * alone skips whatever it does not know, and would so give other bytes than were meant.
 */
export function decodeBase64(text: string): Buffer | undefined {
  const packed = text.replaceAll(/\s/g, '').replace(/={1,2}$/, '');
  const bytes = Buffer.from(packed, 'base64');
  return bytes.toString('base64').replace(/=+$/, '') === packed ? bytes : undefined;
}
