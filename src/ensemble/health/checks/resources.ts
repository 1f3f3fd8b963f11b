import { byteSize } from '../../../protocol/measures.ts';
import type { MemberStatus } from '../../ensemble-status.ts';
import { maxHeapOf, ZNODE_ON_HEAP } from '../../heap.ts';
import { type Check, eachMember, type HealthView, type Told } from '../check.ts';
import { fact, metric, nameOf, setting, severityOfCount } from '../evidence.ts';
import type { Limits } from '../limits.ts';

/** jute.maxbuffer where nothing is set: 0xfffff. */
const DEFAULT_MAX_BUFFER = 1_048_575;

/** Checks about what runs out. */
export const RESOURCE_CHECKS: readonly Check[] = [
  {
    code: 'files-scarce',
    title: 'the file descriptors run out',
    severity: 'critical',
    why: 'A server without a free descriptor takes no connection, and cannot open its next log.',
    todo: 'Raise the limit of the process (LimitNOFILE, ulimit -n) and restart it; look for clients that connect without end.',
    judge: (view) =>
      eachMember(
        view,
        ({ facts: { openFiles, maxFiles }, observation }) => {
          if (openFiles === undefined || maxFiles === undefined || maxFiles.value <= 0) {
            return {
              reason: observation.metrics === undefined ? 'it tells no metrics' : 'it tells no file descriptors',
            };
          }
          return { value: { open: openFiles.value, max: maxFiles.value }, source: openFiles.source };
        },
        ({ open, max }, source, member) =>
          open * 100 < max * view.limits.files
            ? undefined
            : {
                severity: open * 100 >= max * 95 ? 'critical' : 'warning',
                message: `${nameOf(member)} has ${open} of ${max} file descriptors open`,
                evidence: `open_file_descriptor_count ${open} of ${max}, ${source}`,
              },
      ),
  },
  {
    code: 'connections-refused',
    title: 'connections the server did not take',
    severity: 'warning',
    why: 'Clients over maxClientCnxns (for one address) or maxCnxns (for all) are turned away, and try again at once.',
    todo: 'See which address holds the most connections (zksh top); raise the limit if they are meant, or mend the client that leaks them.',
    judge: (view) =>
      eachMember(
        view,
        (member) => metric(member, 'connection_rejected', '3.6'),
        (value, source, member) =>
          value === 0
            ? undefined
            : {
                severity: severityOfCount(value, member, ['connection_request_count']),
                message: `${nameOf(member)} rejected ${value} connections since its process started`,
                evidence: `${value} ${source}`,
              },
      ),
  },
  {
    code: 'connections-many',
    title: 'connections near the limit of one address',
    severity: 'warning',
    why: 'One address (a proxy, a NAT, one big client) may hold maxClientCnxns connections to a server; the next one is refused.',
    todo: 'See them by address with zksh top; raise the limit if they are meant, or mend the client that leaks them.',
    judge: (view) =>
      eachMember(
        view,
        (member) => connectionsTold(member, view),
        ({ open, limit, at }, source, member) => {
          if (at === undefined || open * 100 < limit * view.limits.connections) return undefined;
          return {
            message: `${at} holds ${open} connections to ${nameOf(member)}`,
            evidence: `${open}, maxClientCnxns ${limit}, ${source}`,
          };
        },
      ),
  },
  {
    code: 'watches-many',
    title: 'very many watches on one server',
    severity: 'advice',
    why: 'Watches take heap, and one change that fires a hundred thousand of them stalls the server.',
    todo: 'See who sets them with zksh watches --by-session.',
    judge: (view) =>
      eachMember(
        view,
        (member) => metric(member, 'watch_count'),
        (value, source, member) =>
          value <= view.limits.watches
            ? undefined
            : { message: `${value} watches at ${nameOf(member)}`, evidence: `${value} ${source}` },
      ),
  },
  {
    code: 'ephemerals-many',
    title: 'very many ephemeral znodes',
    severity: 'advice',
    why: 'A session that ends deletes all of its ephemerals in one transaction, which must fit into jute.maxbuffer and holds up all writes meanwhile.',
    todo: 'See whose they are with zksh ephemerals --by-session.',
    judge: (view) =>
      eachMember(
        view,
        (member) => metric(member, 'ephemerals_count'),
        (value, source, member) =>
          value <= view.limits.ephemerals
            ? undefined
            : { message: `${value} ephemeral znodes`, evidence: `${value} ${source} of ${nameOf(member)}` },
      ),
  },
  {
    code: 'heap-tight',
    title: 'the data takes much of the heap',
    severity: 'warning',
    why: 'All znodes live on the heap. Near its end the JVM collects garbage most of the time, pauses, and the member drops out.',
    todo: 'Raise -Xmx (leave the machine enough besides, it must never swap), or see what takes the space with zksh du and zksh wide.',
    judge: (view) =>
      eachMember(view, heapTold, ({ data, znodes, heap }, source, member) => {
        const taken = data + znodes * ZNODE_ON_HEAP;
        if (taken * 100 < heap * view.limits.heap) return undefined;
        return {
          severity: taken >= heap * 0.75 ? 'critical' : undefined,
          message: `the znodes of ${nameOf(member)} take about ${Math.round((100 * taken) / heap)} % of its heap`,
          evidence: `${byteSize(data)} of paths and data + ${znodes} znodes × ${ZNODE_ON_HEAP} B = ${byteSize(taken)} of ${byteSize(heap)}; ${source}`,
        };
      }),
  },
  {
    code: 'answer-near-limit',
    title: 'an answer or proposal near jute.maxbuffer',
    severity: 'warning',
    why: 'A request or answer over jute.maxbuffer ends the connection. A proposal that members with a smaller limit cannot read keeps them from joining.',
    todo: 'Find the parent with too many children (zksh wide) or the znode with too much data (zksh du), and split it.',
    judge: (view) =>
      eachMember(view, largestTold, ({ largest, what, limit, assumed }, source, member) => {
        if (largest * 100 < limit * view.limits.response) return undefined;
        return {
          message: `${nameOf(member)} had ${what} of ${byteSize(largest)}`,
          evidence: `${largest} ${source}, jute.maxbuffer ${limit}${assumed ? ' (its default: nobody tells it)' : ''}`,
        };
      }),
  },
  {
    code: 'large-requests',
    title: 'requests refused for their size',
    severity: 'advice',
    why: 'Some client sends more than the server takes, and loses its connection each time.',
    todo: 'Find the client in the server’s log; see jute.maxbuffer and largeRequestMaxBytes.',
    judge: (view) =>
      eachMember(
        view,
        (member) => metric(member, 'large_requests_rejected', '3.6'),
        (value, source, member) =>
          value === 0
            ? undefined
            : {
                message: `${nameOf(member)} refused ${value} large requests since its process started`,
                evidence: `${value} ${source}`,
              },
      ),
  },
];

