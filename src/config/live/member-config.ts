import { type MemberConfig, readConfigFile, type Setting, type Sight } from '../member.ts';
import { findParameter, knownTo } from '../parameters/table.ts';
import type { EffectiveConfig, EffectiveParameter } from './effective.ts';

/**
 * A running member as the rules and the comparison of files take it: what it has in force stands there as if a file set
 * it, and `sight` says what is not told.
 */
export function liveMemberConfig(effective: EffectiveConfig): MemberConfig {
  const { name, file, answers, release } = effective;
  const all = [...effective.parameters.values()];
  const idle = all.flatMap((one) => (one.idle === undefined ? [] : [{ ...one, value: one.idle }]));
  const set = [...all.filter((one) => isSet(one) && !isProperty(one)), ...idle];
  const shown = file ?? readConfigFile(name, '');
  const inFile = new Map(shown.settings.map(({ key, value }) => [key, value]));
  // What the file said at the start stays as it stands there; a value that is no longer in force follows it.
  const changed =
    file === undefined ? set : set.filter(({ key, value, origin }) => notFrom(origin, inFile, key, value));
  return {
    file: { ...shown, path: name, settings: [...shown.settings, ...changed.map((one) => settingAt(name, one))] },
    properties: new Map([...(answers.properties ?? [])].filter(([property]) => !property.startsWith('zookeeper.'))),
    myid: answers.serverId === undefined || !isMember(effective) ? undefined : { text: `${answers.serverId}` },
    release,
    sight: sightOf(effective),
  };
}

function isSet({ value, origin }: EffectiveParameter): boolean {
  return value !== undefined && origin !== 'default' && origin !== 'unknown';
}

function isProperty({ parameter }: EffectiveParameter): boolean {
  return parameter?.readBy === 'property';
}

function notFrom(
  origin: EffectiveParameter['origin'],
  inFile: ReadonlyMap<string, string>,
  key: string,
  value: string | undefined,
): boolean {
  return origin !== 'file' && inFile.get(key) !== value;
}

function settingAt(file: string, { key, value = '' }: EffectiveParameter): Setting {
  const entry = { key, value, line: 0, raw: '', before: '', after: '' };
  return { key, value, file, line: 0, entry };
}

function isMember({ role }: EffectiveConfig): boolean {
  return role !== 'standalone';
}

function sightOf(effective: EffectiveConfig): Sight {
  const { role, parameters, answers, file, release } = effective;
  const membershipTold = role === 'standalone' || answers.membership !== undefined;
  return {
    ensemble: role === undefined || role === 'not serving' ? undefined : isMember(effective),
    text: file !== undefined,
    names: file !== undefined || answers.properties !== undefined,
    blind: new Set(),
    tells: (key) => {
      if (/^(?:server\.|group|weight)/.test(key)) return membershipTold;
      const one = parameters.get(key);
      if (one !== undefined) return one.origin !== 'unknown';
      const parameter = findParameter(key);
      if (parameter !== undefined && !knownTo(parameter, release)) return true;
      // A name with a part of the user's own.
      const readBy = parameter?.readBy;
      return file !== undefined || (readBy !== 'config' && answers.properties !== undefined);
    },
  };
}
