import { describe, expect, it } from 'vitest';
import { readPem } from '../../src/auth/pem.ts';

/** An EC key, encrypted with AES 256 and one iteration under the password "right". */
const KEY = `-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHrMFYGCSqGSIb3DQEFDTBJMCgGCSqGSIb3DQEFDDAbBAhiGqQA5lIWXgIBATAM
BggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQsWIvH9zWH/1jFBJkbCHoMgSBkG7a
4lXtPHEps9PeDs82LhhRvRYsFQJwgYRGzdtNt95F3LIHdkIFKhtFt6fY0GGGaMhZ
anCqwnIjVycdx5nOXTr0H+jBJKBbth4Wp2BoUdMCNW2p2+6SBNsem5RlAn8oxWPX
E2Kq73HApjxbQsOKrITmcSCJnVtlpzslwM6i/fbk5IU7PUfTUfE3BflWcr6/MQ==
-----END ENCRYPTED PRIVATE KEY-----
`;
const read = (text: string, password: string) => readPem(text, 'client.key', { password }, true);

describe('an encrypted PEM key', () => {
  it('opens with its password', () => {
    expect(read(KEY, 'right').keys).toMatchObject([{ type: 'private', asymmetricKeyType: 'ec' }]);
  });

  // "wrong249" decrypts to noise that ends like padding, which one password in 256 does: OpenSSL's error is another one.
  it.each(['wrong', 'wrong249'])('does not open with the password %s, and says that it is wrong', (password) => {
    expect(() => read(KEY, password)).toThrow(
      expect.objectContaining({
        code: 'TLS_STORE_PASSWORD',
        message: 'the password given does not open the private key in client.key',
      }),
    );
  });
});
