/** What a data file of a server is taken for, by its name. */
export interface DataFileName {
  readonly name: string;
  readonly zxid: bigint;
}

const MIN_LONG = -(2n ** 63n);
const MAX_LONG = 2n ** 63n - 1n;

/**
 * The zxid in the name of a log or a snapshot, as Util.getZxidFromName takes it: what stands behind the second dot does
 * not matter to a server, so `log.5.bak` is a log to it.
 */
function zxidOfName(name: string, prefix: 'log' | 'snapshot'): bigint | undefined {
  const [first, second = ''] = name.split('.');
  const match = first === prefix ? /^([+-]?)([0-9a-f]{1,64})$/i.exec(second) : null;
  if (match === null) return undefined;
  const value = BigInt(`0x${match[2]}`) * (match[1] === '-' ? -1n : 1n);
  // Long.parseLong refuses what is too large; -1 means "none", and nothing below 0 is ever looked at.
  return value < MIN_LONG || value > MAX_LONG || value < 0n ? undefined : value;
}

/** The files of that kind among some names, in ascending order of zxids. */
export function dataFiles(names: readonly string[], prefix: 'log' | 'snapshot'): readonly DataFileName[] {
  const found = names.flatMap((name) => {
    const zxid = zxidOfName(name, prefix);
    return zxid === undefined ? [] : [{ name, zxid }];
  });
  return found.sort((a, b) => (a.zxid < b.zxid ? -1 : Number(a.zxid > b.zxid)) || (a.name < b.name ? -1 : 1));
}

/** The epoch a zxid is of. */
export function epochOf(zxid: bigint): bigint {
  return zxid >> 32n;
}
