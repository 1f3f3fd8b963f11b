import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import type { HostPort } from '../client/connect-string.ts';
import { probeByClient } from './client-probe.ts';
import type { DynamicConfig } from './dynamic-config.ts';
import type { Member } from './member.ts';
import {
  type AdminChoice,
  configuredMember,
  type Known,
  listedMembers,
  matchMembers,
  parseAdminChoice,
  type Resolved,
} from './members.ts';
import { type Asking, type MemberObservation, observeMember } from './observe-member.ts';
import { sameMembership } from './reconfiguration.ts';
import type { ServerLine } from './server-line.ts';

/** Which members are looked at. */
export interface Wanted {
  /** As the connection string or `--members` names them. */
  listed: readonly {
    id?: bigint | undefined;
    server: HostPort;
    /** It joins or has left: the membership that it holds for committed may be its own. */
    outside?: boolean | undefined;
    /** Where it was, or is to be: while nobody answers there, the committed configuration says where that id is. */
    unsure?: boolean | undefined;
  }[];
  /** Those alone; else every member of the committed configuration as well. */
  only: boolean;
  /** The listed ports are secure ones. */
  tls: boolean;
  admin: AdminChoice;
  /** The configuration as an earlier look found it: its members are asked without waiting for somebody to tell it again. */
  known?: DynamicConfig | undefined;
}

/** Those listed, and servers besides that are in no committed configuration yet, or any more. */
export function withOutsiders({ listed, tls }: Wanted, lines: readonly ServerLine[]): Wanted['listed'] {
  const outside = lines.flatMap((line) => {
    const how = { tls, admin: parseAdminChoice(['off']), listed };
    const [target] = configuredMember(line, how).targets;
    return target === undefined
      ? []
      : [{ id: line.id, server: { host: target.host, port: target.port }, outside: true, unsure: true }];
  });
  const named = (server: HostPort): boolean => outside.some((one) => isDeepStrictEqual(one.server, server));
  return [...listed.filter(({ server }) => !named(server)), ...outside];
}

/** An ensemble as it was seen at one moment. */
export interface EnsembleObservation {
  /** Members of the configuration by id, then those that are in none. */
  members: readonly MemberObservation[];
  /**
   * The committed configuration, or the one known before when nobody told it; undefined when there is neither, as on a
   * standalone server and on 3.4.
   */
  config: DynamicConfig | undefined;
  /** Milliseconds. */
  took: number;
}

/** Names are looked up beside the questions; a name server that does not answer must not hold them up. Milliseconds. */
const LOOKUP_LIMIT = 1000;

/** A member that nobody listed, by its line of a configuration. */
interface Further {
  line: ServerLine;
  seen: Promise<MemberObservation>;
}

/** How long all of those that tell a configuration by a session are waited for after one of them has. Milliseconds. */
const SESSION_GRACE = 250;

/**
 * Asks all listed members at once and, as soon as one of them has told the committed configuration, the others in it.
 * Where members tell of different ensembles, that of most of them is meant. Ends within the limit however many of them are
 * dead.
 */
export async function observeEnsemble(wanted: Wanted, asking: Asking): Promise<EnsembleObservation> {
  const started = performance.now();
  const left = (): number => Math.max(1, asking.limit - (performance.now() - started));
  const listed = listedMembers(wanted.listed, wanted).map((member) => observeMember(member, asking));
  const known = wanted.only ? undefined : wanted.known;
  const lines: ServerLine[] = [];
  const further: Further[] = [];
  const askFurther = async (config: DynamicConfig): Promise<void> => {
    if (wanted.only) return;
    const fresh = config.servers.filter((line) => !lines.some((one) => isDeepStrictEqual(one, line)));
    lines.push(...fresh);
    if (fresh.length === 0) return;
    const asked = await furtherMembers(fresh, listed, wanted, { ...asking, limit: left() }, config);
    for (const { seen } of asked) seen.catch(heard);
    further.push(...asked);
  };
  if (known !== undefined) await askFurther(known);
  // A server that is to join knows another configuration than the committed one.
  const inside = listed.filter((_, i) => wanted.listed[i]?.outside !== true);
  const told = [...inside, ...further.map(({ seen }) => seen)].map(async (member) => {
    const observation = await member;
    const config = observation.config ?? (await configBySession(observation, asking, left()));
    if (config !== undefined) await askFurther(config);
    return config;
  });
  // Interrupted is said by those listed, before anybody listens to the others.
  for (const one of told) one.catch(heard);
  const seen = await Promise.all(listed);
  const config = prevailing(await settled(told, Math.min(SESSION_GRACE, left()))) ?? known;
  const added = await Promise.all(further.map(async (one) => ({ line: one.line, observation: await one.seen })));
  const members = config === undefined ? seen.map(withOwnId) : await inOrder(config, seen, added, wanted);
  return { members, config, took: performance.now() - started };
}

/** Of a failure that is heard of elsewhere. */
const heard = (): undefined => undefined;

/** All that was told; once one has told, the others get no more than the grace. */
async function settled<T>(told: readonly Promise<T | undefined>[], grace: number): Promise<T[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((done) => {
    const begin = (one: T | undefined): void => {
      if (one !== undefined) timer ??= setTimeout(done, grace);
    };
    // Who fails is heard of by all of them below.
    for (const one of told) one.then(begin, heard);
  });
  await Promise.race([Promise.all(told), late]).finally(() => clearTimeout(timer));
  const here = await Promise.all(told.map((one) => Promise.race([one, undefined])));
  return here.flatMap((one) => one ?? []);
}

