import { encode } from '../jute/codec.ts';
import type { AddWatchMode, WatchEvent, WatcherType } from '../protocol/events.ts';
import { operations } from '../protocol/operations.ts';

/** The kinds of watch a server keeps apart. `exist` waits for a node that is not there. */
export type WatchKind = 'data' | 'exist' | 'child' | 'persistent' | 'persistentRecursive';

/** ClientCnxn.SET_WATCHES_MAX_LENGTH: a server must be able to read one packet below its jute.maxbuffer. */
const MAX_PACKET_BYTES = 128 * 1024;
/** Room for the lengths and the zxid around the paths. */
const PACKET_OVERHEAD = 64;

/** Which kinds an event uses up (ClientCnxn's ZKWatchManager.materialize). Persistent ones stay. */
const USED_UP: Readonly<Partial<Record<WatchEvent['type'], readonly WatchKind[]>>> = {
  NodeCreated: ['data', 'exist'],
  NodeDataChanged: ['data', 'exist'],
  NodeChildrenChanged: ['child'],
  NodeDeleted: ['data', 'exist', 'child'],
  DataWatchRemoved: ['data', 'exist'],
  ChildWatchRemoved: ['child'],
  PersistentWatchRemoved: ['persistent', 'persistentRecursive'],
};

const OF_TYPE: Readonly<Record<WatcherType, readonly WatchKind[]>> = {
  children: ['child'],
  data: ['data', 'exist'],
  persistent: ['persistent'],
  persistentRecursive: ['persistentRecursive'],
  any: ['data', 'exist', 'child', 'persistent', 'persistentRecursive'],
};

/** One SetWatches packet's operation and record. */
export interface WatchPacket {
  type: number;
  body: Buffer;
}

/** What this session watches: the server forgets it with the connection, so it is set again on the next. */
export class WatchTable {
  readonly #paths: Record<WatchKind, Set<string>> = {
    data: new Set(),
    exist: new Set(),
    child: new Set(),
    persistent: new Set(),
    persistentRecursive: new Set(),
  };
  /** Streams that read each persistent watch, and those that somebody set for good besides. */
  readonly #streams = new Map<string, number>();
  readonly #kept = new Set<string>();

  /** Server paths watched, each once, sorted. */
  get paths(): string[] {
    return [...new Set(Object.values(this.#paths).flatMap((paths) => [...paths]))].sort();
  }

  add(kind: WatchKind, path: string): void {
    this.#paths[kind].add(path);
  }

  /** Notes a persistent watch, to stay until it is removed. */
  keep(mode: AddWatchMode, path: string): void {
    this.add(mode, path);
    this.#kept.add(keyOf(mode, path));
  }

  /** Counts one more stream in that needs a persistent watch; to be followed by one `release`. */
  hold(mode: AddWatchMode, path: string): void {
    this.#streams.set(keyOf(mode, path), (this.#streams.get(keyOf(mode, path)) ?? 0) + 1);
  }

  /** Counts a stream out. @returns true when nobody needs that watch any more; it is forgotten then */
  release(mode: AddWatchMode, path: string): boolean {
    const left = (this.#streams.get(keyOf(mode, path)) ?? 1) - 1;
    if (left > 0) this.#streams.set(keyOf(mode, path), left);
    else this.#streams.delete(keyOf(mode, path));
    if (left > 0 || this.#kept.has(keyOf(mode, path))) return false;
    this.#drop(mode, path);
    return true;
  }

  /** True when any watch stands on that path. */
  watched(path: string): boolean {
    return OF_TYPE.any.some((kind) => this.#paths[kind].has(path));
  }

  remove(type: WatcherType, path: string): void {
    for (const kind of OF_TYPE[type]) this.#drop(kind, path);
  }

  /** Takes out what an event has used up. */
  fired(event: WatchEvent): void {
    for (const kind of USED_UP[event.type] ?? []) this.#drop(kind, event.path);
  }

  #drop(kind: WatchKind, path: string): void {
    this.#paths[kind].delete(path);
    this.#kept.delete(keyOf(kind, path));
  }

  /** The packets that set everything again, each small enough for any server; none when nothing is watched. */
  packets(relativeZxid: bigint): WatchPacket[] {
    const packets: WatchPacket[] = [];
    let batch = emptyBatch();
    let bytes = PACKET_OVERHEAD;
    const close = () => {
      packets.push(packet(batch, relativeZxid));
      batch = emptyBatch();
      bytes = PACKET_OVERHEAD;
    };
    for (const [kind, paths] of Object.entries(this.#paths) as [WatchKind, Set<string>][]) {
      for (const path of paths) {
        const size = 4 + Buffer.byteLength(path);
        if (bytes + size > MAX_PACKET_BYTES && bytes > PACKET_OVERHEAD) close();
        batch[kind].push(path);
        bytes += size;
      }
    }
    if (bytes > PACKET_OVERHEAD) close();
    return packets;
  }
}

function keyOf(kind: WatchKind, path: string): string {
  return `${kind} ${path}`;
}

type Batch = Record<WatchKind, string[]>;

function emptyBatch(): Batch {
  return { data: [], exist: [], child: [], persistent: [], persistentRecursive: [] };
}

/** Servers before 3.6 know only the first form, so it is used wherever it can say it. */
function packet(batch: Batch, relativeZxid: bigint): WatchPacket {
  const { setWatches, setWatches2 } = operations;
  const old = { relativeZxid, dataWatches: batch.data, existWatches: batch.exist, childWatches: batch.child };
  if (batch.persistent.length === 0 && batch.persistentRecursive.length === 0) {
    return { type: setWatches.type, body: encode(setWatches.request, old) };
  }
  const all = {
    ...old,
    persistentWatches: batch.persistent,
    persistentRecursiveWatches: batch.persistentRecursive,
  };
  return { type: setWatches2.type, body: encode(setWatches2.request, all) };
}
