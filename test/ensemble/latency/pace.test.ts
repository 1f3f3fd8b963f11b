import { describe, expect, it } from 'vitest';
import { createPace } from '../../../src/ensemble/latency/pace.ts';

/** A clock that goes on only where it is waited for, or work takes its time. */
function clock() {
  const state = { now: 1000 };
  return {
    state,
    now: () => state.now,
    wait: async (ms: number) => {
      state.now += ms;
    },
  };
}

const { signal } = new AbortController();

async function turns(how: { rate?: number; duration?: number; offset?: number }, work: readonly number[]) {
  const { state, now, wait } = clock();
  const pace = createPace({ rate: how.rate, duration: how.duration, offset: how.offset, now, wait });
  const at: number[] = [];
  for (const takes of work) {
    if (!(await pace.turn(signal))) break;
    at.push(state.now - 1000);
    state.now += takes;
  }
  return at;
}

describe('the pace of a measurement', () => {
  it('is even, whatever each request takes', async () => {
    expect(await turns({ rate: 100 }, [1, 8, 0, 3, 1])).toEqual([0, 10, 20, 30, 40]);
  });

  it('makes up for a short delay and never for a long one', async () => {
    expect(await turns({ rate: 100 }, [15, 0, 0, 0])).toEqual([0, 15, 20, 30]);
    expect(await turns({ rate: 100 }, [500, 0, 0, 0, 0])).toEqual([0, 500, 500, 500, 510]);
  });

  it('is that of the answers without a rate', async () => {
    expect(await turns({}, [3, 4, 5])).toEqual([0, 3, 7]);
  });

  it('ends when the time is up', async () => {
    expect(await turns({ rate: 100, duration: 25 }, [1, 1, 1, 1, 1])).toEqual([0, 10, 20]);
    expect(await turns({ duration: 10 }, [4, 4, 4, 4])).toEqual([0, 4, 8]);
  });

  it('begins later where it is to, so that members take turns', async () => {
    expect(await turns({ rate: 100, offset: 4 }, [1, 1, 1])).toEqual([4, 14, 24]);
  });

  it('throws what ended it', async () => {
    const stop = new AbortController();
    const pace = createPace({ rate: 1, duration: undefined });
    await pace.turn(stop.signal);
    const waiting = pace.turn(stop.signal);
    stop.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
    await expect(pace.turn(stop.signal)).rejects.toThrow('stopped');
  });
});
