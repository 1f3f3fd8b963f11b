import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestAuthId } from '../auth/digest.ts';
import { writeAtomically } from './atomic-file.ts';

/** The digest user to whom no ACL applies: `addauth digest super:SECRET`. */
export const SUPER_USER = 'super';

export function superSecretFile(ensembleDir: string): string {
  return join(ensembleDir, 'super.secret');
}

/** Makes the super user's secret, in a 0600 file. */
export async function makeSuperUser(ensembleDir: string): Promise<void> {
  await writeAtomically(superSecretFile(ensembleDir), randomBytes(18).toString('base64url'));
}

/** What zoo.cfg needs to know of the super user: `super:HASH`. */
export async function superDigest(ensembleDir: string): Promise<string> {
  return digestAuthId(SUPER_USER, (await readFile(superSecretFile(ensembleDir), 'utf8')).trim());
}
