import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearest } from '../../src/cli/suggest.ts';
import { type Finding, findRule, lint, MEMBER_RULES, RULES } from '../../src/config/lint.ts';
import { type MemberConfig, readConfigFile } from '../../src/config/member.ts';
import { NEWEST, parseRelease } from '../../src/config/parameters/release.ts';
import { PARAMETERS } from '../../src/config/parameters/table.ts';
import { EXAMPLES, type Example, memberOf, zooCfg } from './examples.ts';

function lintAll(members: readonly MemberConfig[], release?: string): Finding[] {
  return lint(members, {
    release: parseRelease(release ?? '') ?? NEWEST,
    releaseKnown: release !== undefined,
    nearest,
    severity: 'advice',
    ignore: [],
  });
}

const brokenBy = (example: Example) => lintAll([memberOf(example)], example.release).map(({ rule }) => rule);
const messages = (example: Example) => lintAll([memberOf(example)], example.release).map(({ message }) => message);

describe('the rules', () => {
  it('find nothing in a configuration that is in order', () => {
    expect(lintAll([memberOf({})])).toEqual([]);
  });

  it.each(MEMBER_RULES.map(({ id }) => [id]))('%s finds its example, and nothing else does', (id) => {
    const example = EXAMPLES[id];
    expect(example, `test/config/examples.ts has none for ${id}`).toBeDefined();
    expect([...new Set(brokenBy(example!))].sort()).toEqual([id, ...(example!.also ?? [])].sort());
  });

  it.each(RULES.map((rule) => [rule.id, rule] as const))('%s says what it finds and why', (id, { summary, why }) => {
    expect(id).toMatch(/^[a-z]+(?:-[a-z0-9]+)+$/);
    expect(summary).toMatch(/^[^A-Z].*[^.]$|^(?:TLS|HTTP|SASL) /);
    expect(why).toMatch(/^[A-Z1-9].*[.?]$|^[a-z]+[.A-Z].*[.]$/s);
  });

  it('have names of their own', () => {
    expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
  });
});

