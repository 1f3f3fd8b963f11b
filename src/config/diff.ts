import { inForceIn } from './in-force.ts';
import { type MemberConfig, membershipOf, settingOf, shown, valueIn } from './member.ts';
import type { Parameter } from './parameters/parameter.ts';
import type { Release } from './parameters/release.ts';
import { findParameter } from './parameters/table.ts';
import { checkValue, readInteger } from './value.ts';

/**
 * What a difference between files means, the worst first: `no-boot`, one of them keeps a server from starting;
 * `harmful`, members must agree on it; `restart`, servers behave differently until they are changed and restarted;
 * `own`, each member has its own; `harmless`, it makes no difference to a server.
 */
const KINDS = ['no-boot', 'harmful', 'restart', 'own', 'harmless'] as const;

/** A key that is not the same in all files. */
export interface Difference {
  readonly key: string;
  readonly kind: (typeof KINDS)[number];
  readonly explanation: string;
  /** In the order of the files; undefined where it is not set. Secrets are left out. */
  readonly values: readonly (string | undefined)[];
  /** What is in force: the value, else the default of the release. */
  readonly inForce: readonly (string | undefined)[];
  /** Whether it can be seen at all: a running server does not tell everything. */
  readonly told: readonly boolean[];
  readonly reference: string | undefined;
}

/** The keys in which configuration files differ, the worst first. Comments, order and spelling are no difference. */
export function diffConfigs(members: readonly MemberConfig[], release: Release): Difference[] {
  const keys = new Set(
    members.flatMap((member) => [...member.file.settings, ...membershipOf(member)].map(({ key }) => key)),
  );
  const found = [...keys].flatMap((key) => {
    const values = members.map((member) => setIn(member, key));
    if (new Set(values).size < 2) return [];
    const inForce = members.map((member) => setIn(member, key) ?? valueIn(member, key, release));
    const compared = { key, values, inForce, told: members.map(() => true) };
    return [difference(compared, explain({ parameter: findParameter(key), values, inForce, release }))];
  });
  return worstFirst(found);
}

/** What a server was told as a system property need not have been a line of zoo.cfg. */
const NO_LINE = '; where no line sets it, a -D flag may, or a line did at the start';

/**
 * The keys of which something else is in force at running members and, where there are any, in files: how each came to
 * its value is no difference. What a member does not tell is left out of the comparison.
 *
 * @param one the columns are one server and its file, so nothing is each one's own
 */
export function diffInForce(
  members: readonly MemberConfig[],
  { release, one = false }: { release: Release; one?: boolean | undefined },
): Difference[] {
  const keys = new Set(
    members.flatMap((member) => [
      ...[...member.file.settings, ...membershipOf(member)].map(({ key }) => key),
      ...(member.properties?.keys() ?? []),
    ]),
  );
  const found = [...keys].flatMap((key) => {
    const parameter = findParameter(key);
    const seen = members.map((member) => inForceIn(member, key, release));
    const told = seen.map((value) => value !== 'not told');
    const inForce = seen.map((value) => (typeof value === 'string' ? undefined : value.value));
    const compared = inForce.filter((_, i) => told[i]);
    if (parameter === undefined && !members.some((member) => settingOf(member, key))) return [];
    if (new Set(compared.map((value) => meaningOf(parameter, value))).size < 2) return [];
    const values = members.map((member, i) => (told[i] === true ? setIn(member, key) : undefined));
    const { kind, explanation } = explainInForce({ parameter, inForce, release, one, values });
    const byFlag = members.some(({ sight }, i) => sight === undefined && values[i] === undefined);
    const also = byFlag && parameter?.readBy === 'passed' && kind !== 'harmless' ? NO_LINE : '';
    return [difference({ key, values, inForce, told }, { kind, explanation: `${explanation}${also}` })];
  });
  return worstFirst(found);
}

function difference(
  { key, values, inForce, told }: Pick<Difference, 'key' | 'values' | 'inForce' | 'told'>,
  explained: Pick<Difference, 'kind' | 'explanation'>,
): Difference {
  const mask = (value: string | undefined) => (value === undefined ? undefined : shown(key, value));
  const reference = findParameter(key)?.reference;
  return { key, ...explained, values: values.map(mask), inForce: inForce.map(mask), told, reference };
}

function worstFirst(found: readonly Difference[]): Difference[] {
  return [...found].sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind) || (a.key < b.key ? -1 : 1));
}

/** A system property does something in a server, other than its name in a file. */
function explainInForce({ one, ...compared }: Compared & { one: boolean }): Pick<Difference, 'kind' | 'explanation'> {
  const { parameter } = compared;
  const explained =
    parameter?.readBy === 'property'
      ? explain({ ...compared, parameter: { ...parameter, readBy: 'passed' } })
      : explain(compared);
  if (explained.kind !== 'own' || !one) return explained;
  return { kind: 'restart', explanation: 'the server runs with another; a restart changes it' };
}

function meaningOf(parameter: Parameter | undefined, value: string | undefined): string {
  return parameter === undefined ? (value ?? '') : meaning(parameter, value);
}

interface Compared {
  parameter: Parameter | undefined;
  values: readonly (string | undefined)[];
  inForce: readonly (string | undefined)[];
  release: Release;
}

function explain({ parameter, values, inForce, release }: Compared): Pick<Difference, 'kind' | 'explanation'> {
  if (parameter === undefined) return { kind: 'harmless', explanation: 'no server knows it' };
  if (parameter.readBy === 'property') return { kind: 'harmless', explanation: 'it does nothing in zoo.cfg' };
  if (parameter.change === 'reconfig') {
    return {
      kind: 'harmful',
      explanation: 'members must agree on who they are; reconfig changes it without a restart',
    };
  }
  for (const value of values) {
    const problem = value === undefined ? undefined : checkValue(parameter, value, release);
    if (problem?.kind === 'type' && problem.effect === 'boot') return { kind: 'no-boot', explanation: problem.message };
  }
  if (new Set(inForce.map((value) => meaning(parameter, value))).size === 1) {
    return {
      kind: 'harmless',
      explanation: `a server takes ${inForce[0] === undefined ? 'the same' : inForce[0]} each time`,
    };
  }
  if (parameter.agree === 'own') return { kind: 'own', explanation: 'each member has its own' };
  if (parameter.agree === 'must') {
    return { kind: 'harmful', explanation: 'members must agree on it; a change takes a restart of the member' };
  }
  return { kind: 'restart', explanation: 'servers behave differently; a change takes a restart of the member' };
}

/** What a value comes to: `TRUE` is `true`, and `0x10` a number. */
function meaning(parameter: Parameter, value: string | undefined): string {
  if (value === undefined) return '';
  const { kind } = parameter.type;
  if (kind === 'int' || kind === 'long' || kind === 'port') return `${readInteger(parameter, value) ?? value}`;
  if (kind === 'boolean' || (parameter.type.kind === 'choice' && !parameter.type.exact)) return value.toLowerCase();
  return value;
}

function setIn(member: MemberConfig, key: string): string | undefined {
  return (membershipOf(member).find((one) => one.key === key) ?? settingOf(member, key))?.value;
}