/** Of the ensemble that most members tell of, the first told for as many; of its configurations the newest. */
function prevailing(told: readonly DynamicConfig[]): DynamicConfig | undefined {
  const groups: [DynamicConfig, ...DynamicConfig[]][] = [];
  for (const config of told) {
    const group = groups.find(([first]) => isOfOne(first, config));
    if (group === undefined) groups.push([config]);
    else group.push(config);
  }
  const [most] = groups.sort((a, b) => b.length - a.length);
  return most?.reduce((newest, one) => ((one.version ?? 0n) > (newest.version ?? 0n) ? one : newest));
}

/** Configurations of one ensemble have a member in common. */
function isOfOne(a: DynamicConfig, b: DynamicConfig): boolean {
  const places = ({ servers }: DynamicConfig): string[] =>
    servers.flatMap(({ addresses }) => addresses.map(({ host, quorumPort }) => `${host}:${quorumPort}`));
  const ours = new Set(places(a));
  return places(b).some((one) => ours.has(one));
}

const IN_QUORUM: readonly (string | undefined)[] = ['leader', 'follower', 'observer', 'read-only'];

async function configBySession(
  { facts, address, member }: MemberObservation,
  asking: Asking,
  timeout: number,
): Promise<DynamicConfig | undefined> {
  if (address === undefined || !IN_QUORUM.includes(facts.role?.value)) return undefined;
  const { connect, signal } = asking;
  const tls = member.targets.some(({ tls, port }) => tls && port === address.port);
  const options = tls ? asking.options : { ...asking.options, tls: undefined };
  const answer = await probeByClient(address, { connect, options, timeout, signal }).catch(() => undefined);
  return answer?.config;
}

/** Those of these lines of the configuration that nobody listed, asked without waiting for the slow ones among the listed. */
async function furtherMembers(
  lines: readonly ServerLine[],
  listed: readonly Promise<MemberObservation>[],
  wanted: Wanted,
  asking: Asking,
  config: DynamicConfig,
): Promise<Further[]> {
  const done = await Promise.all(listed.map((one) => Promise.race([one, undefined])));
  const members = listedMembers(wanted.listed, wanted);
  const known = members.map(
    (member, i) =>
      asKnown(config, done[i], wanted.listed[i]) ?? {
        member: wanted.listed[i]?.unsure === true ? { ...member, id: undefined } : member,
        serverId: undefined,
        kin: false,
      },
  );
  const { matched } = matchMembers(known, config, await resolve(config, members));
  const missing = lines.filter(({ id }) => !matched.has(id));
  return missing.map((line) => ({ line, seen: observeMember(configuredMember(line, wanted), asking) }));
}

async function inOrder(
  config: DynamicConfig,
  seen: readonly MemberObservation[],
  added: readonly { line: ServerLine; observation: MemberObservation }[],
  { listed }: Wanted,
): Promise<MemberObservation[]> {
  const members = seen.map(({ member }) => member);
  const known = seen.flatMap((observation, i) => asKnown(config, observation, listed[i]) ?? []);
  const { matched, strangers } = matchMembers(known, config, await resolve(config, members));
  const ours = config.servers.flatMap((line): MemberObservation[] => {
    const index = matched.get(line.id);
    const further = added.find((one) => isDeepStrictEqual(one.line, line))?.observation;
    const observation = index === undefined ? further : seen[index];
    if (observation === undefined) return [];
    return [{ ...observation, member: { ...observation.member, id: line.id, configured: line.role } }];
  });
  ours.sort((a, b) => Number((a.member.id ?? 0n) - (b.member.id ?? 0n)));
  const elsewhere = (index: number): boolean =>
    listed[index]?.unsure === true &&
    isSilent(seen[index]) &&
    config.servers.some(({ id }) => id === listed[index]?.id);
  const others = strangers.flatMap((index) => (elsewhere(index) ? [] : (seen[index] ?? []))).map(withOwnId);
  return [...ours, ...others];
}

function withOwnId(observation: MemberObservation): MemberObservation {
  const { member, facts } = observation;
  return { ...observation, member: { ...member, id: member.id ?? facts.serverId?.value } };
}

/** The id that a server of another ensemble gives is no id of ours. */
function asKnown(
  config: DynamicConfig,
  observation: MemberObservation | undefined,
  listed: Wanted['listed'][number] | undefined,
): Known | undefined {
  if (observation === undefined) return undefined;
  const { facts, config: own } = observation;
  const sure = listed?.unsure !== true || !isSilent(observation);
  const member = sure ? observation.member : { ...observation.member, id: undefined };
  const kin = own !== undefined && sameMembership(own, config);
  const foreign = (own !== undefined && !kin) || facts.role?.value === 'standalone';
  return { member, serverId: foreign ? undefined : facts.serverId?.value, kin };
}

/** Its AdminServer may answer all the same: that has a place of its own. */
function isSilent(observation: MemberObservation | undefined): boolean {
  return observation?.address === undefined;
}

async function resolve(config: DynamicConfig, members: readonly Member[]): Promise<Resolved> {
  const ours = members.flatMap(({ targets }) => targets.map(({ host }) => host));
  const theirs = config.servers.flatMap(({ client, addresses }) => [
    ...(client?.host === undefined ? [] : [client.host]),
    ...addresses.map(({ host }) => host),
  ]);
  const names = [...new Set([...ours, ...theirs])];
  return new Map(
    await Promise.all(names.map(async (name): Promise<[string, string[]]> => [name, await addressesOf(name)])),
  );
}

async function addressesOf(name: string): Promise<string[]> {
  if (isIP(name) !== 0) return [name];
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string[]>((done) => {
    timer = setTimeout(done, LOOKUP_LIMIT, []);
  });
  const found = lookup(name, { all: true }).then(
    (all) => all.map(({ address }) => address),
    () => [],
  );
  return Promise.race([found, late]).finally(() => clearTimeout(timer));
}
