import { describe, expect, it } from 'vitest';
import { besideOthers } from '../../../src/ensemble/latency/measure.ts';
import { countOf, type LatencyPlan, OperationRecord } from '../../../src/ensemble/latency/operations.ts';
import { nextStep, stepsOf } from '../../../src/ensemble/latency/steps.ts';
import { ServerError } from '../../../src/protocol/server-errors.ts';

const PLAN: LatencyPlan = {
  operations: ['connect', 'exists', 'sync', 'create', 'delete'],
  count: undefined,
  named: false,
  duration: undefined,
  rate: undefined,
  path: '/',
  chroot: '',
};

/** The operations of a plan in the order in which they are made. */
function order(plan: LatencyPlan, most: number): string[] {
  const steps = stepsOf(plan);
  const made: string[] = [];
  for (let i = 0; i < most; i++) {
    const step = nextStep(steps, plan.duration !== undefined && plan.count === undefined);
    if (step === undefined) break;
    step.done += 1;
    made.push(step.records.map(({ operation }) => operation).join('+'));
  }
  return made;
}

function counted(names: readonly string[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const name of names) sums[name] = (sums[name] ?? 0) + 1;
  return sums;
}

describe('the turns of a measurement', () => {
  it('make each operation as often as is usual, mixed', () => {
    const made = order(PLAN, 1000);
    expect(counted(made)).toEqual({ connect: 10, exists: 200, sync: 100, 'create+delete': 50 });
    expect(counted(made.slice(0, 36))).toEqual({ connect: 1, exists: 20, sync: 10, 'create+delete': 5 });
  });

  it('keep that mixture for as long as a duration lasts', () => {
    expect(counted(order({ ...PLAN, duration: 1000 }, 3600))).toEqual({
      connect: 100,
      exists: 2000,
      sync: 1000,
      'create+delete': 500,
    });
  });

  it('make a large count of reads, and of what costs the ensemble more only where it was named', () => {
    expect(PLAN.operations.map((name) => countOf(name, { ...PLAN, count: 5000 }))).toEqual([100, 5000, 5000, 100, 100]);
    expect(countOf('connect', { ...PLAN, count: 5000, named: true })).toBe(5000);
    expect(countOf('create', { ...PLAN, count: 7 })).toBe(7);
  });

  it('leave out an operation that is refused again and again', async () => {
    const refused = new OperationRecord('getData');
    for (let i = 0; i < 3; i++) {
      expect(refused.givenUp).toBe(false);
      await refused.time(async () => Promise.reject(new ServerError(-102, 'getData', '/')));
    }
    expect(refused.givenUp).toBe(true);
    expect(refused.taken()).toMatchObject({ errors: 3, distribution: undefined, failure: { code: 'NO_AUTH' } });
  });

  it('go on after a refusal now and then', async () => {
    const record = new OperationRecord('getData');
    for (let i = 0; i < 9; i++) {
      await record.time(async () => (i % 3 === 2 ? i : Promise.reject(new ServerError(-127, 'getData', '/'))));
    }
    expect(record.givenUp).toBe(false);
    expect(record.taken()).toMatchObject({ errors: 6, distribution: { count: 3 } });
  });

  it('end with anything but an answer', async () => {
    const record = new OperationRecord('exists');
    await expect(record.time(async () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
  });
});

describe('a member beside the others', () => {
  it('is slow when it takes twice as long, and not by a hair', () => {
    expect(besideOthers(10, [2, 3, 50])).toEqual({ timesOthers: 10 / 3, slow: true });
    expect(besideOthers(5, [2.6, 2.6])).toMatchObject({ slow: false });
    // Of two others, one of which is quick, it is no news to be between them.
    expect(besideOthers(3, [1, 5])).toEqual({ timesOthers: 1, slow: false });
    expect(besideOthers(0.9, [0.1, 0.1])).toMatchObject({ slow: false });
  });

  it('is not judged without others', () => {
    expect(besideOthers(10, [])).toEqual({ timesOthers: undefined, slow: false });
    expect(besideOthers(undefined, [1])).toEqual({ timesOthers: undefined, slow: false });
  });
});
