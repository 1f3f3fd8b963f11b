import { describe, expect, it } from 'vitest';
import { formatHostPort, parseConnectString } from '../../src/client/connect-string.ts';

describe('a connection string', () => {
  it.each([
    ['zk1', [{ host: 'zk1', port: 2181 }], ''],
    ['zk1:2182', [{ host: 'zk1', port: 2182 }], ''],
    [
      'zk1,zk2:1/app/x',
      [
        { host: 'zk1', port: 2181 },
        { host: 'zk2', port: 1 },
      ],
      '/app/x',
    ],
    [
      ' a:1 , b:2 /',
      [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
      '',
    ],
    ['[::1]:2183/a', [{ host: '::1', port: 2183 }], '/a'],
    ['fe80::1', [{ host: 'fe80::1', port: 2181 }], ''],
  ])('%j is understood', (text, hosts, chroot) => {
    expect(parseConnectString(text)).toEqual({ hosts, chroot });
  });

  it.each([
    ['', 'names no server'],
    ['/app', 'names no server'],
    ['a,,b', 'empty place'],
    ['a:0', 'no port'],
    ['a:65536', 'no port'],
    ['a:2181x', 'no port'],
    ['http://a:1', 'a URL'],
    ['a:', 'no port'],
    ['[zk1]:1', 'no IPv6 address'],
    ['a b:1', 'no host'],
    ['a:1/x//y', 'chroot'],
    ['a:1/x/../y', 'chroot'],
  ])('%j is refused with its reason', (text, why) => {
    expect(() => parseConnectString(text)).toThrowError(
      expect.objectContaining({ code: 'BAD_CONNECT_STRING', exitCode: 2, message: expect.stringContaining(why) }),
    );
  });

  it.each(['zk://bob:s3/cret@a:1', 'bob:s3cret@a:1', 'a:1,bob:s3cret@b:2', 'bob:s3 cret@a'])(
    '%j is refused without its password',
    (text) => {
      expect(() => parseConnectString(text)).toThrowError(
        expect.objectContaining({ code: 'BAD_CONNECT_STRING', message: expect.not.stringMatching(/s3|cret/) }),
      );
    },
  );

  it('prints IPv6 with brackets', () => {
    expect(formatHostPort({ host: '::1', port: 1 })).toBe('[::1]:1');
  });
});
