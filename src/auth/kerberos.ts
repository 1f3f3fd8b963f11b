import { UsageError, ZkshError } from '../protocol/errors.ts';
import { authFailed, type SaslExchange, type SaslMechanism } from './sasl.ts';

/** Which tickets to use; the tickets themselves come from the system (`kinit`, KRB5CCNAME, a client keytab). */
export interface KerberosOptions {
  /** Whose ticket, such as `alice@EXAMPLE.COM`; default the ticket cache's principal. */
  principal?: string | undefined;
  /**
   * The servers' principal; `_HOST` stands for the host typed. Default `zookeeper/_HOST`. As in Java, a realm in it is
   * ignored: krb5.conf says in which realm a host is.
   */
  servicePrincipal?: string | undefined;
}

/** The part of the npm package `kerberos` 7 that is used; tokens are base64. */
export interface KerberosModule {
  initializeClient(service: string, options: Record<string, unknown>): Promise<KerberosClient>;
  readonly GSS_C_MUTUAL_FLAG: number;
  readonly GSS_C_SEQUENCE_FLAG: number;
  readonly GSS_C_INTEG_FLAG: number;
  readonly GSS_MECH_OID_KRB5: number;
}

interface KerberosClient {
  step(challenge: string): Promise<string | null>;
  unwrap(challenge: string): Promise<string | null>;
  wrap(challenge: string): Promise<string | null>;
  readonly contextComplete: boolean;
}

/** RFC 4752 §3.1: the first byte of a security layer offer is a set of bits, the lowest meaning "no layer". */
const NO_LAYER = 1;

/**
 * SASL GSSAPI (RFC 4752) with Kerberos, without a security layer, as ZooKeeper's Java client does it; the server must
 * prove who it is. Needs the optional package `kerberos`.
 *
 * @param load Stands in for the package, in tests.
 * @example connect('zk1.example.com:2181', { sasl: kerberos({}) })
 * @throws UsageError when the service principal is not `service/host`; the exchange throws `KERBEROS_MISSING` when the
 * package can't be loaded, and `AUTH_FAILED` (exit 4).
 */
export function kerberos(options: KerberosOptions, load: () => Promise<KerberosModule> = loadModule): SaslMechanism {
  const { service, instance } = splitPrincipal(options.servicePrincipal ?? 'zookeeper/_HOST');
  return {
    name: 'GSSAPI',
    start: async ({ host }) => {
      const module = await load();
      const target = `${service}@${instance === '_HOST' ? plainHost(host) : instance}`;
      const client = await module
        .initializeClient(target, {
          mechOID: module.GSS_MECH_OID_KRB5,
          gssFlags: module.GSS_C_MUTUAL_FLAG | module.GSS_C_SEQUENCE_FLAG | module.GSS_C_INTEG_FLAG,
          ...(options.principal === undefined ? {} : { principal: options.principal }),
        })
        .catch((error: unknown) => {
          throw gssFailed(error, target);
        });
      return new GssapiExchange(client, target);
    },
  };
}

/**
 * client: context tokens · server: context tokens · … · server: wrapped offer of layers · client: wrapped choice · done.
 */
class GssapiExchange implements SaslExchange {
  complete = false;
  readonly #client: KerberosClient;
  readonly #target: string;

  constructor(client: KerberosClient, target: string) {
    this.#client = client;
    this.#target = target;
  }

  async step(token: Uint8Array): Promise<Uint8Array | undefined> {
    if (this.complete) {
      // The server's last word is an empty token; the reply's error code says whether it agreed.
      if (token.length > 0) throw authFailed('the server sent a Kerberos token after the exchange was complete');
      return undefined;
    }
    const input = Buffer.from(token).toString('base64');
    try {
      if (!this.#client.contextComplete) {
        // When the context is complete and has no token left, Java sends an empty one to get the server's offer.
        return decode(await this.#client.step(input));
      }
      const offer = decode(await this.#client.unwrap(input));
      if (offer.length !== 4)
        throw authFailed(`the server's offer of security layers has ${offer.length} bytes, not 4`);
      if (((offer[0] ?? 0) & NO_LAYER) === 0) {
        throw authFailed(
          'the server insists on a Kerberos security layer, which ZooKeeper clients do not have',
          'Set the server to quality of protection "auth" and use TLS to protect the connection.',
        );
      }
      // No layer, so no buffer size; no authorization id, so the server takes the ticket's principal.
      const choice = Buffer.from([NO_LAYER, 0, 0, 0]).toString('base64');
      const answer = decode(await this.#client.wrap(choice));
      this.complete = true;
      return answer;
    } catch (error) {
      throw error instanceof ZkshError ? error : gssFailed(error, this.#target);
    }
  }
}

function decode(token: string | null): Buffer {
  return Buffer.from(token ?? '', 'base64');
}

function splitPrincipal(principal: string): { service: string; instance: string } {
  const [, service, instance] = /^([^/@]+)\/([^/@]+)(?:@[^/@]+)?$/.exec(principal) ?? [];
  if (service !== undefined && instance !== undefined) return { service, instance };
  throw new UsageError(`${JSON.stringify(principal)} is not a Kerberos service principal`, {
    hint: 'Write it as zookeeper/zk1.example.com, or zookeeper/_HOST for the host you connect to.',
  });
}

function plainHost(host: string): string {
  return host.endsWith('.') ? host.slice(0, -1).toLowerCase() : host.toLowerCase();
}

/** What Kerberos' own messages mean for the person who gets them; the first that fits. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/no (kerberos )?credentials|credentials cache|can't find client principal/i, 'Get a ticket with kinit.'],
  [/expired/i, 'The ticket has expired: get a new one with kinit.'],
  [
    /server .*not found/i,
    "Connect by the name in the server's principal; krb5.conf may rewrite names (dns_canonicalize_hostname, rdns).",
  ],
  [/clock skew/i, "Set this machine's clock by the KDC's."],
  [
    /cannot (contact|resolve|find) .*(kdc|realm)/i,
    'Check the realm and its kdc in krb5.conf, and that it can be reached.',
  ],
];

function gssFailed(error: unknown, target: string): ZkshError {
  // MIT's major status says nothing in most cases, and its minor status is "Success" in the rest.
  const message = (error as Error).message.replace(/^Unspecified GSS failure\..*?: /, '').replace(/: Success$/, '');
  const hint = HINTS.find(([pattern]) => pattern.test(message))?.[1];
  return authFailed(
    `Kerberos authentication to ${target.replace('@', '/')} failed: ${message}`,
    hint ?? 'Check the ticket with klist, and krb5.conf.',
    error,
  );
}

async function loadModule(): Promise<KerberosModule> {
  try {
    // A name the compiler does not resolve: the package is optional, and most installations are without it.
    const loaded = (await import('kerberos' as string)) as KerberosModule & { default?: KerberosModule };
    return loaded.default ?? loaded;
  } catch (cause) {
    // The second is what it is called in a bundle, where import is require.
    const missing = ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(`${(cause as NodeJS.ErrnoException).code}`);
    throw new UsageError(
      missing
        ? 'Kerberos needs the package "kerberos", which is not installed'
        : `the package "kerberos" can't be loaded: ${(cause as Error).message}`,
      {
        code: 'KERBEROS_MISSING',
        hint: 'Install it beside zksh: npm install kerberos@7 (to build, it needs a C++ compiler and libkrb5-dev).',
        cause,
      },
    );
  }
}
