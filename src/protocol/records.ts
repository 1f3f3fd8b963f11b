import { bool, buffer, empty, int, long, nullableUstring, record, ustring, type Value, vector } from '../jute/codec.ts';

// One declaration a class of ZooKeeper's zookeeper.jute (3.9), fields in wire order. Where two classes have the same
// fields, one is declared and the other named after it: jute puts no names on the wire.

export const Id = record({ scheme: ustring, id: ustring });

export const AclRecord = record({ perms: int, id: Id });

export const Stat = record(
  {
    czxid: long,
    mzxid: long,
    ctime: long,
    mtime: long,
    version: int,
    cversion: int,
    aversion: int,
    ephemeralOwner: long,
    dataLength: int,
    numChildren: int,
    pzxid: long,
  },
  {
    read: (reader) => ({
      czxid: reader.long(),
      mzxid: reader.long(),
      ctime: reader.long(),
      mtime: reader.long(),
      version: reader.int(),
      cversion: reader.int(),
      aversion: reader.int(),
      ephemeralOwner: reader.long(),
      dataLength: reader.int(),
      numChildren: reader.int(),
      pzxid: reader.long(),
    }),
  },
);

/**
 * What ZooKeeper keeps about a znode. Zxids, times (milliseconds since 1970 by the server's clock) and the owner's
 * session id are 64-bit; versions count changes of data, children and ACL.
 */
export type Stat = Value<typeof Stat>;

const pathOnly = record({ path: ustring });
const pathAndWatch = record({ path: ustring, watch: bool });
const pathAndVersion = record({ path: ustring, version: int });
const pathAndType = record({ path: ustring, type: int });
const statOnly = record({ stat: Stat });
const dataAndStat = record({ data: buffer, stat: Stat });

export const ConnectRequest = record({
  protocolVersion: int,
  lastZxidSeen: long,
  timeOut: int,
  sessionId: long,
  passwd: buffer,
  readOnly: bool,
});

export const RequestHeader = record(
  { xid: int, type: int },
  {
    write: (writer, header) => {
      writer.int(header.xid);
      writer.int(header.type);
    },
  },
);
export const ReplyHeader = record(
  { xid: int, zxid: long, err: int },
  { read: (reader) => ({ xid: reader.int(), zxid: reader.long(), err: reader.int() }) },
);
export const MultiHeader = record(
  { type: int, done: bool, err: int },
  {
    write: (writer, header) => {
      writer.int(header.type);
      writer.bool(header.done);
      writer.int(header.err);
    },
    read: (reader) => ({ type: reader.int(), done: reader.bool(), err: reader.int() }),
  },
);
export const ErrorResponse = record({ err: int });
export const WatcherEvent = record({ type: int, state: int, path: ustring });

export const AuthPacket = record({ type: int, scheme: ustring, auth: buffer });
export const GetSASLRequest = record({ token: buffer });
export const SetSASLResponse = record({ token: buffer });

export const SetWatches = record({
  relativeZxid: long,
  dataWatches: vector(ustring),
  existWatches: vector(ustring),
  childWatches: vector(ustring),
});

export const SetWatches2 = record({
  relativeZxid: long,
  dataWatches: vector(ustring),
  existWatches: vector(ustring),
  childWatches: vector(ustring),
  persistentWatches: vector(ustring),
  persistentRecursiveWatches: vector(ustring),
});

export const CreateRequest = record({ path: ustring, data: buffer, acl: vector(AclRecord), flags: int });
export const CreateTTLRequest = record({
  path: ustring,
  data: buffer,
  acl: vector(AclRecord),
  flags: int,
  ttl: long,
});
export const CreateResponse = pathOnly;
export const Create2Response = record({ path: ustring, stat: Stat });

export const DeleteRequest = pathAndVersion;
export const CheckVersionRequest = pathAndVersion;

export const ExistsRequest = pathAndWatch;
export const ExistsResponse = statOnly;

export const GetDataRequest = pathAndWatch;
export const GetDataResponse = dataAndStat;

export const SetDataRequest = record({ path: ustring, data: buffer, version: int });
export const SetDataResponse = statOnly;

export const GetACLRequest = pathOnly;
export const GetACLResponse = record({ acl: vector(AclRecord), stat: Stat });

export const SetACLRequest = record({ path: ustring, acl: vector(AclRecord), version: int });
export const SetACLResponse = statOnly;

export const GetChildrenRequest = pathAndWatch;
export const GetChildrenResponse = record({ children: vector(ustring) });
export const GetChildren2Request = pathAndWatch;
export const GetChildren2Response = record({ children: vector(ustring), stat: Stat });

export const SyncRequest = pathOnly;
export const SyncResponse = pathOnly;

export const ReconfigRequest = record({
  joiningServers: nullableUstring,
  leavingServers: nullableUstring,
  newMembers: nullableUstring,
  curConfigId: long,
});

export const AddWatchRequest = record({ path: ustring, mode: int });
export const CheckWatchesRequest = pathAndType;
export const RemoveWatchesRequest = pathAndType;

export const GetEphemeralsRequest = record({ prefixPath: ustring });
export const GetEphemeralsResponse = record({ ephemerals: vector(ustring) });
export const GetAllChildrenNumberRequest = pathOnly;
export const GetAllChildrenNumberResponse = record({ totalNumber: int });

export const WhoAmIResponse = record({ clientInfo: vector(record({ authScheme: ustring, user: ustring })) });

export const Empty = empty;
