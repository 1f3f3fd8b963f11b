import type { ConnectionOptions } from 'node:tls';
import type { HostPort } from '../client/connect-string.ts';
import type { ZkshError } from '../protocol/errors.ts';
import { type AdminAnswer, askAdminServer } from './admin-server.ts';
import { type ClockReading, together } from './clock.ts';
import type { Answers } from './facts.ts';
import type { Further } from './further.ts';
import type { AdminAddress, Member } from './member.ts';
import { metricsOfMonitor } from './metrics.ts';
import type { Missing } from './missing.ts';

/** Asked of every member; what a command wants besides is `further`. */
const COMMANDS = ['monitor', 'server_stats', 'configuration'];

interface Asking {
  limit: number;
  signal?: AbortSignal | undefined;
  /** Commands besides `monitor`, `server_stats` and `configuration`. */
  further?: readonly string[] | undefined;
  /** The id that the member itself told by a word, where it did: an AdminServer with the same one is its own. */
  ownId: Promise<bigint | undefined>;
  /** Aborted when nobody waits any longer for a connection to be taken. */
  connecting: AbortSignal;
  secure?: ((server: HostPort) => ConnectionOptions) | undefined;
}

interface AdminAnswers {
  answers: Answers;
  /** Of the AdminServer that is this member's; undefined when none could be found. */
  url?: string | undefined;
  missing: readonly Missing[];
  /** The fields of what was asked for besides, and why there are none. */
  further: Further;
  /** The member's clock. */
  clock?: ClockReading | undefined;
}

const NO_FURTHER: Further = { words: new Map(), admin: new Map(), missing: [] };

/** Every address its AdminServer may have, at once; the first that is this member's own counts. */
export async function askAdmin(member: Member, asking: Asking): Promise<AdminAnswers> {
  const asked = await Promise.all(member.admin.map((address) => askOne(member, address, asking)));
  const found = asked.find(({ url }) => url !== undefined);
  return found ?? { answers: {}, missing: asked.flatMap(({ missing }) => missing), further: NO_FURTHER };
}

async function askOne(member: Member, { url, certain }: AdminAddress, asking: Asking): Promise<AdminAnswers> {
  const { limit: timeout, signal, connecting, further = [] } = asking;
  const tls = url.startsWith('https:') ? asking.secure?.(hostPortOf(url)) : undefined;
  const replies = await Promise.all(
    [...COMMANDS, ...further].map((command) =>
      askAdminServer({ url, command, timeout, signal, connecting, tls }).catch((error: unknown) => error as ZkshError),
    ),
  );
  const answered = replies.map((reply) => (reply instanceof Error ? undefined : reply));
  const [monitor, stats, configuration] = answered;
  const failure = replies.find((reply) => reply instanceof Error);
  if (stats === undefined && monitor === undefined) return nothing(url, failure);
  const other = certain ? undefined : whoseElse(member, configuration, await asking.ownId);
  if (other !== undefined) {
    return { answers: {}, missing: [{ source: 'admin', reason: `${url} ${other}` }], further: NO_FURTHER };
  }
  return {
    answers: answersOf(monitor, stats, configuration),
    url,
    missing: [],
    further: furtherOf(further, replies.slice(COMMANDS.length)),
    clock: together(answered.flatMap((answer) => answer?.clock ?? [])),
  };
}

function furtherOf(commands: readonly string[], replies: readonly (AdminAnswer | ZkshError)[]): Further {
  const admin = new Map<string, Readonly<Record<string, unknown>>>();
  const missing: Missing[] = [];
  for (const [i, command] of commands.entries()) {
    const reply = replies[i];
    if (reply === undefined) continue;
    if (!(reply instanceof Error) && reply.error === undefined) admin.set(command, reply.fields);
    else
      missing.push({ source: `admin:${command}`, reason: reply instanceof Error ? reply.message : `${reply.error}` });
  }
  return { words: new Map(), admin, missing };
}

function answersOf(...[monitor, stats, configuration]: (AdminAnswer | undefined)[]): Answers {
  const good = (answer: AdminAnswer | undefined) => (answer?.error === undefined ? answer?.fields : undefined);
  const silent = stats?.error?.includes('not currently serving') === true;
  return {
    monitor: metricsOfMonitor(good(monitor) ?? {}),
    serverStats: good(stats),
    configuration: good(configuration),
    notServing: silent ? 'admin:server_stats' : undefined,
  };
}

/**
 * Port 8080 of a host may be the AdminServer of another of its servers: told by the id, or by the client port. One that
 * does not say who it is (it does not while it does not serve) is not believed.
 */
function whoseElse(
  { id: listed, targets }: Member,
  configuration: AdminAnswer | undefined,
  told: bigint | undefined,
): string | undefined {
  const { server_id: serverId, client_port: port, secure_client_port: secure } = configuration?.fields ?? {};
  const id = listed ?? told;
  if (id !== undefined && serverId !== undefined && Number(id) === Number(serverId)) return undefined;
  if (targets.some((target) => target.port === port || target.port === secure)) return undefined;
  return port === undefined ? 'does not say whose it is' : `is of the server with client port ${port}`;
}

function nothing(url: string, failure: ZkshError | undefined): AdminAnswers {
  const cut = failure?.code === 'INTERRUPTED';
  const reason = cut ? `${url} did not take the connection in time` : (failure?.message ?? `${url} did not answer`);
  return { answers: {}, missing: [{ source: 'admin', reason }], further: NO_FURTHER };
}

function hostPortOf(url: string): HostPort {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 443) };
}
