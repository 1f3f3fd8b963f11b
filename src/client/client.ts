import type { Acl } from '../protocol/acl.ts';
import { createModes } from '../protocol/create-mode.ts';
import { UsageError } from '../protocol/errors.ts';
import { type AddWatchMode, addWatchModes, type WatcherType, watcherTypes } from '../protocol/events.ts';
import type { MultiResult } from '../protocol/multi.ts';
import { type Operation, operations } from '../protocol/operations.ts';
import { validateCreatePath, validatePath } from '../protocol/paths.ts';
import type { Stat } from '../protocol/records.ts';
import { Errno, isServerError, ServerError } from '../protocol/server-errors.ts';
import { type CallDetails, Caller } from './caller.ts';
import { createRequest } from './create-request.ts';
import type { ClientEvent, CreateOptions, ReadOptions, Reconfiguration, VersionOptions } from './options.ts';
import type { CallOptions } from './request.ts';
import {
  multiFault,
  type ReadOp,
  type ReadResult,
  readPart,
  readResults,
  type TransactionOp,
  type TransactionResult,
  toBytes,
  transactionFault,
  transactionResults,
  writePart,
} from './transaction.ts';
import { watchStream } from './watch-stream.ts';
import type { WatchKind } from './watch-table.ts';

const CONFIG_NODE = '/zookeeper/config';

/**
 * A reconfiguration sets the version of that znode to −1, and each write by hand adds one: −2 comes last, after 2^32 − 2 of
 * them. (−1 in a request is any version.)
 */
const IMPOSSIBLE_VERSION = -2;

/**
 * A session with a ZooKeeper ensemble. Calls wait while the connection is away and reads lost with it are asked again;
 * a write lost with it fails with `outcome: 'unknown'`, since it is never sent twice. All errors are `ZkshError`s.
 */
export class Client extends Caller {
  /**
   * Creates a znode.
   *
   * @returns its path, with the counter of a sequential one; its Stat where asked for or given anyway
   * @throws ServerError `NODE_EXISTS`, `NO_NODE` (no parent), `NO_CHILDREN_FOR_EPHEMERALS`, `INVALID_ACL`, …
   */
  async create(
    path: string,
    data?: Uint8Array | string | null,
    options: CreateOptions = {},
  ): Promise<{ path: string; stat: Stat | undefined }> {
    const { ephemeral, sequential } = createModes[options.mode ?? 'persistent'];
    const server = this.paths.toServer(validateCreatePath(path, sequential));
    const { name, operation, record } = createRequest(server, { ...options, data: toBytes(data) });
    const made = await this.call(
      name,
      operation as Operation<unknown, { path: string; stat?: Stat }>,
      record,
      options,
      {
        path,
        fault: (reply) =>
          (sequential ? reply.path.startsWith(server) : reply.path === server) ? undefined : `it names ${reply.path}`,
        onReply: (_, reply) => {
          if (ephemeral && reply !== undefined) this.session.ephemerals.add(reply.path);
        },
      },
    );
    return { path: this.paths.fromServer(made.path), stat: made.stat };
  }

  /** Deletes a znode without children. @throws ServerError `NO_NODE`, `BAD_VERSION`, `NOT_EMPTY`, `NO_AUTH` */
  async delete(path: string, options: VersionOptions = {}): Promise<void> {
    const server = this.path(path);
    await this.call('delete', operations.delete, { path: server, version: options.version ?? -1 }, options, {
      path,
      onReply: (errno) => {
        if (errno === 0 || errno === Errno.noNode) this.session.ephemerals.delete(server);
      },
    });
  }

  /** @returns the znode's Stat, or `undefined` when there is none; a watch is left in either case */
  async exists(path: string, options: ReadOptions = {}): Promise<Stat | undefined> {
    const watch = options.watch ?? false;
    const server = this.path(path);
    try {
      const reply = await this.call('exists', operations.exists, { path: server, watch }, options, {
        path,
        onReply: (errno) => {
          if (watch && errno === 0) this.session.watches.add('data', server);
          if (watch && errno === Errno.noNode) this.session.watches.add('exist', server);
        },
      });
      return reply.stat;
    } catch (error) {
      if (isServerError(error, Errno.noNode)) return undefined;
      throw error;
    }
  }

