import { describe, expect, it } from 'vitest';
import { formatAcl, parseAcl } from '../../src/protocol/acl.ts';

const hash = (bytes: number) => Buffer.alloc(bytes, 0xfb).toString('base64');

describe('an ACL entry of scheme digest', () => {
  it.each([20, 28, 32, 48, 64])('takes a hash of %i bytes', (bytes) => {
    const text = `digest:ops:${hash(bytes)}:cdrwa`;
    expect(formatAcl(parseAcl(text))).toBe(text);
  });

  it.each([
    ['digest:ops:s3same:cdrwa', 'digest:ops:********:cdrwa'],
    ['digest:ops:s3same:open:cdrwa', 'digest:ops:********:cdrwa'],
    ['digest:ops:s3same', 'digest:ops:********'],
    ['digest:ops:s3,same:r', 'digest:ops:********'],
    [`digest:ops:${hash(21)}:r`, 'digest:ops:********:r'],
    [`digest:${hash(20)}:r`, 'digest:********:r'],
  ])('refuses %s and does not repeat the password', (text) => {
    let message = '';
    try {
      parseAcl(text);
    } catch (error) {
      expect(error).toMatchObject({ code: 'BAD_ACL', exitCode: 2, hint: expect.stringContaining('auth::perms') });
      message = String(error);
    }
    expect(message).toContain('its id is not user:HASH');
    expect(message).not.toMatch(/s3|same/);
  });

  it.each(['sasl:kafka:cdrwa', 'x509:CN=a:r', 'super:ops:x:r', 'ip:10.0.0.0/8:r', 'auth::cdrwa'])(
    'is not what %s is',
    (text) => {
      expect(formatAcl(parseAcl(text))).toBe(text);
    },
  );
});
