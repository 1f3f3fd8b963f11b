import { formatServerLine, parseServerValue } from '../ensemble/server-line.ts';
import { type MemberConfig, membershipOf, numberOf, ownLine, settingOf, valueIn } from './member.ts';
import type { Release } from './parameters/release.ts';
import { findParameter } from './parameters/table.ts';

/** Ticks that a session timeout has where it is -1 or not set (ZooKeeperServer.setMinSessionTimeout). */
const TICKS: Readonly<Record<string, number>> = { minSessionTimeout: 2, maxSessionTimeout: 20 };

/** What a server with this configuration has in force: the value, the default, or what it works out of others. */
export function inForceIn(
  member: MemberConfig,
  key: string,
  release: Release,
): { value: string | undefined } | 'not told' {
  if (member.sight?.tells(key) === false || unseenProperty(member, key) || unseenLine(member, key)) return 'not told';
  const parameter = findParameter(key);
  if (parameter?.change === 'reconfig') return { value: membershipLine(member, key) };
  return { value: worked(member, key, release) ?? valueIn(member, key, release) };
}

function worked(member: MemberConfig, key: string, release: Release): string | undefined {
  const ticks = TICKS[key];
  if (ticks !== undefined && (numberOf(member, key, release) ?? -1) === -1) {
    return `${ticks * (numberOf(member, 'tickTime', release) ?? 3000)}`;
  }
  if (settingOf(member, key) !== undefined) return undefined;
  const own = ownLine(member);
  if (key === 'dataLogDir') return settingOf(member, 'dataDir')?.value;
  if (key === 'clientPort' && own?.client !== undefined) return `${own.client.port}`;
  if (key === 'clientPortAddress') return own?.client?.host;
  return key === 'peerType' ? own?.role : undefined;
}

/** Without its client address, which may stand in zoo.cfg of the member instead, and in one spelling. */
function membershipLine(member: MemberConfig, key: string): string | undefined {
  const value = membershipOf(member).find((one) => one.key === key)?.value;
  const [, id] = /^server\.(\d{1,19})$/.exec(key) ?? [];
  if (value === undefined || id === undefined) return value;
  try {
    const line = parseServerValue(BigInt(id), value);
    return formatServerLine({ ...line, client: undefined, secureClient: undefined }).replace(/^[^=]*=/, '');
  } catch {
    return value;
  }
}

const IN_OWN_LINE = ['clientPort', 'clientPortAddress', 'peerType'];

/** A file whose dynamic file or myid is out of sight does not say what stands in its own server line. */
function unseenLine(member: MemberConfig, key: string): boolean {
  if (member.sight !== undefined || settingOf(member, key) !== undefined) return false;
  const unseen = settingOf(member, 'dynamicConfigFile') !== undefined && member.dynamic === undefined;
  if (findParameter(key)?.change === 'reconfig') return unseen;
  return IN_OWN_LINE.includes(key) && (unseen || (membershipOf(member).length > 0 && ownLine(member) === undefined));
}

/** What only a -D flag sets stands in no zoo.cfg, and the java.env of a file may be out of sight. */
function unseenProperty({ sight, properties }: MemberConfig, key: string): boolean {
  return sight === undefined && findParameter(key)?.readBy === 'property' && properties?.has(key) !== true;
}