  /** @returns the data, `null` where none was ever set, and the Stat. @throws ServerError `NO_NODE`, `NO_AUTH` */
  async getData(path: string, options: ReadOptions = {}): Promise<{ data: Buffer | null; stat: Stat }> {
    const request = { path: this.path(path), watch: options.watch ?? false };
    const reply = await this.call(
      'getData',
      operations.getData,
      request,
      options,
      this.#watching(path, 'data', options),
    );
    return { data: reply.data as Buffer | null, stat: reply.stat };
  }

  /** @returns the new Stat. @throws ServerError `NO_NODE`, `BAD_VERSION`, `NO_AUTH`, `QUOTA_EXCEEDED` */
  async setData(path: string, data: Uint8Array | string | null, options: VersionOptions = {}): Promise<Stat> {
    const request = { path: this.path(path), data: toBytes(data), version: options.version ?? -1 };
    return (await this.call('setData', operations.setData, request, options, { path })).stat;
  }

  /** @throws ServerError `NO_NODE`, `NO_AUTH` */
  async getAcl(path: string, options: CallOptions = {}): Promise<{ acl: Acl[]; stat: Stat }> {
    const reply = await this.call('getACL', operations.getACL, { path: this.path(path) }, options, { path });
    return { acl: reply.acl.map(({ perms, id }) => ({ perms, ...id })), stat: reply.stat };
  }

  /** `version` is the ACL's own, `aversion`. @throws ServerError `NO_NODE`, `BAD_VERSION`, `INVALID_ACL`, `NO_AUTH` */
  async setAcl(path: string, acl: readonly Acl[], options: VersionOptions = {}): Promise<Stat> {
    const entries = acl.map(({ perms, scheme, id }) => ({ perms, id: { scheme, id } }));
    const request = { path: this.path(path), acl: entries, version: options.version ?? -1 };
    return (await this.call('setACL', operations.setACL, request, options, { path })).stat;
  }

  /** @returns the children's names in no order, and the parent's Stat. @throws ServerError `NO_NODE`, `NO_AUTH` */
  async getChildren(path: string, options: ReadOptions = {}): Promise<{ children: string[]; stat: Stat }> {
    const request = { path: this.path(path), watch: options.watch ?? false };
    const details = this.#watching<{ children: readonly string[]; stat: Stat }>(path, 'child', options);
    const reply = await this.call('getChildren', operations.getChildren2, request, options, details);
    return { children: reply.children as string[], stat: reply.stat };
  }

  /** Brings the server in use up to the leader: reads after it see every write that was acknowledged before it. */
  async sync(path: string, options: CallOptions = {}): Promise<string> {
    const server = this.path(path);
    const reply = await this.call('sync', operations.sync, { path: server }, options, {
      path,
      fault: (answer) => (answer.path === server ? undefined : `it names ${answer.path}`),
    });
    return this.paths.fromServer(reply.path);
  }

  /** Succeeds when the znode has that version. @throws TransactionError `NO_NODE`, `BAD_VERSION` */
  async check(path: string, version: number, options: CallOptions = {}): Promise<void> {
    await this.multi([{ type: 'check', path, version }], options);
  }

  /** All or nothing. @throws TransactionError naming the write that failed; nothing was changed then */
  async multi(ops: readonly TransactionOp[], options: CallOptions = {}): Promise<TransactionResult[]> {
    for (const op of ops) {
      validateCreatePath(op.path, op.type === 'create' && createModes[op.mode ?? 'persistent'].sequential);
    }
    const parts = ops.map((op) => writePart(op, this.paths.toServer));
    const replies = await this.call('multi', operations.multi, parts, options, {
      fault: (reply) => transactionFault(parts, reply),
      onReply: (_, reply) => this.#noteEphemerals(ops, reply ?? []),
    });
    return transactionResults(ops, replies, this.paths.fromServer);
  }

