import { UsageError } from '../../protocol/errors.ts';
import { CLIENTS } from './clients.ts';
import { OBSERVATION } from './observation.ts';
import { CLASS, membership, type Parameter, passed, TEXT } from './parameter.ts';
import { QUORUM } from './quorum.ts';
import { came, compareReleases, isAtLeast, parseRelease, type Release } from './release.ts';
import { SECURITY } from './security.ts';
import { STORAGE } from './storage.ts';
import { TLS } from './tls.ts';

/** Every parameter of a ZooKeeper server from 3.4 to 3.9 that has a fixed name. */
export const PARAMETERS: readonly Parameter[] = [
  ...STORAGE,
  ...CLIENTS,
  ...QUORUM,
  ...SECURITY,
  ...TLS,
  ...OBSERVATION,
];

/** Names with a part of the user's own, and how QuorumPeerConfig tells them. */
const FAMILIES: readonly (readonly [RegExp, (name: string) => Parameter])[] = [
  // It looks no further than the start of the name: `groups` and `weighting` are members' business to it, too.
  [/^(?:server\.|group|weight)/, membership],
  [/^authProvider\../, (name) => passed(name, CLASS, { section: 'auth', agree: 'must' })],
  [
    /^metricsProvider\../,
    (name) => ({ ...passed(name, TEXT, { section: 'metrics', since: '3.6.0' }), readBy: 'config' }),
  ],
];

const BY_NAME: ReadonlyMap<string, Parameter> = new Map(PARAMETERS.map((one) => [one.name, one]));

/** The parameter of that name, as zoo.cfg spells it. */
export function findParameter(name: string): Parameter | undefined {
  return BY_NAME.get(name) ?? FAMILIES.find(([pattern]) => pattern.test(name))?.[1](name);
}

/** The parameter of that name. @throws UsageError `NO_PARAMETER`, with those it may have meant */
export function requireParameter(
  name: string,
  nearest: (typed: string, names: readonly string[]) => string[],
): Parameter {
  const found = findParameter(name);
  if (found !== undefined) return found;
  const near = nearest(
    name,
    PARAMETERS.map((one) => one.name),
  );
  throw new UsageError(`no release from 3.4 to 3.9 has a parameter ${JSON.stringify(name)}`, {
    code: 'NO_PARAMETER',
    hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : 'zksh config show --all lists them.',
  });
}

/** Whether servers of a release know a parameter. */
export function knownTo(parameter: Parameter, release: Release): boolean {
  const { since, until } = parameter;
  if (until !== undefined && compareReleases(release, parseRelease(until) ?? release) > 0) return false;
  return came(release, since);
}

/** What a server of that release takes where nothing is set; undefined where it has no fixed value. */
export function defaultOf(parameter: Parameter, release: Release): string | undefined {
  return parameter.defaults.findLast(([since]) => isAtLeast(release, since))?.[1];
}
