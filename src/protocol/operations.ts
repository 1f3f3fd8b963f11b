import type { Codec } from '../jute/codec.ts';
import { multiRequest, multiResponse } from './multi.ts';
import * as records from './records.ts';

/**
 * What losing the connection in the middle means: a `read` may be asked again, a `write` may have happened,
 * `session` operations are the client's own and are re-done with the session.
 */
type OperationKind = 'read' | 'write' | 'session';

/** One operation of ZooKeeper's client protocol: all that is particular about it. */
export interface Operation<Q, P> {
  /** ZooDefs.OpCode. */
  readonly type: number;
  readonly request: Codec<Q>;
  readonly response: Codec<P>;
  readonly kind: OperationKind;
  /** The first server release that answers it. An older one says `UNIMPLEMENTED`, or drops the connection. */
  readonly since: string;
  /** What a server of that release needs besides. */
  readonly needs: string | undefined;
}

function op<Q, P>(
  type: number,
  request: Codec<Q>,
  response: Codec<P>,
  facts: { kind: OperationKind; since?: string; needs?: string },
): Operation<Q, P> {
  return { type, request, response, kind: facts.kind, since: facts.since ?? '3.0.0', needs: facts.needs };
}

const single = {
  create: op(1, records.CreateRequest, records.CreateResponse, { kind: 'write' }),
  delete: op(2, records.DeleteRequest, records.Empty, { kind: 'write' }),
  exists: op(3, records.ExistsRequest, records.ExistsResponse, { kind: 'read' }),
  getData: op(4, records.GetDataRequest, records.GetDataResponse, { kind: 'read' }),
  setData: op(5, records.SetDataRequest, records.SetDataResponse, { kind: 'write' }),
  getACL: op(6, records.GetACLRequest, records.GetACLResponse, { kind: 'read' }),
  setACL: op(7, records.SetACLRequest, records.SetACLResponse, { kind: 'write' }),
  getChildren: op(8, records.GetChildrenRequest, records.GetChildrenResponse, { kind: 'read' }),
  // A sync changes nothing, but one that is asked again is a new, later sync: safe to repeat.
  sync: op(9, records.SyncRequest, records.SyncResponse, { kind: 'read' }),
  ping: op(11, records.Empty, records.Empty, { kind: 'session' }),
  getChildren2: op(12, records.GetChildren2Request, records.GetChildren2Response, { kind: 'read', since: '3.3.0' }),
  // Alone on the wire it has no use and servers answer it oddly; it stands for its place in a multi.
  check: op(13, records.CheckVersionRequest, records.Empty, { kind: 'write', since: '3.4.0' }),
  create2: op(15, records.CreateRequest, records.Create2Response, { kind: 'write', since: '3.5.0' }),
  reconfig: op(16, records.ReconfigRequest, records.GetDataResponse, {
    kind: 'write',
    since: '3.5.0',
    needs: 'an ensemble: a standalone server has no membership',
  }),
  checkWatches: op(17, records.CheckWatchesRequest, records.Empty, { kind: 'read', since: '3.5.0' }),
  // Registrations live with the connection; after a reconnect the client's own table says what is watched.
  removeWatches: op(18, records.RemoveWatchesRequest, records.Empty, { kind: 'read', since: '3.5.0' }),
  createContainer: op(19, records.CreateRequest, records.Create2Response, { kind: 'write', since: '3.5.1' }),
  createTTL: op(21, records.CreateTTLRequest, records.Create2Response, {
    kind: 'write',
    since: '3.5.3',
    needs: 'extendedTypesEnabled=true in every zoo.cfg',
  }),
  auth: op(100, records.AuthPacket, records.Empty, { kind: 'session' }),
  setWatches: op(101, records.SetWatches, records.Empty, { kind: 'session' }),
  sasl: op(102, records.GetSASLRequest, records.SetSASLResponse, { kind: 'session', since: '3.4.0' }),
  getEphemerals: op(103, records.GetEphemeralsRequest, records.GetEphemeralsResponse, { kind: 'read', since: '3.6.0' }),
  getAllChildrenNumber: op(104, records.GetAllChildrenNumberRequest, records.GetAllChildrenNumberResponse, {
    kind: 'read',
    since: '3.6.0',
  }),
  setWatches2: op(105, records.SetWatches2, records.Empty, { kind: 'session', since: '3.6.0' }),
  // The server answers with the error code as a body too (FinalRequestProcessor: new ErrorResponse(0)).
  addWatch: op(106, records.AddWatchRequest, records.ErrorResponse, { kind: 'read', since: '3.6.0' }),
  whoAmI: op(107, records.Empty, records.WhoAmIResponse, { kind: 'read', since: '3.7.0' }),
  closeSession: op(-11, records.Empty, records.Empty, { kind: 'session' }),
} as const;

type Single = typeof single;

function codecs(side: 'request' | 'response', names: readonly (keyof Single)[]): ReadonlyMap<number, Codec<unknown>> {
  return new Map(names.map((name) => [single[name].type, single[name][side] as Codec<unknown>]));
}

const TRANSACTION = ['create', 'create2', 'createContainer', 'createTTL', 'delete', 'setData', 'check'] as const;
const READS = ['getData', 'getChildren'] as const;

/** The table all else is derived from: the client's calls, multi, the packet decoder, what a server version lacks. */
export const operations = {
  ...single,
  // A reply says create2 for containers and TTL nodes too (FinalRequestProcessor: a CreateResult with a Stat).
  multi: op(14, multiRequest(codecs('request', TRANSACTION)), multiResponse(codecs('response', TRANSACTION)), {
    kind: 'write',
    since: '3.4.0',
  }),
  multiRead: op(22, multiRequest(codecs('request', READS)), multiResponse(codecs('response', READS)), {
    kind: 'read',
    since: '3.6.0',
  }),
} as const;

export type OperationName = keyof typeof operations;

const names = new Map<number, OperationName>(
  Object.entries(operations).map(([name, operation]) => [operation.type, name as OperationName]),
);

/** The name of an operation code, or `undefined` for one this table doesn't know. */
export function operationName(type: number): OperationName | undefined {
  return names.get(type);
}
