import { describe, expect, it } from 'vitest';
import { EventHub } from '../../src/client/event-hub.ts';

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

describe('events', () => {
  it('reach every reader, from the moment it began to listen', async () => {
    const hub = new EventHub<number>();
    const early = hub.stream();
    hub.emit(1);
    const late = hub.stream();
    hub.emit(2);
    hub.end();
    expect(await all(early)).toEqual([1, 2]);
    expect(await all(late)).toEqual([2]);
    expect(await all(hub.stream())).toEqual([]);
  });

  it('wake a reader that waits', async () => {
    const hub = new EventHub<string>();
    const stream = hub.stream();
    const next = stream.next();
    hub.emit('now');
    expect(await next).toEqual({ done: false, value: 'now' });
  });

  it('stop when the reader leaves or its signal is aborted', async () => {
    const hub = new EventHub<number>();
    const abort = new AbortController();
    const waiting = all(hub.stream(abort.signal));
    abort.abort();
    expect(await waiting).toEqual([]);
    const stream = hub.stream();
    hub.emit(1);
    await stream.return?.();
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('fail a reader that falls too far behind, by name and not silently', async () => {
    const hub = new EventHub<number>();
    const stream = hub.stream();
    for (let i = 0; i < 100_001; i++) hub.emit(i);
    await expect(all(stream)).rejects.toMatchObject({ code: 'EVENTS_LOST' });
  });
});
