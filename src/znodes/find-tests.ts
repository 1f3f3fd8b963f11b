import { type Acl, parseAcl } from '../protocol/acl.ts';
import { UsageError } from '../protocol/errors.ts';
import { baseName } from '../protocol/paths.ts';
import type { Stat } from '../protocol/records.ts';
import { badTest, countRange, type Range, sizeRange, timeRange } from './find-expression.ts';
import { compileRegExp, escapeRegExp, globRegExp } from './glob.ts';
import { kindOf, type NodeKind } from './node-kind.ts';

/** A znode as tests see it. What could not be read is undefined. */
export interface Candidate {
  readonly path: string;
  readonly stat: Stat | undefined;
  readonly acl?: readonly Acl[] | undefined;
}

/** True or false, or undefined where what it asks for could not be read. */
export type Test = (znode: Candidate) => boolean | undefined;

/** All kinds that a Stat tells apart. */
const MODES: readonly NodeKind['mode'][] = ['persistent', 'ephemeral'];

/** Kinds that somebody may ask for and that no Stat tells. */
const UNTOLD: Readonly<Record<string, string>> = {
  sequential: "Look at the name: --regex '[0-9]{10}$'",
  // DataNode.getClientEphemeralOwner: the owner is 0 but for ephemerals.
  container: 'To a client, a container looks like a persistent znode.',
  ttl: 'To a client, a znode with a time to live looks like a persistent one.',
};

const inRange = ({ min, max }: Range, value: number | bigint): boolean => Number(value) >= min && Number(value) <= max;
const ofStat =
  (test: (stat: Stat) => boolean): Test =>
  ({ stat }) =>
    stat === undefined ? undefined : test(stat);

/** Every test that takes a value, by its name without dashes. */
export const VALUE_TESTS = {
  name: (text: string): Test => {
    if (text.includes('/')) throw badTest(text, "a glob for the last name of a path, or give --path '**/a/b'");
    const glob = globRegExp(text);
    return ({ path }) => glob.test(baseName(path));
  },
  path: (text: string): Test => {
    const glob = globRegExp(text);
    return ({ path }) => glob.test(path);
  },
  regex: (text: string): Test => {
    const regExp = compileRegExp(text, 'u');
    return ({ path }) => regExp.test(path);
  },
  type: (text: string): Test => {
    const modes = text.split(',').map((word) => modeOf(word, text));
    return ofStat((stat) => modes.includes(kindOf(stat).mode));
  },
  size: (text: string): Test => {
    const range = sizeRange(text);
    return ofStat(({ dataLength }) => inRange(range, dataLength));
  },
  children: (text: string): Test => {
    const range = countRange(text);
    return ofStat(({ numChildren }) => inRange(range, numChildren));
  },
  version: (text: string): Test => {
    const range = countRange(text);
    return ofStat(({ version }) => inRange(range, version));
  },
  created: (text: string, now: number): Test => {
    const range = timeRange(text, now);
    return ofStat(({ ctime }) => inRange(range, ctime));
  },
  modified: (text: string, now: number): Test => {
    const range = timeRange(text, now);
    return ofStat(({ mtime }) => inRange(range, mtime));
  },
  owner: (text: string): Test => {
    const owner = sessionOf(text);
    return ofStat((stat) => kindOf(stat).mode === 'ephemeral' && stat.ephemeralOwner === owner);
  },
  acl: (text: string): Test => {
    const fits = entryTest(text);
    return ({ acl }) => acl?.some(fits);
  },
} as const;

/** Every test that takes none. */
export const PLAIN_TESTS = {
  ephemeral: ofStat((stat) => kindOf(stat).mode === 'ephemeral'),
  empty: ofStat(({ dataLength, numChildren }) => dataLength === 0 && numChildren === 0),
} as const;

export type ValueTest = keyof typeof VALUE_TESTS;
export type PlainTest = keyof typeof PLAIN_TESTS;

/** The test of that name for a value. @throws UsageError `BAD_TEST`, naming the flag */
export function valueTest(name: ValueTest, text: string, now: number): Test {
  try {
    return VALUE_TESTS[name](text, now);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const { message, code, hint } = error;
    throw new UsageError(`--${name}: ${message}`, { code, ...(hint !== undefined && { hint }), cause: error });
  }
}

/** The opposite of `name=value`, or of a name that takes no value. @throws UsageError `BAD_TEST` */
export function negatedTest(text: string, now: number): Test {
  const [, name = '', value] = /^([a-z]+)(?:=([\s\S]*))?$/.exec(text) ?? [];
  const test =
    value === undefined && isPlain(name)
      ? PLAIN_TESTS[name]
      : value !== undefined && isValue(name)
        ? valueTest(name, value, now)
        : undefined;
  if (test === undefined) throw badTest(text, "--not 'name=*.tmp', --not type=ephemeral or --not empty");
  return (znode) => {
    const result = test(znode);
    return result === undefined ? undefined : !result;
  };
}

function isValue(name: string): name is ValueTest {
  return Object.hasOwn(VALUE_TESTS, name);
}

function isPlain(name: string): name is PlainTest {
  return Object.hasOwn(PLAIN_TESTS, name);
}

function modeOf(word: string, text: string): NodeKind['mode'] {
  const hint = UNTOLD[word];
  if (hint !== undefined)
    throw new UsageError(`servers do not tell which znodes are ${word}`, { code: 'BAD_TEST', hint });
  const mode = MODES.find((known) => known === word);
  if (mode === undefined) throw badTest(text, `one or more of ${MODES.join(', ')}, with commas`);
  return mode;
}

function sessionOf(text: string): bigint {
  if (/^0x[0-9a-f]{1,16}$/i.test(text)) return BigInt.asIntN(64, BigInt(text));
  // JSON has session ids as decimal strings; digits alone are taken as that.
  if (/^-?\d{1,19}$/.test(text)) return BigInt.asIntN(64, BigInt(text));
  throw badTest(text, '0x1000023ab450000, as stat shows it, or in decimal, as JSON has it');
}

/** An entry for this identity, `*` standing for anything in it, that grants at least these permissions. */
function entryTest(text: string): (entry: Acl) => boolean {
  const [, scheme = '', rest] = /^([^:]+):([\s\S]*)$/.exec(text) ?? [];
  if (rest === undefined) throw badTest(text, 'world:anyone, sasl:kafka:rw or digest:bob:*');
  const [, id = rest, letters] = /^([\s\S]*):([cdrwa]+)$/.exec(rest) ?? [];
  const perms = letters === undefined ? 0 : (parseAcl(`ip:_:${letters}`)[0]?.perms ?? 0);
  const parts = id.split('*').map(escapeRegExp);
  const fits = new RegExp(`^${parts.join('[\\s\\S]*')}$`, 'u');
  return (entry) => entry.scheme === scheme && fits.test(entry.id) && (entry.perms & perms) === perms;
}
