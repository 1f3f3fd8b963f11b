import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDynamicConfig } from '../../src/ensemble/dynamic-config.ts';
import { isQuorum, type Quorum, quorumOf, toleranceOf } from '../../src/ensemble/quorum.ts';

interface Case {
  config: string;
  answer: string;
}

const recorded = new URL('../fixtures/quorums.json', import.meta.url);
const cases = JSON.parse(readFileSync(recorded, 'utf8')) as Case[];

function quorumIn(config: string): Quorum {
  return quorumOf(parseDynamicConfig(config.replaceAll(',', '\n')));
}

function majorityOf(voters: number): Quorum {
  const lines = Array.from({ length: voters }, (_, i) => `server.${i + 1}=h:${2000 + i}:${3000 + i}`);
  return quorumIn(lines.join(','));
}

function subset(ids: readonly bigint[], number: number): Set<bigint> {
  return new Set(ids.filter((_, i) => (number >> i) & 1));
}

/** By trying every set of losses there is. */
function fewestFatalLosses(quorum: Quorum, live: ReadonlySet<bigint>): number {
  const ids = [...live];
  let fewest = Number.POSITIVE_INFINITY;
  for (let number = 0; number < 1 << ids.length; number++) {
    const lost = subset(ids, number);
    const left = new Set(ids.filter((id) => !lost.has(id)));
    if (lost.size < fewest && !isQuorum(quorum, left)) fewest = lost.size;
  }
  return fewest;
}

describe('what is a quorum', () => {
  it("is what ZooKeeper's own classes say, for every set of voters of 411 configurations", () => {
    const ours = cases.map(({ config, answer }) => {
      if (/Exception/.test(answer)) return { config, answer };
      const quorum = quorumIn(config);
      const bits = [...answer].map((_, number) => (isQuorum(quorum, subset(quorum.voters, number)) ? '1' : '0'));
      return { config, answer: bits.join('') };
    });
    expect(ours).toEqual(cases);
    expect(cases).toHaveLength(411);
  });

  it('is refused where a server would not start', () => {
    const broken = cases.filter(({ answer }) => /Exception/.test(answer));
    expect(broken.length).toBeGreaterThan(50);
    for (const { config } of broken) expect(() => quorumIn(config), config).toThrow('no quorum groups');
  });

  it('is never made by members that have no vote', () => {
    const quorum = quorumIn('server.1=a:1:2,server.2=b:1:2:observer,server.3=c:1:2:observer');
    expect(quorum).toMatchObject({ kind: 'majority', voters: [1n] });
    expect(isQuorum(quorum, new Set([2n, 3n]))).toBe(false);
    expect(isQuorum(quorum, new Set([1n]))).toBe(true);
  });
});

describe('how many more may fail', () => {
  it('is one of three voters, two of five, and none of the two that are left of three', () => {
    const live = (...ids: number[]) => new Set(ids.map(BigInt));
    expect(toleranceOf(majorityOf(3), live(1, 2, 3))).toMatchObject({ quorum: true, tolerance: 1, critical: [] });
    expect(toleranceOf(majorityOf(5), live(1, 2, 3, 4, 5)).tolerance).toBe(2);
    expect(toleranceOf(majorityOf(4), live(1, 2, 3, 4)).tolerance).toBe(1);
    expect(toleranceOf(majorityOf(3), live(1, 3))).toMatchObject({ tolerance: 0, critical: [1n, 3n] });
    expect(toleranceOf(majorityOf(1), live(1))).toMatchObject({ tolerance: 0, fatal: [1n], critical: [1n] });
    expect(toleranceOf(majorityOf(3), live(2))).toEqual({ quorum: false, tolerance: 0, fatal: [], critical: [] });
  });

  it('names the one heavy voter whose loss is fatal', () => {
    const heavy = 'server.1=a:1:2,server.2=b:1:2,server.3=c:1:2,group.1=1:2:3,weight.1=3';
    const { tolerance, fatal, critical } = toleranceOf(quorumIn(heavy), new Set([1n, 2n, 3n]));
    expect({ tolerance, fatal, critical }).toEqual({ tolerance: 0, fatal: [1n], critical: [1n] });
  });

  it('is, of three groups of three, one group and one more voter of each other', () => {
    const servers = Array.from({ length: 9 }, (_, i) => `server.${i + 1}=h:${2000 + i}:${3000 + i}`);
    const quorum = quorumIn([...servers, 'group.1=1:2:3', 'group.2=4:5:6', 'group.3=7:8:9'].join(','));
    const all = new Set(quorum.voters);
    expect(toleranceOf(quorum, all)).toMatchObject({ tolerance: 3, critical: [] });
    expect(isQuorum(quorum, subset(quorum.voters, 0b011_011_000))).toBe(true);
    expect(isQuorum(quorum, subset(quorum.voters, 0b001_001_111))).toBe(false);
  });

  it('is the fewest losses that any set of them needs, less one', () => {
    const usable = cases.filter(({ answer }) => answer.includes('1') && !answer.includes('E'));
    fc.assert(
      fc.property(fc.constantFrom(...usable), fc.nat(255), ({ config }, number) => {
        const quorum = quorumIn(config);
        const live = subset(quorum.voters, number);
        const { quorum: has, tolerance, fatal, critical } = toleranceOf(quorum, live);
        expect(has).toBe(isQuorum(quorum, live));
        if (!has) return;
        expect(tolerance).toBe(fewestFatalLosses(quorum, live) - 1);
        expect(isQuorum(quorum, new Set([...live].filter((id) => !fatal.includes(id))))).toBe(false);
        const alone = [...live].filter((id) => !isQuorum(quorum, new Set([...live].filter((one) => one !== id))));
        expect(critical).toEqual(alone);
      }),
    );
  });
});
