import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from './atomic-file.ts';
import type { LocalSpec } from './spec.ts';

/** The user of a `sasl` ensemble. */
export const SASL_USER = 'zksh';

export function saslSecretFile(ensembleDir: string): string {
  return join(ensembleDir, 'sasl', 'zksh.secret');
}

export function jaasFile(ensembleDir: string): string {
  return join(ensembleDir, 'sasl', 'jaas.conf');
}

/** Whether the servers log in by JAAS at all. */
export function usesJaas(spec: LocalSpec): boolean {
  return spec.sasl === true || spec.jaas !== undefined;
}

/** Writes the servers' JAAS file, 0600: the caller's own text, or DIGEST-MD5 with one user and a fresh secret. */
export async function writeJaas(spec: LocalSpec, ensembleDir: string): Promise<void> {
  await mkdir(join(ensembleDir, 'sasl'), { recursive: true, mode: 0o700 });
  if (spec.sasl === true) await writeAtomically(saslSecretFile(ensembleDir), randomBytes(18).toString('base64url'));
  await writeAtomically(jaasFile(ensembleDir), spec.jaas ?? (await digestJaas(ensembleDir)));
}

async function digestJaas(ensembleDir: string): Promise<string> {
  const secret = await readFile(saslSecretFile(ensembleDir), 'utf8');
  const module = 'org.apache.zookeeper.server.auth.DigestLoginModule';
  return `Server {\n  ${module} required\n  user_${SASL_USER}="${secret}";\n};\n`;
}
