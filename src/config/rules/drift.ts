import { formatServerLine } from '../../ensemble/server-line.ts';
import {
  idOf,
  type MemberConfig,
  membershipOf,
  readableServers,
  type Setting,
  settingOf,
  shown,
  valueIn,
} from '../member.ts';
import { guide } from '../parameters/parameter.ts';
import type { Release } from '../parameters/release.ts';
import { findParameter } from '../parameters/table.ts';
import type { EnsembleRule, Hit } from './rule.ts';

/** Rules about what the members of one ensemble have to share: the files named together are its members. */
export const ENSEMBLE_RULES: readonly EnsembleRule[] = [
  {
    id: 'membership-drift',
    severity: 'error',
    summary: 'files that disagree about the members',
    why: 'Members that count different servers count different majorities: two leaders can be elected, or none.',
    reference: guide('cluster'),
    compare: (members) =>
      differing(
        members.filter(hasMembership),
        membershipText,
        (_value, _usual, example) => `the members are not those of ${example}`,
        (member) => membershipOf(member)[0],
      ),
  },
  {
    id: 'must-agree',
    severity: 'error',
    summary: 'a parameter that must be the same everywhere, and is not',
    why: 'Times, sizes and authentication that members do not share make one refuse what another accepted: a member falls out for no visible reason, or an election never ends.',
    reference: guide('cluster'),
    compare: (members, release) => parameterDrift(members, release, 'must'),
  },
  {
    id: 'should-agree',
    severity: 'warning',
    summary: 'a parameter that differs between the members',
    why: 'A server that behaves unlike the others is found in the night: after an election, or when clients move to it.',
    compare: (members, release) => parameterDrift(members, release, 'should'),
  },
  {
    id: 'one-id-twice',
    severity: 'error',
    summary: 'two members with one myid',
    why: 'The ensemble takes them for one server, and their votes for one vote.',
    reference: guide('cluster'),
    compare: (members) =>
      members.flatMap((member, index) => {
        const id = idOf(member);
        const dir = settingOf(member, 'dataDir')?.value;
        // The same directory is the same server, whose file is linted twice.
        const other = members
          .slice(0, index)
          .find((one) => id !== undefined && idOf(one) === id && settingOf(one, 'dataDir')?.value !== dir);
        return other === undefined
          ? []
          : [
              {
                file: member.file.path,
                at: settingOf(member, 'dataDir'),
                message: `myid is ${id}, as in ${other.file.path}`,
              },
            ];
      }),
  },
];

/** The parameters that are set somewhere and whose value in force is not the same everywhere. */
function parameterDrift(members: readonly MemberConfig[], release: Release, agree: 'must' | 'should') {
  const keys = new Set(
    members.flatMap(({ file, properties }) => [...file.settings.map(({ key }) => key), ...propertyKeys(properties)]),
  );
  return [...keys].sort().flatMap((key) => {
    const parameter = findParameter(key);
    if (parameter?.agree !== agree || parameter.change === 'reconfig') return [];
    return differing(
      members.filter(({ sight }) => sight?.tells(key) !== false),
      (member) => valueIn(member, key, release) ?? '',
      (value, usual, example) => `${key} is ${named(key, value)}, and ${named(key, usual)} in ${example}`,
      (member) => settingOf(member, key),
    );
  });
}

function named(key: string, value: string): string {
  return value === '' ? 'not set' : shown(key, value);
}

/** The parameters that system properties of java.env set. */
function propertyKeys(properties: ReadonlyMap<string, string> | undefined): string[] {
  return [...(properties?.keys() ?? [])].map((property) => property.replace(/^zookeeper\./, ''));
}

/** Hits at the members that are not as most are; where there is no most, as the first is. */
function differing(
  members: readonly MemberConfig[],
  read: (member: MemberConfig) => string,
  say: (value: string, usual: string, example: string) => string,
  settingIn: (member: MemberConfig) => Setting | undefined,
): (Hit & { file: string })[] {
  const values = members.map(read);
  const count = (value: string): number => values.filter((other) => other === value).length;
  const usual = [...values].sort((a, b) => count(b) - count(a))[0] ?? '';
  const example = members[values.indexOf(usual)]?.file.path ?? '';
  return members.flatMap((member, index) => {
    const value = values[index] ?? '';
    return value === usual
      ? []
      : [{ file: member.file.path, at: settingIn(member), message: say(value, usual, example) }];
  });
}

function hasMembership(member: MemberConfig): boolean {
  return membershipOf(member).length > 0;
}

/** The membership in one canonical text, so that order and spelling are no drift. */
function membershipText(member: MemberConfig): string {
  const others = membershipOf(member).filter(({ key }) => !key.startsWith('server.'));
  // A client port may stand in zoo.cfg of each member instead.
  const servers = readableServers(member).map((server) => formatServerLine({ ...server, client: undefined }));
  return [...servers, ...others.map(({ key, value }) => `${key}=${value}`)].sort().join('\n');
}
