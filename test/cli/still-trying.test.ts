import { describe, expect, it } from 'vitest';
import { tellStillTrying } from '../../src/cli/still-trying.ts';
import type { StateChange } from '../../src/client/session-state.ts';

function vainRound(suspendedFor: number): StateChange {
  const attempts = [{ server: 'zk1:2181', reason: 'connection refused', code: 'ECONNREFUSED' }];
  return {
    type: 'retrying',
    state: 'SUSPENDED',
    sessionId: 0n,
    server: undefined,
    cause: undefined,
    attempts,
    suspendedFor,
  };
}

describe('waiting for a server', () => {
  it('is told after 2, 10 and 30 seconds and then each minute, with what each server said', () => {
    const told: string[] = [];
    const listener = tellStillTrying((line) => told.push(line));
    for (let seconds = 0.5; seconds <= 200; seconds += 0.5) listener(vainRound(seconds * 1000));
    expect(told).toEqual([
      'no server for 2 s, still trying (zk1:2181: connection refused)',
      'no server for 10 s, still trying (zk1:2181: connection refused)',
      'no server for 30 s, still trying (zk1:2181: connection refused)',
      'no server for 60 s, still trying (zk1:2181: connection refused)',
      'no server for 2 min, still trying (zk1:2181: connection refused)',
      'no server for 3 min, still trying (zk1:2181: connection refused)',
    ]);
  });
});
