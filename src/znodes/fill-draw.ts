/** What a number is drawn for: draws for different things have nothing to do with each other. */
export const DRAWN_FOR = { parent: 1, size: 2, data: 3, text: 4, ephemeral: 5, container: 6, counter: 7 } as const;

/** Draws numbers from 0 up to 1, always the same for the same seed, index and purpose: no state, so in any order. */
export type Draw = (index: number, purpose: number) => number;

/** Any text is a seed. */
export function drawing(seed: string): Draw {
  const start = textHash(seed);
  return (index, purpose) => {
    // Multiply and fold as in "lowbias32" (C. Wellons), a mix in which every bit of the input moves every bit of the output.
    let hash = start ^ Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(purpose, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 16), 0x21f0aaad);
    hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
    return ((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** FNV-1a. */
function textHash(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash;
}
