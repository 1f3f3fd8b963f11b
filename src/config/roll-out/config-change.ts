import { ExitCode, UsageError, ZkshError } from '../../protocol/errors.ts';
import { type ConfigFile, readConfigFile, shown } from '../member.ts';
import { findParameter } from '../parameters/table.ts';
import { printProperties, removeProperty, setProperty } from '../properties-file.ts';
import { isPatch, type KeyEdit, patchEdits } from './patch-edits.ts';

/** What the configuration of every member of an ensemble shall become. */
export type ConfigChange =
  | { readonly kind: 'file'; readonly file: ConfigFile }
  | { readonly kind: 'patch'; readonly path: string; readonly edits: readonly KeyEdit[] };

/** The keys by which members are known; the server itself moves them to its dynamic file. */
const MEMBERSHIP = /^(?:server\.|group|weight|dynamicConfigFile$)/;
/** What the server takes out of zoo.cfg when its line in the dynamic file says it. */
const ERASED = /^(?:peerType|clientPort|clientPortAddress|secureClientPort|secureClientPortAddress)$/;

/** Reads a new zoo.cfg, or a patch of one; Latin-1. @throws UsageError `BAD_PATCH`, `EMPTY_CONFIG` */
export function readConfigChange(path: string, text: string): ConfigChange {
  if (!isPatch(text)) {
    const file = readConfigFile(path, text);
    if (file.settings.length > 0) return { kind: 'file', file };
    throw new UsageError(`${path} sets nothing`, { code: 'EMPTY_CONFIG', hint: 'Name a zoo.cfg, or a patch of one.' });
  }
  const edits = patchEdits(path, text);
  const member = edits.find(({ key }) => MEMBERSHIP.test(key));
  if (member === undefined) return { kind: 'patch', path, edits };
  throw new UsageError(`${path} changes ${member.key}: who is a member is not changed by a configuration`, {
    code: 'BAD_PATCH',
    hint: 'Change the membership with reconfig.',
  });
}

/**
 * The text that the zoo.cfg of a member becomes. Of a whole file, what each member has of its own (directories, ports,
 * addresses, key stores, the membership) stays as the member has it; a patch changes just what it names.
 *
 * @throws ZkshError `PATCH_CONFLICT` where a value is not the one that the patch takes away
 */
export function changedConfig(now: ConfigFile, change: ConfigChange): string {
  return change.kind === 'file' ? replaced(now, change.file) : patched(now, change);
}

/** Keys of a whole file that are not taken from it, since each member has its own. */
export function keptKeys(change: ConfigChange): string[] {
  return change.kind === 'patch' ? [] : [...valuesOf(change.file).keys()].filter(isOwn);
}

function replaced(now: ConfigFile, wanted: ConfigFile): string {
  const own = new Map([...valuesOf(now)].filter(([key]) => isOwn(key)));
  const foreign = [...valuesOf(wanted).keys()].filter((key) => isOwn(key) && !own.has(key));
  const without = foreign.reduce(removeProperty, wanted.pieces);
  return printProperties([...own].reduce((file, [key, value]) => setProperty(file, key, value), without));
}

function patched(now: ConfigFile, { path, edits }: Extract<ConfigChange, { kind: 'patch' }>): string {
  const values = valuesOf(now);
  const file = edits.reduce((pieces, { key, from, to }) => {
    const value = values.get(key);
    if (value === to) return pieces;
    if (value !== from) throw conflict(now.path, path, { key, from, to }, value);
    return to === undefined ? removeProperty(pieces, key) : setProperty(pieces, key, to);
  }, now.pieces);
  return printProperties(file);
}

/** What differs between two configurations, as a person reads it: `tickTime 2000 → 3000`. Secrets are not shown. */
export function differences(before: ConfigFile, after: ConfigFile): { key: string; text: string }[] {
  const [old, now] = [valuesOf(before), valuesOf(after)];
  return [...new Set([...old.keys(), ...now.keys()])]
    .filter((key) => old.get(key) !== now.get(key))
    .map((key) => {
      const told = (value: string | undefined): string => (value === undefined ? 'not set' : shown(key, value));
      return { key, text: `${key} ${told(old.get(key))} → ${told(now.get(key))}` };
    });
}

/**
 * Whether two texts configure the same: a server rewrites its zoo.cfg when it starts (without comments, in another order,
 * the membership moved to its dynamic file), which is no change of anybody's.
 */
export function sameConfig(a: string, b: string): boolean {
  const [one, other] = [a, b].map((text) => valuesOf(readConfigFile('', text)));
  if (one === undefined || other === undefined) return false;
  return [...new Set([...one.keys(), ...other.keys()])].every((key) => {
    if (MEMBERSHIP.test(key) || one.get(key) === other.get(key)) return true;
    return ERASED.test(key) && !(one.has(key) && other.has(key));
  });
}

/** Whether each member has its own value of a key. */
function isOwn(key: string): boolean {
  return MEMBERSHIP.test(key) || findParameter(key)?.agree === 'own';
}

function valuesOf({ settings }: ConfigFile): Map<string, string> {
  return new Map(settings.map(({ key, value }) => [key, value]));
}

function conflict(file: string, patch: string, { key, from }: KeyEdit, value: string | undefined): ZkshError {
  const told = (one: string | undefined): string => (one === undefined ? 'is not set' : `is ${shown(key, one)}`);
  return new ZkshError(`${key} ${told(value)} in ${file}; ${patch} was made where it ${told(from)}`, {
    code: 'PATCH_CONFLICT',
    exitCode: ExitCode.conflict,
    hint: 'Make the patch from the present file, or give a whole zoo.cfg.',
  });
}
