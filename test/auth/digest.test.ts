import { describe, expect, it } from 'vitest';
import { digestAuthId } from '../../src/auth/digest.ts';

describe('digest ids', () => {
  it('are what DigestAuthenticationProvider generates', () => {
    // The first is used throughout ZooKeeper's own tests.
    expect(digestAuthId('super', 'test')).toBe('super:D/InIHSb7yEEbrWz8b9l71RjZJU=');
    expect(digestAuthId('super', 'admin')).toBe('super:xQJmxLMiHGwaqBvst5y6rkB6HQs=');
  });

  it('take a password with colons and characters beyond ASCII', () => {
    expect(digestAuthId('a', 'b:c')).toBe('a:cLzgnoJ6mP5qz3w+mwvPE2vDgu0=');
    expect(digestAuthId('ä', 'ß')).toMatch(/^ä:[A-Za-z0-9+/]{27}=$/);
  });

  it('refuse a user name that could not be told from the password', () => {
    expect(() => digestAuthId('a:b', 'c')).toThrow(/can't be used/);
    expect(() => digestAuthId('', 'c')).toThrow(/can't be used/);
  });
});
