import { shown } from '../member.ts';
import { findParameter } from '../parameters/table.ts';
import type { EffectiveConfig, EffectiveParameter, Origin } from './effective.ts';

/** One parameter of all members that were asked; a member's cell is undefined where its release does not know it. */
export interface ConfigRow {
  readonly key: string;
  readonly cells: readonly (EffectiveParameter | undefined)[];
  /** `yes`: the members have different values in force; `own`: they do, and each is to have its own. */
  readonly differs: 'yes' | 'own' | 'no';
  /** Link into ZooKeeper's documentation. */
  readonly reference: string | undefined;
}

/** Which rows are shown: what is told, everything, or what is set to something. */
export type RowChoice = 'told' | 'all' | 'set';

const UNSET: readonly Origin[] = ['default', 'unknown'];

/** One row a parameter, in the order of names, membership last; `named` alone where there are any. */
export function configRows(
  members: readonly EffectiveConfig[],
  choice: RowChoice,
  named: readonly string[],
): ConfigRow[] {
  const keys = new Set(members.flatMap(({ parameters }) => [...parameters.keys()]));
  const wanted = named.length > 0 ? named : [...keys].sort(byName);
  return wanted.flatMap((key): ConfigRow[] => {
    const cells = members.map(({ parameters }) => parameters.get(key));
    const shown = named.length > 0 || cells.some((cell) => cell !== undefined && isShown(cell, choice));
    return shown ? [{ key, cells, differs: differenceOf(key, cells), reference: findParameter(key)?.reference }] : [];
  });
}

/** A value as it may be shown: secrets are left out. */
export function shownValue({ key, value }: EffectiveParameter): string | undefined {
  return value === undefined ? undefined : shown(key, value);
}

function isShown({ origin, source, note }: EffectiveParameter, choice: RowChoice): boolean {
  if (choice === 'all' || !UNSET.includes(origin)) return true;
  return choice === 'told' && (source !== undefined || (note !== undefined && origin === 'default'));
}

function differenceOf(key: string, cells: readonly (EffectiveParameter | undefined)[]): ConfigRow['differs'] {
  const told = cells.filter((cell) => cell !== undefined && cell.origin !== 'unknown');
  if (new Set(told.map((cell) => cell?.value?.toLowerCase() ?? '')).size < 2) return 'no';
  return findParameter(key)?.agree === 'own' ? 'own' : 'yes';
}

function byName(a: string, b: string): number {
  const member = (key: string): number => (findParameter(key)?.change === 'reconfig' ? 1 : 0);
  return member(a) - member(b) || a.localeCompare(b, 'en', { numeric: true });
}
