import { parseConnectString } from '../client/connect-string.ts';
import { UsageError } from '../protocol/errors.ts';
import { type ConnectionFlags, chooseContext } from './connecting.ts';
import type { Context } from './context.ts';
import { CONTEXT_NAME } from './contexts-check.ts';
import { isSecretReference } from './secrets.ts';

/** A context as connection flags describe it. Throws a UsageError where a secret stands in clear: it would be stored. */
export async function contextOfFlags(flags: ConnectionFlags & { server: string }): Promise<Context> {
  parseConnectString(flags.server);
  // Without a context's name only the flags count; the environment is for resolving secrets, which stay references here.
  const { context } = await chooseContext({ ...flags, context: undefined }, {});
  refuseSecretsInClear(context);
  const kept = Object.entries(context).filter(
    ([, value]) => value !== undefined && value !== false && !isEmptyList(value),
  );
  return Object.fromEntries(kept) as unknown as Context;
}

/** Throws a UsageError for what can't name a context. */
export function checkContextName(name: string): string {
  if (CONTEXT_NAME.test(name)) return name;
  throw new UsageError(`${JSON.stringify(name)} can not name a context`, {
    code: 'BAD_NAME',
    hint: 'Use up to 63 letters, digits, and . _ @ - inside.',
  });
}

function refuseSecretsInClear({ auth = [], sasl, tls }: Context): void {
  for (const entry of auth) {
    if (!/:(prompt$|env:|file:|cmd:)/.test(entry)) throw inClear('--auth', 'digest:env:NAME');
  }
  if (sasl?.secret !== undefined && !isSecretReference(sasl.secret)) throw inClear('--sasl', 'bob:env:NAME');
  const passwords = [
    ['--key-password', tls?.keyPassword],
    ['--keystore-password', tls?.keystorePassword],
    ['--truststore-password', tls?.truststorePassword],
  ] as const;
  for (const [flag, secret] of passwords) {
    if (secret !== undefined && !isSecretReference(secret)) throw inClear(flag, 'env:NAME');
  }
}

function inClear(flag: string, example: string): UsageError {
  return new UsageError(`${flag}: a context does not hold a secret in clear`, {
    code: 'SECRET_IN_CLEAR',
    hint: `Name it instead: ${flag} ${example}, or with file:PATH, cmd:COMMAND or prompt.`,
  });
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
