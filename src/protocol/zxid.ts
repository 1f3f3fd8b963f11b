/** A zxid's upper half: the epoch, one a leadership. */
export function epochOf(zxid: bigint): number {
  return Number(BigInt.asUintN(32, zxid >> 32n));
}

/** A zxid's lower half: the transaction's number within its epoch. */
export function counterOf(zxid: bigint): number {
  return Number(BigInt.asUintN(32, zxid));
}

/** A 64-bit number as `0x…`; negative ones as Java prints them, in two's complement. */
export function hex64(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16)}`;
}
