import { describe, expect, it } from 'vitest';
import { goldenConnections } from '../support/frames.ts';
import { recorded, replay } from '../support/replay.ts';

const connections = goldenConnections();

describe('every recorded session, replayed to the client', () => {
  it.each(connections)('$name: gives what it gave, whole or byte by byte', async (connection) => {
    const expected = recorded(connection);
    expect(await replay(connection, () => [])).toEqual(expected);
    expect(await replay(connection, (frame) => Array.from(frame.keys()))).toEqual(expected);
  });

  it.each(connections)('$name: gives the same with every frame split at every byte', async (connection) => {
    const expected = recorded(connection);
    const longest = Math.max(
      ...connection.frames.filter(({ from }) => from === 'server').map(({ bytes }) => bytes.length),
    );
    for (let at = 1; at < longest; at++) {
      expect({ at, ...(await replay(connection, () => [at])) }).toEqual({ at, ...expected });
    }
  });
});
