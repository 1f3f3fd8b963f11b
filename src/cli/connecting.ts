import type { SaslMechanism } from '../auth/sasl.ts';
import type { TlsSettings } from '../auth/tls.ts';
import type { ConnectOptions } from '../client/connect.ts';
import { UsageError } from '../protocol/errors.ts';
import { readClientProperties } from './client-properties.ts';
import type { Context, SaslSetting } from './context.ts';
import { contextsFile, findContext, loadContexts } from './contexts.ts';
import { resolveSecret, type SecretSources } from './secrets.ts';

/** The connection's flags, as the base command has parsed them. */
export interface ConnectionFlags {
  server?: string | undefined;
  context?: string | undefined;
  'session-timeout'?: number | undefined;
  'read-only'?: boolean | undefined;
  auth?: readonly string[] | undefined;
  sasl?: string | undefined;
  'client-configuration'?: string | undefined;
  tls?: boolean | undefined;
  ca?: string | undefined;
  cert?: string | undefined;
  key?: string | undefined;
  'key-password'?: string | undefined;
  keystore?: string | undefined;
  'keystore-password'?: string | undefined;
  truststore?: string | undefined;
  'truststore-password'?: string | undefined;
  'tls-server-name'?: string | undefined;
  'no-verify-hostname'?: boolean | undefined;
}

/** A context that was chosen, by flag or as the current one. */
export interface ChosenContext {
  name: string | undefined;
  context: Context;
  /** Nothing said where: zkCli's default is taken, which a person should be told. */
  byDefault?: boolean;
}

/** What zkCli connects to when nothing is said. */
const DEFAULT_SERVERS = 'localhost:2181';

/**
 * Flags as they count together: what was typed on the line beats the environment (`-C prod` must not connect to
 * `ZKSH_SERVER`), and in the shell its own choice beats the environment too.
 */
export function effectiveFlags(
  given: ConnectionFlags,
  typed: ReadonlySet<string>,
  chosen: ChosenContext | undefined,
): ConnectionFlags {
  const flags = { ...given };
  if (typed.has('context') && !typed.has('server')) flags.server = undefined;
  if (typed.has('server') && !typed.has('context')) flags.context = undefined;
  if (!typed.has('server') && !typed.has('context') && chosen !== undefined) {
    flags.server = chosen.name === undefined ? chosen.context.servers : undefined;
    flags.context = chosen.name;
  }
  return flags;
}

/**
 * The connection that flags, a saved context and defaults add up to; secrets are still references. A server given
 * without a context does not take the current context's credentials: they belong to another ensemble.
 */
export async function chooseContext(flags: ConnectionFlags, env: SecretSources['env']): Promise<ChosenContext> {
  const { name, context, byDefault = false } = await baseContext(flags, env);
  const properties = await readClientProperties(flags['client-configuration']);
  const tls = mergeTls(mergeTls(context.tls, properties.tls), tlsOfFlags(flags));
  return {
    name,
    byDefault,
    context: {
      ...context,
      servers: flags.server ?? context.servers,
      sessionTimeout: flags['session-timeout'] ?? context.sessionTimeout ?? properties.sessionTimeout,
      readOnly: flags['read-only'] === true || context.readOnly,
      auth: [...(context.auth ?? []), ...(flags.auth ?? [])],
      sasl: flags.sasl === undefined ? context.sasl : saslOfFlag(flags.sasl),
      tls,
    },
  };
}

async function baseContext(flags: ConnectionFlags, env: SecretSources['env']): Promise<ChosenContext> {
  if (flags.server !== undefined && flags.context === undefined) {
    return { name: undefined, context: { servers: flags.server } };
  }
  const contexts = await loadContexts(contextsFile(env));
  const name = flags.context ?? contexts.current;
  if (name === undefined) return { name, context: { servers: DEFAULT_SERVERS }, byDefault: true };
  return { name, context: findContext(contexts, name) };
}

/** What `connect` takes, with every secret resolved. */
export async function connectOptions(context: Context, sources: SecretSources): Promise<ConnectOptions> {
  const options: ConnectOptions = {};
  if (context.sessionTimeout !== undefined) options.sessionTimeout = context.sessionTimeout;
  if (context.readOnly === true) options.readOnly = true;
  if (context.auth !== undefined && context.auth.length > 0) {
    const auth: { scheme: string; auth: string }[] = [];
    // One after the other: each may ask the person something.
    for (const entry of context.auth) auth.push(await resolveAuth(entry, sources));
    options.auth = auth;
  }
  if (context.sasl !== undefined) options.sasl = await resolveSasl(context.sasl, sources);
  if (context.tls !== undefined) options.tls = await resolveTls(context.tls, sources);
  return options;
}

