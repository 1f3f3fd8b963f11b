import type { Context } from './context.ts';
import { isSecretReference, maskSecret } from './secrets.ts';

/** A context as it may be shown: a secret that somebody wrote into the file in clear becomes stars. */
export function maskSecrets(context: Context): Context {
  const { auth, sasl, tls } = context;
  const masked: Context = { ...context };
  if (auth !== undefined) masked.auth = auth.map(maskAuth);
  if (sasl?.secret !== undefined) masked.sasl = { ...sasl, secret: maskSecret(sasl.secret) };
  if (tls !== undefined) {
    masked.tls = { ...tls };
    for (const field of ['keyPassword', 'keystorePassword', 'truststorePassword'] as const) {
      const secret = tls[field];
      if (secret !== undefined) masked.tls[field] = maskSecret(secret);
    }
  }
  return masked;
}

/** `digest:env:NAME` as it is, `digest:bob:secret` as `digest:bob:********`. */
export function maskAuth(entry: string): string {
  const [scheme = '', ...rest] = entry.split(':');
  if (rest.length === 0) return '********';
  if (isSecretReference(rest.join(':'))) return entry;
  const [user = '', ...secret] = rest;
  return secret.length === 0 ? `${scheme}:********` : `${scheme}:${user}:${maskSecret(secret.join(':'))}`;
}