  /** Many reads in one request, each failing by itself; needs a server from 3.6. */
  async multiRead(ops: readonly ReadOp[], options: CallOptions = {}): Promise<ReadResult[]> {
    for (const { path } of ops) validatePath(path);
    const parts = ops.map((op) => readPart(op, this.paths.toServer));
    const replies = await this.call('multiRead', operations.multiRead, parts, options, {
      fault: (reply) => multiFault(parts, reply),
    });
    return readResults(ops, replies);
  }

  /** The committed membership; the same from inside any chroot. */
  async getConfig(options: ReadOptions = {}): Promise<{ data: Buffer | null; stat: Stat }> {
    const watch = options.watch ?? false;
    const reply = await this.call('getData', operations.getData, { path: CONFIG_NODE, watch }, options, {
      path: CONFIG_NODE,
      onReply: (errno) => {
        if (watch && errno === 0) this.session.watches.add('data', CONFIG_NODE);
      },
    });
    return { data: reply.data as Buffer | null, stat: reply.stat };
  }

  /**
   * Whether the ACL of /zookeeper/config lets this session change the membership. It is asked by a write for a version that
   * the znode never has, which the server refuses after it has looked at the ACL (PrepRequestProcessor, 3.5 to 3.9).
   */
  async mayReconfigure(options: CallOptions = {}): Promise<boolean> {
    // Even if it were taken, it would write what is there.
    const { data } = await this.getConfig(options);
    const request = { path: CONFIG_NODE, data, version: IMPOSSIBLE_VERSION };
    try {
      await this.call('setData', operations.setData, request, options, { path: CONFIG_NODE });
      return true;
    } catch (error) {
      if (isServerError(error, Errno.badVersion)) return true;
      if (isServerError(error, Errno.noAuth)) return false;
      throw error;
    }
  }

  /**
   * Changes the membership.
   *
   * @returns the new committed config
   * @throws ServerError `BAD_VERSION`, `NEW_CONFIG_NO_QUORUM`, `RECONFIG_IN_PROGRESS`, `RECONFIG_DISABLED`, `NO_AUTH`
   */
  async reconfig(change: Reconfiguration): Promise<{ data: Buffer | null; stat: Stat }> {
    const { joining, leaving, members } = change;
    if (members !== undefined && (joining !== undefined || leaving !== undefined)) {
      throw new UsageError('a reconfiguration names either all members or who joins and leaves, not both');
    }
    const request = {
      joiningServers: joining ?? null,
      leavingServers: leaving ?? null,
      newMembers: members ?? null,
      curConfigId: change.fromVersion,
    };
    const reply = await this.call('reconfig', operations.reconfig, request, change);
    return { data: reply.data as Buffer | null, stat: reply.stat };
  }

  /** Watches a path (`persistent`) or all below it too (`persistentRecursive`) until removed; servers from 3.6. */
  async addWatch(path: string, mode: AddWatchMode, options: CallOptions = {}): Promise<void> {
    await this.#addWatch(path, mode, options, (server) => this.session.watches.keep(mode, server));
  }

  /** Asks whether the server holds such a watch for this session. @throws ServerError `NO_WATCHER` */
  async checkWatches(path: string, type: WatcherType, options: CallOptions = {}): Promise<void> {
    const request = { path: this.path(path), type: watcherTypes[type] };
    await this.call('checkWatches', operations.checkWatches, request, options, { path }).catch(explain(type));
  }

  /** With `local`, forgets them here even when no server can be asked. @throws ServerError `NO_WATCHER` */
  async removeWatches(path: string, type: WatcherType, options: CallOptions & { local?: boolean } = {}): Promise<void> {
    const server = this.path(path);
    if (options.local && this.session.target === undefined) {
      this.session.watches.remove(type, server);
      return;
    }
    const request = { path: server, type: watcherTypes[type] };
    await this.call('removeWatches', operations.removeWatches, request, options, {
      path,
      onReply: (errno) => {
        if (errno === 0) this.session.watches.remove(type, server);
      },
    }).catch(explain(type));
  }

