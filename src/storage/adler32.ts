const MODULUS = 65521;
/** The most bytes that can be summed before the sums could leave 32 bits (zlib's NMAX). */
const STRETCH = 5552;

/** A running Adler-32, as java.util.zip.Adler32 counts it; 1 to begin with. */
export function adler32(before: number, bytes: Uint8Array, from = 0, to = bytes.length): number {
  let a = before & 0xffff;
  let b = before >>> 16;
  for (let at = from; at < to; ) {
    const end = Math.min(at + STRETCH, to);
    for (; at < end; at++) {
      a += bytes[at] as number;
      b += a;
    }
    a %= MODULUS;
    b %= MODULUS;
  }
  return ((b << 16) | a) >>> 0;
}
