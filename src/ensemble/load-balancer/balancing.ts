import type { HostPort } from '../../client/connect-string.ts';
import type { EnsembleStatus, MemberStatus } from '../ensemble-status.ts';
import { type Check, chooseCheck } from './check.ts';

/** A member that a load balancer sends clients to. */
export interface Backend extends HostPort {
  readonly id: bigint | undefined;
  readonly role: MemberStatus['role'];
  /** Where its AdminServer is, when it was found. */
  readonly admin: HostPort | undefined;
}

/** What is wanted of a load balancer. */
export interface Balance {
  /** Where it listens; no host means every address. */
  readonly listen: { readonly host?: string | undefined; readonly port: number };
  /** Whether observers take clients, too, or alone. */
  readonly observers: 'include' | 'exclude' | 'only';
  /** Whether a member that is cut off from the quorum may still serve reads to clients that allow it. */
  readonly readOnly: boolean;
  /** The ports are secure ones: bytes go through as they are. */
  readonly tls: boolean;
}

/** What a configuration is made from: the same for every load balancer. */
export interface Balancing extends Balance {
  readonly backends: readonly Backend[];
  readonly check: Check;
  /** The longest a connection may be silent, milliseconds: beyond every session timeout there may be. */
  readonly idleTimeout: number;
  /** Members that get no clients, and why. */
  readonly left: readonly { readonly id: bigint | undefined; readonly host: string; readonly why: string }[];
  /** What whoever puts a load balancer before ZooKeeper should know, in sentences. */
  readonly notes: readonly string[];
}

/** Twenty ticks of two seconds, when nobody told it. */
const DEFAULT_MAX_SESSION_TIMEOUT = 40_000;
const DEFAULT_MAX_CONNECTIONS = 60;

/** Works out who gets clients and how they are checked. Members that are down now stay in: checks find them. */
export function balancingOf(status: EnsembleStatus, wanted: Balance): Balancing {
  const backends: Backend[] = [];
  const left: Balancing['left'][number][] = [];
  for (const member of status.members) {
    const { id, host } = member;
    const why = whyNot(member, status, wanted);
    const address = addressOf(member);
    if (why !== undefined || address === undefined) left.push({ id, host, why: why ?? 'its client port is not known' });
    else backends.push({ id, role: member.role, admin: adminOf(member), ...address });
  }
  const answering = status.members.filter(({ observation }) => observation.address !== undefined);
  const maxSessionTimeout = Math.max(
    DEFAULT_MAX_SESSION_TIMEOUT,
    ...numbers(answering, 'maxSessionTimeout', 'max_session_timeout'),
  );
  const check = chooseCheck(answering, wanted, backends);
  const connections = numbers(answering, 'maxClientCnxns', 'max_client_cnxns');
  return {
    ...{ ...wanted, backends, left, check },
    // A client is silent for a third of its timeout at most; twice the timeout is beyond doubt.
    idleTimeout: 2 * maxSessionTimeout,
    notes: notesOf(
      wanted,
      check,
      connections.length === 0 ? [DEFAULT_MAX_CONNECTIONS] : connections,
      connections.length > 0,
    ),
  };
}

function whyNot(
  { configured, role }: MemberStatus,
  { config }: EnsembleStatus,
  { observers }: Balance,
): string | undefined {
  if (config !== undefined && configured === undefined) return 'it is not in the committed configuration';
  const isObserver = (configured ?? (role === 'observer' ? 'observer' : 'participant')) === 'observer';
  if (observers === 'exclude' && isObserver) return 'it is an observer';
  return observers === 'only' && !isObserver ? 'it is no observer' : undefined;
}

function addressOf({ observation }: MemberStatus): HostPort | undefined {
  const { address, member } = observation;
  const [first] = member.targets;
  return address ?? (first && { host: first.host, port: first.port });
}

function adminOf({ observation }: MemberStatus): HostPort | undefined {
  if (observation.adminUrl === undefined || !observation.adminUrl.startsWith('http:')) return undefined;
  const { hostname, port } = new URL(observation.adminUrl);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port === '' ? 80 : port) };
}

function numbers(members: readonly MemberStatus[], conf: string, configuration: string): number[] {
  return members.flatMap(({ observation: { settings } }) => {
    const value = Number(settings.conf?.get(conf) ?? settings.configuration?.[configuration] ?? Number.NaN);
    return Number.isSafeInteger(value) && value >= 0 ? [value] : [];
  });
}

function notesOf({ tls, readOnly }: Balance, check: Check, connections: readonly number[], told: boolean): string[] {
  // 0 is no limit.
  const limit = Math.min(...connections.map((value) => (value === 0 ? Number.POSITIVE_INFINITY : value)));
  const what = told ? `maxClientCnxns is ${limit}` : `maxClientCnxns was not told; its default is ${limit}`;
  return [
    'ZooKeeper clients choose a member by themselves and go to another when it fails. Behind a balancer they see one address: it has to be as available as the ensemble, and none of them can spread over the members or come back to a near one.',
    'No stickiness is needed: a session goes on at any member it is attached to again.',
    ...(limit === Number.POSITIVE_INFINITY
      ? []
      : [
          `Members see the address of the balancer as that of all clients: ${what} a member and source address, for all of them together. Raise it, or set it to 0.`,
        ]),
    'ACLs of scheme ip see the address of the balancer, too.',
    ...(tls
      ? [
          'TLS goes through as it is: certificates of the members must name the balancer, or clients must not check host names.',
        ]
      : []),
    ...(readOnly
      ? ['A read-only member takes clients: those that do not allow that are sent away again, and try anew.']
      : []),
    ...check.notes,
  ];
}
