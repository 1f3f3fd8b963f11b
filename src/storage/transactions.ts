import { bool, buffer, type Codec, int, long, record, ustring, type Value, vector } from '../jute/codec.ts';
import { JuteError } from '../jute/errors.ts';
import { JuteReader } from '../jute/reader.ts';
import { AclRecord } from '../protocol/records.ts';

// The classes of org.apache.zookeeper.txn in zookeeper.jute, and SerializeUtils.deserializeTxn, which tells them apart.

export const TxnHeader = record(
  { clientId: long, cxid: int, zxid: long, time: long, type: int },
  {
    read: (reader) => ({
      clientId: reader.long(),
      cxid: reader.int(),
      zxid: reader.long(),
      time: reader.long(),
      type: reader.int(),
    }),
  },
);

/** Whose transaction it is, its place in the order of all, when the leader made it (ms since 1970), and of what kind. */
export type TxnHeader = Value<typeof TxnHeader>;

const acls = vector(AclRecord);
const CreateTxnV0 = record({ path: ustring, data: buffer, acl: acls, ephemeral: bool });
const CreateTxn = record({ path: ustring, data: buffer, acl: acls, ephemeral: bool, parentCVersion: int });
const SetDataTxn = record({ path: ustring, data: buffer, version: int });
const DeleteTxn = record({ path: ustring });
const TxnDigest = record({ version: int, treeDigest: long });
const MultiTxn = record({ txns: vector(record({ type: int, data: buffer })) });

/** Kinds of transactions: OpCode, and the record each has. */
const KINDS: ReadonlyMap<number, { readonly name: string; readonly codec: Codec<unknown> }> = new Map(
  (
    [
      [-11, 'closeSession', record({ paths2Delete: vector(ustring) })],
      [-10, 'createSession', record({ timeOut: int })],
      [-1, 'error', record({ err: int })],
      [1, 'create', CreateTxn],
      [2, 'delete', DeleteTxn],
      [5, 'setData', SetDataTxn],
      [7, 'setACL', record({ path: ustring, acl: acls, version: int })],
      [13, 'check', record({ path: ustring, version: int })],
      [14, 'multi', MultiTxn],
      [15, 'create2', CreateTxn],
      [16, 'reconfig', SetDataTxn],
      [19, 'createContainer', record({ path: ustring, data: buffer, acl: acls, parentCVersion: int })],
      [20, 'deleteContainer', DeleteTxn],
      [21, 'createTTL', record({ path: ustring, data: buffer, acl: acls, parentCVersion: int, ttl: long })],
    ] as const
  ).map(([type, name, codec]) => [type, { name, codec: codec as Codec<unknown> }]),
);

/** Only inside a multi. */
const CHECK = 13;
const CLOSE_SESSION = -11;
const CREATE = 1;
const MULTI = 14;

/** OpCode.reconfig: the one transaction that changes the membership. */
export const RECONFIG = 16;

/** What a transaction does. */
export interface Transaction {
  /** Its kind, by the name of its OpCode. */
  readonly name: string;
  /** Its fields by the names in zookeeper.jute; absent where nothing is written, as when 3.4 closes a session. */
  readonly fields: Readonly<Record<string, unknown>> | undefined;
  /** The parts of a multi, in order. */
  readonly parts: readonly Transaction[];
  /** What the tree had to sum up to after it, since 3.6. */
  readonly digest: { readonly version: number; readonly treeDigest: bigint } | undefined;
}

/** The name of a kind that may stand in a log; undefined for one this zksh, and so its newest server, does not know. */
export function transactionName(type: number): string | undefined {
  return type === CHECK ? undefined : KINDS.get(type)?.name;
}

/** What stands behind the header of a logged transaction. @throws JuteError */
export function decodeTransaction(type: number, body: Buffer): Transaction {
  const reader = new JuteReader(body);
  const kind = kindOf(type);
  const fields = fieldsOf(type, kind.codec, body, reader);
  const digest = reader.remaining >= TxnDigest.minBytes ? TxnDigest.read(reader) : undefined;
  return { name: kind.name, fields, parts: type === MULTI ? partsOf(fields) : [], digest };
}

function fieldsOf(type: number, codec: Codec<unknown>, body: Buffer, reader: JuteReader): Transaction['fields'] {
  if (type === CLOSE_SESSION && isWithoutPaths(body)) return undefined;
  try {
    return codec.read(reader) as Record<string, unknown>;
  } catch (error) {
    // Servers before 3.3.3 wrote no parentCVersion.
    if (type !== CREATE || !(error instanceof JuteError) || error.fault !== 'truncated') throw error;
    reader.open(body);
    return { ...CreateTxnV0.read(reader), parentCVersion: -1 };
  }
}

/**
 * A closed session has its paths since 3.6, unless closeSessionTxn.enabled is off; then nothing stands there but perhaps
 * the digest, whose version (2) must not be taken for a count of paths: two of them do not fit into so few bytes.
 */
function isWithoutPaths(body: Buffer): boolean {
  return body.length === 0 || (body.length === TxnDigest.minBytes && body.readInt32BE(0) > 1);
}

function partsOf(fields: Transaction['fields']): Transaction[] {
  const { txns = [] } = (fields ?? {}) as Partial<Value<typeof MultiTxn>>;
  return txns.map(({ type, data }) => {
    const { name, codec } = kindOf(type);
    const body = Buffer.from(data ?? []);
    const reader = new JuteReader(body);
    return { name, fields: fieldsOf(type, codec, body, reader), parts: [], digest: undefined };
  });
}

function kindOf(type: number): { readonly name: string; readonly codec: Codec<unknown> } {
  const kind = KINDS.get(type);
  if (kind === undefined) throw new JuteError('value', `transactions of type ${type} are not known`);
  return kind;
}
