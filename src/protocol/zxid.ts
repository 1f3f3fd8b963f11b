/** A 64-bit number as `0x…`; negative ones as Java prints them, in two's complement. */
export function hex64(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16)}`;
}
