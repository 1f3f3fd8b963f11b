import * as Flags from '@oclif/core/flags';
import {
  negatedTest,
  PLAIN_TESTS,
  type PlainTest,
  type Test,
  VALUE_TESTS,
  type ValueTest,
  valueTest,
} from '../znodes/find-tests.ts';

/** Said in the help of what has these flags. */
export const TESTS_HELP = `In globs, * and ? stand for characters of one name, ** for any path. Numbers are 10, +10 (more), -10 (less) or 1..10;
sizes are bytes, or with k, m, g. Times are +7d (longer ago), -1h (less long ago), 2026-01-31 (that day in UTC), or
from..to with dates, times and how long ago; units are s, m, h, d, w and y. A test that asks for what the ACL hides does
not hold, nor does its opposite; what could not be looked into is named on stderr, and the exit code is 4.`;

const test = (helpValue: string, description: string) =>
  Flags.string({ multiple: true, multipleNonGreedy: true, helpValue, description, helpGroup: 'TESTS' });

/** A flag for each test. */
export const testFlags = {
  name: test('<glob>', 'the last name of the path fits'),
  path: test('<glob>', 'the whole path fits'),
  regex: test('<re>', 'a regular expression is found in the path'),
  type: test('<kinds>', 'persistent (or container, or with a TTL) or ephemeral'),
  ephemeral: Flags.boolean({ description: 'as --type ephemeral', helpGroup: 'TESTS' }),
  owner: test('<session>', 'ephemeral of this session, 0x…'),
  size: test('<n>', 'bytes of data'),
  children: test('<n>', 'number of children; 0 = leaves'),
  empty: Flags.boolean({ description: 'no data and no children', helpGroup: 'TESTS' }),
  created: test('<time>', 'when it was created'),
  modified: test('<time>', 'when its data was last written'),
  version: test('<n>', 'version of the data: how often it was written'),
  acl: test('<entry>', 'has this ACL entry, scheme:id or scheme:id:perms; * in the id; slow'),
  not: test('<test>', 'the opposite of a test: name=GLOB, empty, …'),
};

/** The values of the flags of the tests. */
type TestValues = { readonly [name in ValueTest | 'not']?: readonly string[] | undefined } & {
  readonly [name in PlainTest]: boolean;
};

/** What the flags ask for; all of it has to hold. @throws UsageError `BAD_TEST`, `BAD_PATTERN` */
export function testsOf(flags: TestValues, now: number): Test[] {
  const values = (Object.keys(VALUE_TESTS) as ValueTest[]).flatMap((name) =>
    (flags[name] ?? []).map((text) => valueTest(name, text, now)),
  );
  const plain = (Object.keys(PLAIN_TESTS) as PlainTest[]).flatMap((name) => (flags[name] ? [PLAIN_TESTS[name]] : []));
  return [...values, ...plain, ...(flags.not ?? []).map((text) => negatedTest(text, now))];
}

/** Whether a test wants the ACL, which is slow to read. */
export function wantsAcl({ acl, not }: TestValues): boolean {
  return acl !== undefined || not?.some((text) => text.startsWith('acl=')) === true;
}
