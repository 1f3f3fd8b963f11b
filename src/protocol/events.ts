/** Watcher.Event.EventType by its number on the wire. */
export const eventTypes = {
  [-1]: 'None',
  1: 'NodeCreated',
  2: 'NodeDeleted',
  3: 'NodeDataChanged',
  4: 'NodeChildrenChanged',
  5: 'DataWatchRemoved',
  6: 'ChildWatchRemoved',
  7: 'PersistentWatchRemoved',
} as const;

/** What a watch can tell of. */
export type EventType = Exclude<(typeof eventTypes)[keyof typeof eventTypes], 'None'>;

/** A watch went off, or was removed. */
export interface WatchEvent {
  type: EventType;
  path: string;
  /** The transaction that caused it; −1n from servers before 3.9, which do not tell. */
  zxid: bigint;
}

/** AddWatchMode.java. */
export const addWatchModes = { persistent: 0, persistentRecursive: 1 } as const;
/** Whether a watch that stays is on one znode, or on all below it too. */
export type AddWatchMode = keyof typeof addWatchModes;

/** Watcher.WatcherType: which watches checkWatches and removeWatches mean. */
export const watcherTypes = { children: 1, data: 2, any: 3, persistent: 4, persistentRecursive: 5 } as const;
/** The kinds of watch that can be asked for or removed; `any` is all of them. */
export type WatcherType = keyof typeof watcherTypes;