function connectionsTold(
  member: MemberStatus,
  view: HealthView,
): Told<{ open: number; limit: number; at?: string | undefined }> | undefined {
  const told = setting(member, 'maxClientCnxns');
  if ('reason' in told) return told;
  const limit = connectionLimit(member);
  if (limit === undefined) return undefined;
  const { connections } = member.facts;
  if (connections === undefined) return { reason: 'it tells no counts' };
  const by = view.busiest.get(member);
  if (by === undefined && hasManyConnections(member, view.limits))
    return {
      reason: `it has ${connections.value} connections, and whose they are is not told (cons or its AdminServer would)`,
    };
  const value = { open: by?.count ?? connections.value, limit, at: by?.address };
  return { value, source: `${connections.source}, ${told.source}` };
}

/** It has so many connections that one address, if they were all its own, would be near what it may hold. */
export function hasManyConnections(member: MemberStatus, limits: Limits): boolean {
  const limit = connectionLimit(member);
  return limit !== undefined && (member.facts.connections?.value ?? 0) * 100 >= limit * limits.connections;
}

/** How many connections one address may hold; undefined for no limit, and where it is not told. */
function connectionLimit(member: MemberStatus): number | undefined {
  const told = setting(member, 'maxClientCnxns');
  const limit = 'value' in told && /^\d{1,9}$/.test(told.value) ? Number(told.value) : 0;
  return limit === 0 ? undefined : limit;
}

function heapTold(member: MemberStatus): Told<{ data: number; znodes: number; heap: number }> {
  const heap = fact(
    maxHeapOf(member.observation.further),
    'neither envi nor an AdminServer tells the size of its heap',
  );
  const data = metric(member, 'approximate_data_size');
  const znodes = metric(member, 'znode_count');
  if ('reason' in data) return data;
  if ('reason' in znodes) return znodes;
  if ('reason' in heap) return heap;
  return {
    value: { data: data.value, znodes: znodes.value, heap: heap.value },
    source: `${data.source}, ${heap.source}`,
  };
}

function largestTold(member: MemberStatus): Told<{ largest: number; what: string; limit: number; assumed: boolean }> {
  const answer = metric(member, 'max_client_response_size', '3.6');
  const proposal = metric(member, 'max_proposal_size');
  const told = [
    ...('value' in answer ? [{ ...answer, what: 'an answer' }] : []),
    ...('value' in proposal ? [{ ...proposal, what: 'a proposal' }] : []),
  ].sort((a, b) => b.value - a.value);
  const [largest] = told;
  // A follower before 3.6 tells neither; only a leader has proposals. Before the first of them, both are -1.
  if (largest !== undefined && largest.value < 0) return { reason: 'it has sent no answer yet' };
  if (largest === undefined) return 'reason' in answer ? answer : { reason: 'it tells no sizes' };
  const set = Number(member.observation.further.admin.get('system_properties')?.['jute.maxbuffer']);
  const limit = Number.isSafeInteger(set) && set > 0 ? set : DEFAULT_MAX_BUFFER;
  return {
    value: { largest: largest.value, what: largest.what, limit, assumed: limit !== set },
    source: largest.source,
  };
}
