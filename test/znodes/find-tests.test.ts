import { describe, expect, it } from 'vitest';
import { countRange, parseSize, sizeRange, timeRange } from '../../src/znodes/find-expression.ts';
import { type Candidate, negatedTest, PLAIN_TESTS, type ValueTest, valueTest } from '../../src/znodes/find-tests.ts';
import { globRegExp } from '../../src/znodes/glob.ts';
import { stat } from '../support/lies.ts';

const INFINITY = Number.POSITIVE_INFINITY;
const NOW = Date.UTC(2026, 0, 31, 12);
const DAY = 86_400_000;

describe('a number in a test', () => {
  it.each([
    ['10', [10, 10]],
    ['+10', [11, INFINITY]],
    ['-10', [0, 9]],
    ['+1k', [1025, INFINITY]],
    ['1k..2KiB', [1024, 2048]],
    ['1m..', [1_048_576, INFINITY]],
    ['..1.5k', [0, 1536]],
    ['0', [0, 0]],
  ])('of bytes: %s', (text, [min, max]) => expect(sizeRange(text)).toEqual({ min, max }));

  it.each(['', 'x', '1x', '+', '--1', '2..1', '..', '1..2..3', '+-1', '1e3'])('is not %j', (text) => {
    expect(() => sizeRange(text)).toThrow('cannot be read');
    expect(() => countRange(text)).toThrow('cannot be read');
  });

  it('counts without units', () => {
    expect(countRange('1..3')).toEqual({ min: 1, max: 3 });
    expect(() => countRange('1k')).toThrow('cannot be read');
    expect(parseSize('3g')).toBe(3 * 1024 ** 3);
  });
});

describe('a time in a test', () => {
  it.each([
    ['+7d', -INFINITY, NOW - 7 * DAY - 1],
    ['-1h', NOW - 3_600_000 + 1, INFINITY],
    ['-1.5m', NOW - 90_000 + 1, INFINITY],
    ['2026-01-30', Date.UTC(2026, 0, 30), Date.UTC(2026, 0, 31) - 1],
    ['2026-01-01..', Date.UTC(2026, 0, 1), INFINITY],
    ['..2026-01-01', -INFINITY, Date.UTC(2026, 0, 2) - 1],
    ['2026-01-01..2026-01-01T12:00', Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 1, 12)],
    ['2026-01-01T12:00+02:00..2d', Date.UTC(2026, 0, 1, 10), NOW - 2 * DAY],
    ['2w..1d', NOW - 14 * DAY, NOW - DAY],
  ])('%s', (text, min, max) => expect(timeRange(text, NOW)).toEqual({ min, max }));

  it.each(['', '7d', '+7', '+', '2026-02-30', '2026-01-01T00:00', '1d..2d', 'yesterday', '..', '+2026-01-01'])(
    'is not %j',
    (text) => expect(() => timeRange(text, NOW)).toThrow('cannot be read'),
  );
});

describe('a glob', () => {
  it.each([
    ['*.tmp', 'a.tmp', true],
    ['*.tmp', 'atmp', false],
    ['*', '', true],
    ['a*', '/a', false],
    ['/a/*', '/a/b', true],
    ['/a/*', '/a/b/c', false],
    ['/a/**', '/a/b/c', true],
    ['/a/**/z', '/a/z', true],
    ['/a/**/z', '/a/b/c/z', true],
    ['/a/**/z', '/a/bz', false],
    ['**/z', '/z', true],
    ['n?', 'n1', true],
    ['n?', 'nä', true],
    ['n?', 'n😀', true],
    ['/a?b', '/a/b', false],
    ['n[0-9]', 'n7', true],
    ['n[!0-9]', 'n7', false],
    ['n[!0-9]', 'nx', true],
    ['n[]x]', 'n]', true],
    ['n[a-]', 'n-', true],
    ['[', '[', true],
    ['a\\*', 'a*', true],
    ['a\\*', 'ab', false],
    ['a+b(c)|{d}$^', 'a+b(c)|{d}$^', true],
    ['-x-', '-x-', true],
  ])('%s on %s: %s', (glob, text, fits) => expect(globRegExp(glob).test(text)).toBe(fits));

  it('is refused where it makes no sense', () => {
    expect(() => globRegExp('[z-a]')).toThrow('bad pattern "[z-a]": Range out of order');
  });
});

