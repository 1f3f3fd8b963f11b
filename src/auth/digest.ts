import { createHash } from 'node:crypto';
import { UsageError } from '../protocol/errors.ts';

/**
 * The id that ZooKeeper's `digest` scheme stores in ACLs for a user: `user:base64(sha1(user:password))`.
 *
 * DigestAuthenticationProvider splits at the first colon, so a colon in the password is fine and one in the name is not.
 *
 * @example digestAuthId('super', 'secret') // the value of the server's superDigest property
 * @throws UsageError when the user name is empty or holds a colon.
 */
export function digestAuthId(user: string, password: string): string {
  if (user === '' || user.includes(':')) {
    throw new UsageError(`user name ${JSON.stringify(user)} can't be used with digest authentication`, {
      hint: "Digest users are written user:password; the name must not be empty and can't hold a colon.",
    });
  }
  const hash = createHash('sha1').update(`${user}:${password}`, 'utf8').digest('base64');
  return `${user}:${hash}`;
}