describe('lint', () => {
  it('suggests the parameter that was meant', () => {
    expect(messages({ set: { maxClientCnxn: '1' } })).toEqual([
      'no server knows maxClientCnxn: did you mean maxClientCnxns?',
    ]);
    expect(messages({ set: { ticktime: '1' } })).toEqual(['no server knows ticktime: did you mean tickTime?']);
  });

  it('knows the names of the documentation that do nothing', () => {
    expect(messages({ set: { connectionMaxTokens: '1' } })).toEqual([
      'connectionMaxTokens does nothing; the key is connection_throttle_tokens',
    ]);
  });

  it('says when a parameter came', () => {
    expect(messages({ set: { 'client.certReload': 'true' }, release: '3.8.4' })).toContain(
      'client.certReload is known since 3.7.2 and 3.8.5 only',
    );
    expect(messages({ set: { 'client.certReload': 'true' }, release: '3.9.0' })).toEqual([]);
  });

  it('takes the last of two values, as the server does', () => {
    expect(brokenBy({ raw: 'tickTime=0\n' })).toContain('tick-time-zero');
    expect(brokenBy({ set: { maxClientCnxns: '0' }, raw: 'maxClientCnxns=60\n' })).toEqual(['duplicate-key']);
  });

  it('tells the comment behind a number', () => {
    expect(messages({ set: { tickTime: '2000 # ms' } })[0]).toContain('a comment stands on a line of its own');
  });

  it('reads booleans as the release did', () => {
    const example = { set: { syncEnabled: 'yes' } };
    expect(brokenBy({ ...example, release: '3.6.4' })).toContain('ignored-value');
    expect(brokenBy({ ...example, release: '3.7.0' })).toContain('bad-value');
  });

  it('puts no password into a message', () => {
    const secret = 'hunter2\xe9 # no';
    const set = { 'ssl.quorum.keyStore.password': secret, 'DigestAuthenticationProvider.superDigest': secret };
    const other = memberOf({ set: { 'DigestAuthenticationProvider.superDigest': 'x' } }, '/b');
    const all = lintAll([memberOf({ set }), memberOf({ set }, '/c'), other]);
    expect(JSON.stringify(all)).not.toContain('hunter2');
    expect(all.map(({ rule }) => rule)).toContain('should-agree');
  });

  it('leaves out rules that are ignored and findings of less weight', () => {
    const options = { release: NEWEST, releaseKnown: false, nearest };
    const member = memberOf({ set: { dataLogDir: undefined, tickTime: 'x' } });
    const rules = (more: { severity: 'error' | 'advice'; ignore: string[] }) =>
      lint([member], { ...options, ...more }).map(({ rule }) => rule);
    expect(rules({ severity: 'error', ignore: [] })).toEqual(['bad-value']);
    expect(rules({ severity: 'advice', ignore: ['bad-value'] })).toEqual(['log-on-data-disk']);
  });

  it('refuses a rule that does not exist, and names the nearest', () => {
    expect(() => findRule('bad-values', nearest)).toThrowError(expect.objectContaining({ code: 'NO_RULE' }));
  });

  it('never fails, whatever the bytes of the files', () => {
    const keys = fc.oneof(
      fc.constantFrom(...PARAMETERS.map(({ name }) => name), 'server.1', 'server.2', 'group.1', 'weight.1'),
      fc.string(),
    );
    const values = fc.oneof(
      fc.constantFrom('', '0', '-1', '99999999999999999999', 'true', '*', 'a:1:2', '[::1]:1:2', '1:2', 'h:1:2|h:1:2;3'),
      fc.string(),
    );
    const lines = fc
      .array(fc.tuple(keys, values).map(([key, value]) => `${key}=${value}\n`))
      .map((all) => all.join(''));
    const bytes = fc.uint8Array({ maxLength: 400 }).map((one) => Buffer.from(one).toString('latin1'));
    const file = fc.oneof(
      lines,
      bytes,
      lines.map((one) => zooCfg({ raw: one })),
    );
    const member = fc
      .record({ text: file, dynamic: fc.option(file), myid: fc.string() })
      .map(({ text, dynamic, myid }) => ({
        file: readConfigFile('/zoo.cfg', text),
        dynamic: dynamic === null ? undefined : readConfigFile('/zoo.cfg.dynamic', dynamic),
        myid: { text: myid },
      }));
    fc.assert(
      fc.property(fc.array(member, { maxLength: 3 }), (members) => {
        for (const { rule, message } of lintAll(members)) expect(`${rule}: ${message}`).not.toContain('undefined');
      }),
      { numRuns: 500 },
    );
  });
});

describe('lint of several members', () => {
  const found = (...examples: Example[]) =>
    lintAll(examples.map((example, index) => memberOf({ myid: `${index + 1}\n`, ...example }, `/${'abc'[index]}`)));

  it('finds nothing where all agree', () => {
    expect(found({}, { set: { clientPort: '2182', dataDir: '/srv/zk' } })).toEqual([]);
  });

  it('finds a member that counts other members', () => {
    const [finding, ...more] = found({}, {}, { set: { 'server.3': '10.0.0.9:2888:3888' } });
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ rule: 'membership-drift', severity: 'error', file: '/c' });
  });

  it('takes order and spelling of the server lines for no difference', () => {
    expect(found({}, { set: { 'server.1': undefined }, raw: 'server.1=10.0.0.1:2888:3888:participant\n' })).toEqual([]);
  });

  it('finds a tickTime of its own', () => {
    expect(found({}, {}, { set: { tickTime: '2500' } })).toMatchObject([
      { rule: 'must-agree', severity: 'error', file: '/c', line: 1, message: 'tickTime is 2500, and 2000 in /a' },
    ]);
  });

  it('finds a jute.maxbuffer of its own in java.env', () => {
    expect(found({}, { properties: { 'jute.maxbuffer': '2097152' } })).toMatchObject([
      { rule: 'must-agree', file: '/b', message: 'jute.maxbuffer is 2097152, and 1048575 in /a' },
    ]);
  });

  it('compares a missing line with the default', () => {
    expect(found({ set: { maxClientCnxns: '60' } }, {})).toEqual([]);
    expect(found({ set: { maxClientCnxns: '100' } }, {}, {})).toMatchObject([{ rule: 'should-agree', file: '/a' }]);
  });

  it('finds one id twice', () => {
    expect(found({}, { myid: '1\n', set: { dataDir: '/srv/zk' } })).toMatchObject([
      { rule: 'one-id-twice', file: '/b' },
    ]);
  });
});
