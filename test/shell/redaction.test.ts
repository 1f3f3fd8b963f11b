import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quoteWord } from '../../src/shell/quoting.ts';
import { redact } from '../../src/shell/redaction.ts';

describe('secrets in a line for the history', () => {
  it.each([
    ['addauth digest bob:s3cret', 'addauth digest <redacted>'],
    ['ls / ; addauth digest bob:s3cret && ls /', 'ls / ; addauth digest <redacted> && ls /'],
    ['addauth bob:s3cret', 'addauth <redacted>'],
    ['addauth digest "bob:s3 cret"', 'addauth digest <redacted>'],
    ['addauth digest "bob:s3 cr', 'addauth digest <redacted>'],
    ['# addauth digest bob:s3cret', '# addauth digest <redacted>'],
    ['get /a --auth digest:bob:s3cret', 'get /a --auth <redacted>'],
    ['get /a --auth=digest:bob:s3cret', 'get /a --auth=<redacted>'],
    ['get /a --auth="digest:bob:s3 cret" -s', 'get /a --auth=<redacted> -s'],
    ['get /a --sasl bob:s3cret', 'get /a --sasl <redacted>'],
    ['ls / --key-password s3cret', 'ls / --key-password <redacted>'],
    ['ls / --truststore-password=s3cret', 'ls / --truststore-password=<redacted>'],
    ['!PGPASSWORD="s3 cret" psql', '!PGPASSWORD=<redacted> psql'],
    ['!java -Dzookeeper.ssl.keyStore.password=s3cret', '!java -Dzookeeper.ssl.keyStore.password=<redacted>'],
    [`set /db '{"password": "s3cret", "user": "a"}'`, `set /db '{"password": <redacted>, "user": "a"}'`],
    ['!curl http://bob:s3cret@host/', '!curl http://bob:<redacted>@host/'],
    ["set /a don't && ls / --password 's3 cret'", "set /a don't && ls / --password <redacted>"],
  ])('%s', (line, expected) => {
    expect(redact(line)).toBe(expected);
  });

  it.each([
    'ls /password',
    'get /a --auth digest:env:ZK_AUTH',
    'get /a --auth=digest:file:/etc/zk.secret',
    'ls / --key-password prompt',
    'addauth digest env:ZK_AUTH',
    'local up dev --sasl --tls',
    'create /tokens/a b',
  ])('what only names a secret stays: %s', (line) => {
    expect(redact(line)).toBe(line);
  });

  it('never survive, whatever they are made of and wherever they stand', () => {
    const secret = fc.string({ minLength: 1, maxLength: 24 }).map((text) => `<${text}SECRET${text}>`);
    const before = fc.constantFrom(
      '',
      'ls / ; ',
      'get /a | wc && ',
      "set /a don't ; ",
      '# ',
      '!zksh ',
      "echo 'x ",
      'a "b ',
    );
    const carrier = fc.constantFrom<(secret: string) => string>(
      (word) => `addauth digest ${word}`,
      (word) => `addauth ${word}`,
      (word) => `get /a --auth ${word}`,
      (word) => `get /a --auth=${word}`,
      (word) => `get /a --password ${word}`,
      (word) => `get /a --key-password=${word} -s`,
      (word) => `get /a -s --keystore-password ${word} -w`,
    );
    fc.assert(
      fc.property(
        secret,
        before,
        carrier,
        fc.constantFrom('', ' ; ls /', ' && ls /', ' | wc', ' '),
        (text, head, put, tail) => {
          const line = head + put(quoteWord(text)) + tail;
          expect(redact(line)).not.toContain('SECRET');
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('redacting twice changes nothing more', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('addauth', ' digest', ' a:b', ' --auth', '=', ' ', '"', "'", '\\') }),
        (line) => {
          expect(redact(redact(line))).toBe(redact(line));
        },
      ),
    );
  });
});