describe('a test', () => {
  const ttl = BigInt.asIntN(64, 0xff00_0000_0000_1388n);
  const znodes: Record<string, Candidate> = {
    plain: { path: '/a/plain', stat: { ...stat, ephemeralOwner: 0n, dataLength: 5, numChildren: 2, version: 3 } },
    ephemeral: { path: '/a/ephemeral', stat: { ...stat, ephemeralOwner: 0x1000n, dataLength: 0, numChildren: 0 } },
    container: { path: '/a/container', stat: { ...stat, ephemeralOwner: -(2n ** 63n), numChildren: 1 } },
    ttl: { path: '/a/ttl', stat: { ...stat, ephemeralOwner: ttl, numChildren: 0, dataLength: 0 } },
    hidden: { path: '/a/hidden', stat: undefined },
  };
  const fits = (test: (znode: Candidate) => boolean | undefined) =>
    Object.keys(znodes).filter((name) => test(znodes[name] as Candidate) === true);

  it.each<[ValueTest, string, string[]]>([
    ['name', 'p*', ['plain']],
    ['path', '/a/*e*', ['ephemeral', 'container', 'hidden']],
    ['regex', '^/a/.{3}$', ['ttl']],
    ['regex', 'l$', ['ephemeral', 'ttl']],
    ['type', 'persistent', ['plain']],
    ['type', 'ephemeral', ['ephemeral']],
    ['type', 'ephemeral,persistent', ['plain', 'ephemeral']],
    ['size', '5', ['plain']],
    ['children', '0', ['ephemeral', 'ttl']],
    ['version', '3', ['plain']],
    ['owner', '0x1000', ['ephemeral']],
    ['owner', '4096', ['ephemeral']],
    ['owner', '0x8000000000000000', []],
  ])('--%s %s', (name, text, found) => expect(fits(valueTest(name, text, NOW))).toEqual(found));

  it('may be turned round, but holds in neither way where it can not be decided', () => {
    expect(fits(negatedTest('type=ephemeral', NOW))).toEqual(['plain', 'container', 'ttl']);
    expect(fits(negatedTest('name=*t*', NOW))).toEqual(['plain', 'ephemeral', 'hidden']);
    expect(fits(negatedTest('empty', NOW))).toEqual(['plain', 'container']);
    expect(fits(PLAIN_TESTS.empty)).toEqual(['ephemeral', 'ttl']);
    expect(fits(negatedTest('acl=world:anyone', NOW))).toEqual([]);
  });

  it('of times looks at the creation and at the last write of data', () => {
    const znode = { path: '/', stat: { ...stat, ctime: BigInt(NOW - 10 * DAY), mtime: BigInt(NOW - 1000) } };
    expect(valueTest('created', '+7d', NOW)(znode)).toBe(true);
    expect(valueTest('modified', '+7d', NOW)(znode)).toBe(false);
    expect(valueTest('modified', '-2s', NOW)(znode)).toBe(true);
  });

  it.each([
    ['world:anyone', true],
    ['world:anyone:r', true],
    ['world:anyone:rw', false],
    ['digest:bob:*', true],
    ['digest:bob:*:cdrwa', true],
    ['digest:*:a', true],
    ['digest:bob', false],
    ['ip:*', false],
  ])('of ACL entries: %s is %s', (text, fit) => {
    const acl = [
      { scheme: 'world', id: 'anyone', perms: 1 },
      { scheme: 'digest', id: 'bob:2jmj7l5rSw0yVb/vlWAYkK/YBwk=', perms: 31 },
    ];
    expect(valueTest('acl', text, NOW)({ path: '/', stat: undefined, acl })).toBe(fit);
  });

  it.each<[ValueTest | 'not', string, string]>([
    ['name', 'a/b', '--name: "a/b" cannot be read'],
    ['regex', '(', '--regex: bad pattern "("'],
    ['type', 'sequential', '--type: servers do not tell which znodes are sequential'],
    ['type', 'ephemeral,container', '--type: servers do not tell which znodes are container'],
    ['type', 'ttl', '--type: servers do not tell which znodes are ttl'],
    ['type', 'odd', '--type: "odd" cannot be read'],
    ['owner', '1000023ab450000', '--owner: "1000023ab450000" cannot be read'],
    ['acl', 'anyone', '--acl: "anyone" cannot be read'],
    ['not', 'odd=1', '"odd=1" cannot be read'],
    ['not', 'name', '"name" cannot be read'],
    ['not', 'empty=1', '"empty=1" cannot be read'],
    ['not', 'size=x', '--size: "x" cannot be read'],
  ])('--%s %s is refused by name', (name, text, message) => {
    expect(() => (name === 'not' ? negatedTest(text, NOW) : valueTest(name, text, NOW))).toThrow(message);
  });
});
