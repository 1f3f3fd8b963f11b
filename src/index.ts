export { digestAuthId } from './auth/digest.ts';
export { type DigestMd5Options, digestMd5 } from './auth/digest-md5.ts';
export { kerberos } from './auth/kerberos.ts';
export type { SaslExchange, SaslMechanism } from './auth/sasl.ts';
export type { TlsSettings } from './auth/tls.ts';
export { Client } from './client/client.ts';
export { type ConnectOptions, connect, open } from './client/connect.ts';
export {
  AbortedError,
  type Attempt,
  ClosedError,
  ConnectError,
  ConnectionLostError,
  type LostWithSession,
  type Outcome,
  ProtocolError,
  type ProtocolFault,
  QueueFullError,
  ReplyTooLargeError,
  SessionExpiredError,
  TimeoutError,
  TransportError,
} from './client/errors.ts';
export type { ClientEvent, CreateOptions, ReadOptions, Reconfiguration, VersionOptions } from './client/options.ts';
export { connectPool, Pool, type PoolOptions } from './client/pool.ts';
export type { CallOptions } from './client/request.ts';
export type { SessionState, StateChange } from './client/session-state.ts';
export {
  type ReadOp,
  type ReadResult,
  TransactionError,
  type TransactionOp,
  type TransactionResult,
} from './client/transaction.ts';
export { type Acl, formatAcl, OPEN_ACL, Perms, parseAcl } from './protocol/acl.ts';
export type { CreateMode } from './protocol/create-mode.ts';
export { ExitCode, UsageError, ZkshError } from './protocol/errors.ts';
export type { AddWatchMode, EventType, WatchEvent, WatcherType } from './protocol/events.ts';
export type { OperationName } from './protocol/operations.ts';
export type { Stat } from './protocol/records.ts';
export { ServerError } from './protocol/server-errors.ts';
