import { describe, expect, it } from 'vitest';
import { WatchTable } from '../../src/client/watch-table.ts';
import { decode } from '../../src/jute/codec.ts';
import { operations } from '../../src/protocol/operations.ts';

describe('watches after a reconnect', () => {
  it('are set again in the old form while an old server could be meant', () => {
    const table = new WatchTable();
    table.add('data', '/d');
    table.add('exist', '/e');
    table.add('child', '/c');
    const [packet, ...rest] = table.packets(7n);
    expect(rest).toEqual([]);
    expect(packet?.type).toBe(operations.setWatches.type);
    expect(decode(operations.setWatches.request, packet?.body as Buffer)).toEqual({
      relativeZxid: 7n,
      dataWatches: ['/d'],
      existWatches: ['/e'],
      childWatches: ['/c'],
    });
  });

  it('are set again in the new form when there are persistent ones', () => {
    const table = new WatchTable();
    table.keep('persistent', '/p');
    table.keep('persistentRecursive', '/r');
    const [packet] = table.packets(1n);
    expect(packet?.type).toBe(operations.setWatches2.type);
    expect(decode(operations.setWatches2.request, packet?.body as Buffer)).toMatchObject({
      persistentWatches: ['/p'],
      persistentRecursiveWatches: ['/r'],
    });
  });

  it('go in packets of 128 KiB at most, none lost', () => {
    const table = new WatchTable();
    const paths = Array.from({ length: 5000 }, (_, i) => `/${'é'.repeat(50)}${i}`);
    for (const path of paths) table.add('child', path);
    const packets = table.packets(1n);
    expect(packets.length).toBeGreaterThan(3);
    expect(Math.max(...packets.map(({ body }) => body.length))).toBeLessThanOrEqual(128 * 1024);
    const back = packets.flatMap(({ body }) => decode(operations.setWatches.request, body).childWatches);
    expect(back).toEqual(paths);
  });

  it('need no packet when nothing is watched', () => {
    expect(new WatchTable().packets(1n)).toEqual([]);
  });
});

describe('a persistent watch', () => {
  it('is needed until the last of its streams has left', () => {
    const table = new WatchTable();
    for (let stream = 0; stream < 2; stream += 1) {
      table.hold('persistent', '/a');
      table.add('persistent', '/a');
    }
    expect(table.release('persistent', '/a')).toBe(false);
    expect(table.paths).toEqual(['/a']);
    expect(table.release('persistent', '/a')).toBe(true);
    expect(table.paths).toEqual([]);
  });

  it('that somebody set for good outlives every stream, until it is removed', () => {
    const table = new WatchTable();
    table.hold('persistent', '/a');
    table.add('persistent', '/a');
    table.keep('persistent', '/a');
    expect(table.release('persistent', '/a')).toBe(false);
    expect(table.paths).toEqual(['/a']);
    table.remove('any', '/a');
    table.hold('persistent', '/a');
    table.add('persistent', '/a');
    expect(table.release('persistent', '/a')).toBe(true);
  });
});

describe('an event', () => {
  it.each([
    ['NodeDataChanged', ['child', 'persistent']],
    ['NodeChildrenChanged', ['data', 'exist', 'persistent']],
    ['NodeDeleted', ['persistent']],
    ['NodeCreated', ['child', 'persistent']],
    ['PersistentWatchRemoved', ['data', 'exist', 'child']],
  ] as const)('%s uses up just what the server has used up', (type, left) => {
    const table = new WatchTable();
    for (const kind of ['data', 'exist', 'child', 'persistent'] as const) table.add(kind, '/a');
    table.add('data', '/b');
    table.fired({ type, path: '/a', zxid: 1n });
    const packet = table.packets(1n)[0];
    const form = packet?.type === operations.setWatches2.type ? operations.setWatches2 : operations.setWatches;
    const set = decode(form.request, packet?.body as Buffer) as unknown as Record<string, string[]>;
    const names = {
      dataWatches: 'data',
      existWatches: 'exist',
      childWatches: 'child',
      persistentWatches: 'persistent',
    };
    const standing = Object.entries(names).flatMap(([field, kind]) => (set[field]?.includes('/a') ? [kind] : []));
    expect(standing).toEqual(left);
    expect(table.paths).toContain('/b');
  });
});
