import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { depthOf, parentOf } from '../../src/protocol/paths.ts';
import { FillPlan, type FillSpec } from '../../src/znodes/fill-plan.ts';

const SPEC: FillSpec = {
  root: '/t',
  random: false,
  size: { min: 0, max: 0 },
  ephemerals: 0,
  containers: 0,
  sequential: 0,
  seed: '1',
  prefix: 'n',
};

const paths = (spec: Partial<FillSpec>) => Array.from(new FillPlan({ ...SPEC, ...spec }).items(), ({ path }) => path);
const ops = (spec: Partial<FillSpec>) =>
  Array.from(new FillPlan({ ...SPEC, ...spec }).items(), ({ ops: [op] }) => {
    if (op?.type !== 'create') throw new Error('a fill only creates');
    return op;
  });

describe('the plan of a full tree', () => {
  it('fills level by level, with names that sort as they count', () => {
    expect(paths({ count: 6, fanout: 2 })).toEqual(['/t/n0', '/t/n1', '/t/n0/n0', '/t/n0/n1', '/t/n1/n0', '/t/n1/n1']);
    const flat = paths({ count: 101, depth: 1 });
    expect([flat[0], flat[7], flat.at(-1)]).toEqual(['/t/n000', '/t/n007', '/t/n100']);
    expect(flat.toSorted()).toEqual(flat);
  });

  it('is as narrow as the depth allows, and holds all that depth and fan-out give', () => {
    expect(new FillPlan({ ...SPEC, count: 1110 }).totals()).toMatchObject({ znodes: 1110, depth: 3, widest: 10 });
    expect(new FillPlan({ ...SPEC, count: 1111 }).totals()).toMatchObject({ depth: 3, widest: 11 });
    expect(new FillPlan({ ...SPEC, depth: 2, fanout: 10 }).totals()).toMatchObject({ znodes: 110, depth: 2 });
    expect(new FillPlan({ ...SPEC, depth: 1000, fanout: 1 }).totals()).toMatchObject({ znodes: 1000, depth: 1000 });
    expect(paths({ depth: 3, fanout: 1 })).toEqual(['/t/n0', '/t/n0/n0', '/t/n0/n0/n0']);
  });

  it('refuses what contradicts itself, is far too much, or is no name', () => {
    const refused = (spec: Partial<FillSpec>) => () => new FillPlan({ ...SPEC, ...spec });
    expect(refused({ count: 13, depth: 2, fanout: 3 })).toThrow('holds 12 znodes');
    expect(refused({ depth: 10, fanout: 10 })).toThrow('that would be 11,111,111,110 znodes');
    expect(refused({ prefix: 'a/b' })).toThrow('holds a /');
    expect(refused({ prefix: 'a\u0001' })).toThrow(expect.objectContaining({ code: 'BAD_PATH' }));
    expect(refused({ random: true, fanout: 3 })).toThrow('no fan-out');
  });
});

describe('the plan of any tree', () => {
  const spec = fc.record({
    count: fc.integer({ min: 1, max: 400 }),
    depth: fc.integer({ min: 1, max: 8 }),
    random: fc.boolean(),
    size: fc.tuple(fc.nat(50), fc.nat(50)).map(([a, b]) => ({ min: Math.min(a, b), max: Math.max(a, b) })),
    ephemerals: fc.double({ min: 0, max: 1, noNaN: true }),
    containers: fc.double({ min: 0, max: 1, noNaN: true }),
    sequential: fc.constantFrom(0, 0.5, 1),
    seed: fc.string(),
    root: fc.constantFrom('/', '/t', '/a/b'),
  });

  it('names every znode once, after its parent, none below an ephemeral, none too deep', () => {
    fc.assert(
      fc.property(spec, (wanted) => {
        const seen = new Set<string>([wanted.root]);
        const ephemerals = new Set<string>();
        const above = depthOf(wanted.root);
        const wrong = ops(wanted).filter(({ path, mode }) => {
          const parent = parentOf(path);
          const misplaced = seen.has(path) || !seen.has(parent) || ephemerals.has(parent);
          seen.add(path);
          if (mode === 'ephemeral') ephemerals.add(path);
          return misplaced || depthOf(path) - above > wanted.depth;
        });
        expect(wrong).toEqual([]);
        expect(seen.size).toBe(wanted.count + 1);
      }),
      { numRuns: 50 },
    );
  });

  it('is the same for the same seed, and adds up to its totals', () => {
    fc.assert(
      fc.property(spec, (wanted) => {
        const made = ops(wanted);
        expect(ops(wanted)).toEqual(made);
        const of = (mode: string) => made.filter((op) => op.mode === mode).length;
        const sizes = made.map(({ data }) => data?.length ?? 0);
        expect(new FillPlan({ ...SPEC, ...wanted }).totals()).toMatchObject({
          znodes: wanted.count,
          bytes: sizes.reduce((sum, size) => sum + size, 0),
          ephemerals: of('ephemeral'),
          containers: of('container'),
        });
        expect(Math.min(...sizes)).toBeGreaterThanOrEqual(wanted.size.min);
        expect(Math.max(...sizes)).toBeLessThanOrEqual(wanted.size.max);
      }),
      { numRuns: 50 },
    );
  });

  it('is another for another seed', () => {
    const of = (seed: string) => paths({ random: true, count: 50, seed });
    expect(of('1')).not.toEqual(of('2'));
    expect(ops({ count: 1, size: { min: 40, max: 40 }, seed: 'a' })).not.toEqual(
      ops({ count: 1, size: { min: 40, max: 40 }, seed: 'b' }),
    );
  });

  it('has about the shares that were asked for', () => {
    const totals = new FillPlan({ ...SPEC, count: 10_000, depth: 1, ephemerals: 0.25, containers: 0.5 }).totals();
    expect(totals.ephemerals / 10_000).toBeCloseTo(0.25, 1);
    expect(totals.containers / 10_000).toBeCloseTo(0.375, 1);
    expect(paths({ count: 3, depth: 1, sequential: 1, prefix: 'lock-' })[2]).toBe('/t/lock-0000000002');
  });

  it('has data of any length, as text', () => {
    const [op] = ops({ count: 1, size: { min: 900_000, max: 900_000 } });
    expect(`${op?.data}`).toMatch(/^[\w \n]{900000}$/);
  });
});