/** Credentials as typed: `scheme:secret`, or for digest `digest:user:secret`, the secret by reference or in clear. */
export async function resolveAuth(text: string, sources: SecretSources): Promise<{ scheme: string; auth: string }> {
  const [, scheme, rest] = /^([A-Za-z][\w-]*):([\s\S]+)$/.exec(text) ?? [];
  if (scheme === undefined || rest === undefined) {
    throw new UsageError('credentials must be scheme:secret', {
      code: 'BAD_AUTH',
      hint: 'For example --auth digest:env:NAME, where NAME holds user:password.',
    });
  }
  const what = `the secret of --auth ${scheme}`;
  const [, user, reference] = /^([^:]+):(prompt|(?:env|file|cmd):[\s\S]*)$/.exec(rest) ?? [];
  // `env:NAME` is itself of the form `user:secret`, so only a reference after a user that is no reference counts.
  if (user !== undefined && reference !== undefined && !['env', 'file', 'cmd'].includes(user)) {
    return { scheme, auth: `${user}:${await resolveSecret(reference, what, sources)}` };
  }
  return { scheme, auth: await resolveSecret(rest, what, sources) };
}

/** `user:secret`, or `kerberos`. */
export function saslOfFlag(text: string): SaslSetting {
  if (text === 'kerberos') return { mechanism: 'GSSAPI' };
  const [, user, secret] = /^([^:]+):([\s\S]+)$/.exec(text) ?? [];
  if (user !== undefined && secret !== undefined) return { mechanism: 'DIGEST-MD5', user, secret };
  throw new UsageError('SASL credentials must be user:secret, or kerberos', {
    code: 'BAD_SASL',
    hint: 'For example --sasl bob:env:NAME, where NAME holds the password.',
  });
}

async function resolveSasl(setting: SaslSetting, sources: SecretSources): Promise<SaslMechanism> {
  if (setting.mechanism === 'GSSAPI') {
    const { kerberos } = await import('../auth/kerberos.ts');
    return kerberos({});
  }
  const { digestMd5 } = await import('../auth/digest-md5.ts');
  const username = setting.user ?? '';
  const password = await resolveSecret(setting.secret ?? 'prompt', `the SASL password of ${username}`, sources);
  return digestMd5({ username, password });
}

const TLS_PASSWORDS = {
  keyPassword: 'the password of the key',
  keystorePassword: 'the password of the key store',
  truststorePassword: 'the password of the trust store',
} as const;

async function resolveTls(settings: TlsSettings, sources: SecretSources): Promise<TlsSettings> {
  const resolved = { ...settings };
  for (const field of ['keyPassword', 'keystorePassword', 'truststorePassword'] as const) {
    const reference = settings[field];
    if (reference !== undefined) resolved[field] = await resolveSecret(reference, TLS_PASSWORDS[field], sources);
  }
  return resolved;
}

const TLS_FLAGS = {
  ca: 'ca',
  cert: 'cert',
  key: 'key',
  'key-password': 'keyPassword',
  keystore: 'keystore',
  'keystore-password': 'keystorePassword',
  truststore: 'truststore',
  'truststore-password': 'truststorePassword',
  'tls-server-name': 'serverName',
} as const satisfies Partial<Record<keyof ConnectionFlags, keyof TlsSettings>>;

// A certificate or key store on the command line means TLS, with or without --tls.
function tlsOfFlags(flags: ConnectionFlags): TlsSettings | undefined {
  const settings: TlsSettings = {};
  for (const [flag, field] of Object.entries(TLS_FLAGS) as [keyof typeof TLS_FLAGS, keyof TlsSettings][]) {
    if (flags[flag] !== undefined) Object.assign(settings, { [field]: flags[flag] });
  }
  if (flags['no-verify-hostname'] === true) settings.verifyHostname = false;
  return flags.tls === true || Object.keys(settings).length > 0 ? settings : undefined;
}

function mergeTls(base: TlsSettings | undefined, over: TlsSettings | undefined): TlsSettings | undefined {
  return base === undefined ? over : { ...base, ...over };
}
