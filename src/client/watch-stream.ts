import type { AddWatchMode, WatcherType } from '../protocol/events.ts';
import { ClosedError } from './errors.ts';
import type { ClientEvent } from './options.ts';
import type { CallOptions } from './request.ts';
import type { SessionState } from './session-state.ts';

/** The calls the stream makes; {@link Client} has them. */
interface WatchSource {
  readonly state: SessionState;
  events(options: { signal?: AbortSignal | undefined }): AsyncIterableIterator<ClientEvent>;
  removeWatches(path: string, type: WatcherType): Promise<void>;
}

/** What the stream needs of its session. */
export interface WatchOwner {
  source: WatchSource;
  /** Asks for the watch; to be followed by one `release`, whatever comes of it. */
  hold(mode: AddWatchMode, options: CallOptions): Promise<void>;
  /** @returns true when no other stream, and nobody's addWatch, needs it any more */
  release(mode: AddWatchMode): boolean;
  /** True when something else on this session still watches the path. */
  watchedOtherwise(): boolean;
  ended(): Error | undefined;
}

/** {@link Client.watch}: registers, filters, and takes the watch away when the loop is left. */
export async function* watchStream(
  path: string,
  options: { recursive?: boolean | undefined; signal?: AbortSignal | undefined },
  owner: WatchOwner,
): AsyncGenerator<ClientEvent, void, undefined> {
  const { source } = owner;
  const { recursive = false, signal } = options;
  const mode: AddWatchMode = recursive ? 'persistentRecursive' : 'persistent';
  const below = path === '/' ? '/' : `${path}/`;
  const events = source.events({ signal });
  try {
    await owner.hold(mode, { signal });
    for await (const event of events) {
      const concerns = 'state' in event || event.path === path || (recursive && event.path.startsWith(below));
      // A recursive watch promises no child events; others' watches on the same session may bring some.
      if (concerns && !(recursive && event.type === 'NodeChildrenChanged')) yield event;
    }
    const ended = owner.ended();
    // The caller's own close ends the stream; any other end is news.
    if (ended !== undefined && !(ended instanceof ClosedError) && !signal?.aborted) throw ended;
  } finally {
    await events.return?.();
    const last = owner.release(mode);
    // Servers before 3.9 can't remove one kind of persistent watch; `any` would take others' with it.
    if (last && !owner.watchedOtherwise() && source.state === 'CONNECTED') {
      await source.removeWatches(path, 'any').catch(() => {});
    }
  }
}
