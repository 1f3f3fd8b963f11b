const MIB = 1024 * 1024;

/** Something measured in milliseconds under its name; undefined where it was not told. */
export type Amount = readonly [name: string, ms: number | undefined];

/** A time in a formula. */
export function ms(value: number): string {
  return `${short(value)} ms`;
}

/** A size in a formula. */
export function bytes(value: number): string {
  if (value < 1024) return `${short(value)} B`;
  if (value < MIB) return `${short(value / 1024)} KiB`;
  return value < 1024 * MIB ? `${short(value / MIB)} MiB` : `${short(value / MIB / 1024)} GiB`;
}

/** A rate in a formula. */
export function rate(value: number, what: string): string {
  return `${short(value)} ${what}/s`;
}

/** The summands of a formula, those that were told. */
export function parts(amounts: readonly Amount[], before = ' + '): string {
  const told = amounts.flatMap(([name, one]) => (one === undefined ? [] : [`${ms(one)} ${name}`]));
  return told.length === 0 ? (before === '' ? 'nothing told' : '') : `${before}${told.join(' + ')}`;
}

function short(value: number): string {
  return `${value >= 100 ? Math.round(value) : Number(value.toPrecision(2))}`;
}
