import type { Parameter } from './parameters/parameter.ts';
import { isAtLeast, type Release } from './parameters/release.ts';

/** What is wrong with a value, and what a server makes of it. */
export interface ValueProblem {
  /** `type`: it cannot be read; `range`: it can, and is out of bounds. */
  readonly kind: 'type' | 'range';
  readonly message: string;
  /** The server does not start, goes on with the default, or fails at what needs it. */
  readonly effect: 'boot' | 'default' | 'fail';
}

const INT_MAX = 2n ** 31n - 1n;
const LONG_MAX = 2n ** 63n - 1n;
/** These two were strict before the others: 3.7 made every boolean of QuorumPeerConfig so. */
const ALWAYS_STRICT = ['standaloneEnabled', 'reconfigEnabled'];

/** Judges a value as servers of a release read it; undefined when nothing is wrong with it. */
export function checkValue(parameter: Parameter, value: string, release: Release): ValueProblem | undefined {
  const { type, ifBad } = parameter;
  if (type.kind === 'int' || type.kind === 'long') return checkInteger(parameter, type, value);
  if (type.kind === 'port') return checkPort(parameter, value);
  if (type.kind === 'decimal') {
    if (value === '' || !Number.isFinite(Number(value))) return typeProblem(`${quoted(value)} is no number`, ifBad);
    return rangeProblem(type, Number(value), value);
  }
  if (type.kind === 'boolean' && !/^(?:true|false)$/i.test(value)) {
    const strict = isAtLeast(release, '3.7.0') || ALWAYS_STRICT.includes(parameter.name);
    return typeProblem(`${quoted(value)} is neither true nor false`, strict ? ifBad : 'default');
  }
  if (type.kind !== 'choice') return undefined;
  const { choices, exact } = type;
  if (choices.some((one) => one === value || (!exact && one.toLowerCase() === value.toLowerCase()))) return undefined;
  return typeProblem(`${quoted(value)} is not one of ${choices.filter((one) => one !== '').join(', ')}`, ifBad);
}

/** A whole number as the reader of the parameter takes it; undefined for what it refuses. */
export function readInteger(parameter: Parameter, value: string): bigint | undefined {
  // Integer.parseInt for the keys of zoo.cfg, Integer.getInteger, which knows 0x… and 0…, for system properties.
  if (/^[+-]?\d+$/.test(value) && (parameter.readBy === 'config' || !/^[+-]?0\d/.test(value)))
    return BigInt(value.replace('+', ''));
  if (parameter.readBy === 'config') return undefined;
  const [, sign, hex, octal] = /^([+-]?)(?:(?:0[xX]|#)([0-9a-fA-F]+)|0([0-7]+))$/.exec(value) ?? [];
  if (hex === undefined && octal === undefined) return undefined;
  const size = BigInt(hex === undefined ? `0o${octal}` : `0x${hex}`);
  return sign === '-' ? -size : size;
}

function checkInteger(
  parameter: Parameter,
  type: { kind: string; min?: number | undefined; max?: number | undefined },
  value: string,
): ValueProblem | undefined {
  const number = readInteger(parameter, value);
  const limit = type.kind === 'long' ? LONG_MAX : INT_MAX;
  if (number === undefined || number > limit || number < -limit - 1n) {
    const comment = /^-?\d+\s*[#!]/.test(value) ? ': a comment stands on a line of its own' : '';
    return typeProblem(`${quoted(value)} is no whole number${comment}`, parameter.ifBad);
  }
  return rangeProblem(type, Number(number), value);
}

function checkPort(parameter: Parameter, value: string): ValueProblem | undefined {
  const problem = checkInteger(parameter, { kind: 'int', min: 0, max: 65_535 }, value);
  if (problem?.kind !== 'range') return problem;
  return typeProblem(`${value} is no port`, parameter.ifBad === 'boot' ? 'boot' : 'fail');
}

function rangeProblem(
  { min, max }: { min?: number | undefined; max?: number | undefined },
  number: number,
  value: string,
): ValueProblem | undefined {
  if (min !== undefined && number < min)
    return { kind: 'range', message: `${value} is less than ${min}`, effect: 'default' };
  if (max !== undefined && number > max)
    return { kind: 'range', message: `${value} is more than ${max}`, effect: 'default' };
  return undefined;
}

function typeProblem(message: string, effect: ValueProblem['effect']): ValueProblem {
  return { kind: 'type', message, effect };
}

function quoted(value: string): string {
  return value === '' ? 'an empty value' : JSON.stringify(value);
}