  /** Ephemerals of this session at or below `prefix`; servers from 3.6. */
  async getEphemerals(prefix = '/', options: CallOptions = {}): Promise<string[]> {
    const request = { prefixPath: this.path(prefix) };
    const reply = await this.call('getEphemerals', operations.getEphemerals, request, options, { path: prefix });
    return reply.ephemerals.map((path) => this.paths.fromServer(path));
  }

  /** How many znodes are below `path`; servers from 3.6. @throws ServerError `NO_NODE`, `NO_AUTH` */
  async getAllChildrenNumber(path: string, options: CallOptions = {}): Promise<number> {
    const request = { path: this.path(path) };
    const reply = await this.call('getAllChildrenNumber', operations.getAllChildrenNumber, request, options, {
      path,
      fault: ({ totalNumber }) => (totalNumber < 0 ? `it counts ${totalNumber} znodes` : undefined),
    });
    return reply.totalNumber;
  }

  /** Who the server takes this session for; servers from 3.7. */
  async whoAmI(options: CallOptions = {}): Promise<{ scheme: string; id: string }[]> {
    const reply = await this.call('whoAmI', operations.whoAmI, {}, options);
    return reply.clientInfo.map(({ authScheme, user }) => ({ scheme: authScheme, id: user }));
  }

  /**
   * What happens at `path`, or at and below it, until the loop is left. While `SUSPENDED` the server does not keep
   * events for a persistent watch, so changes of state are in the stream: after one, look again.
   *
   * @throws SessionExpiredError when the session ends meanwhile
   */
  async *watch(
    path: string,
    options: { recursive?: boolean | undefined; signal?: AbortSignal | undefined } = {},
  ): AsyncGenerator<ClientEvent, void, undefined> {
    const server = this.path(path);
    yield* watchStream(path, options, {
      source: this,
      hold: (mode, call) => {
        this.session.watches.hold(mode, server);
        return this.#addWatch(path, mode, call, () => this.session.watches.add(mode, server));
      },
      release: (mode) => this.session.watches.release(mode, server),
      watchedOtherwise: () => this.session.watches.watched(server),
      ended: () => this.session.ended,
    });
  }

  async #addWatch(
    path: string,
    mode: AddWatchMode,
    options: CallOptions,
    added: (server: string) => void,
  ): Promise<void> {
    const server = this.path(path);
    await this.call('addWatch', operations.addWatch, { path: server, mode: addWatchModes[mode] }, options, {
      path,
      onReply: (errno) => {
        if (errno === 0) added(server);
      },
    });
  }

  #watching<P>(path: string, kind: WatchKind, options: ReadOptions): CallDetails<P> {
    if (!options.watch) return { path };
    return {
      path,
      onReply: (errno) => {
        if (errno === 0) this.session.watches.add(kind, this.path(path));
      },
    };
  }

  #noteEphemerals(ops: readonly TransactionOp[], results: readonly MultiResult[]): void {
    const { ephemerals } = this.session;
    if (results.some(({ error }) => error !== 0)) return;
    for (const [i, op] of ops.entries()) {
      if (op.type === 'delete') ephemerals.delete(this.paths.toServer(op.path));
      const made = results[i]?.record as { path: string } | undefined;
      if (op.type === 'create' && createModes[op.mode ?? 'persistent'].ephemeral && made) ephemerals.add(made.path);
    }
  }
}

/** Servers before 3.9 know no watcher type above 3 and can't read the request (WatcherType.fromInt). */
function explain(type: WatcherType): (error: unknown) => never {
  return (error) => {
    if (!isServerError(error, Errno.marshallingError) || watcherTypes[type] <= watcherTypes.any) throw error;
    const hint = 'One kind of persistent watches needs ZooKeeper 3.9.0 or later; "any" takes all watches of the path.';
    throw new ServerError(Errno.unimplemented, error.operation, error.path, hint);
  };
}
