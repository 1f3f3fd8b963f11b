import {
  BOOLEAN,
  CLASS,
  choice,
  config,
  int,
  LIST,
  PATH,
  type Parameter,
  passed,
  type RowOptions,
  TEXT,
  type ValueType,
} from './parameter.ts';

/** Each of these stands once with `ssl.` before it, for clients, and once with `ssl.quorum.`, between the members. */
const STORES_AND_CHECKS: readonly [string, ValueType, RowOptions?][] = [
  ['protocol', TEXT, { since: '3.5.5' }],
  ['enabledProtocols', LIST, { since: '3.5.5' }],
  ['ciphersuites', LIST, { since: '3.5.5' }],
  ['keyStore.location', PATH, { since: '3.5.1', agree: 'own' }],
  ['keyStore.password', TEXT, { since: '3.5.1', agree: 'own' }],
  ['keyStore.passwordPath', PATH, { since: '3.8.0', agree: 'own' }],
  ['keyStore.type', choice('JKS', 'PEM', 'PKCS12', 'BCFKS'), { since: '3.5.5', ifBad: 'fail' }],
  ['trustStore.location', PATH, { since: '3.5.1', agree: 'own' }],
  ['trustStore.password', TEXT, { since: '3.5.1', agree: 'own' }],
  ['trustStore.passwordPath', PATH, { since: '3.8.0', agree: 'own' }],
  ['trustStore.type', choice('JKS', 'PEM', 'PKCS12', 'BCFKS'), { since: '3.5.5', ifBad: 'fail' }],
  ['context.supplier.class', CLASS, { since: '3.6.0' }],
  ['hostnameVerification', BOOLEAN, { default: 'true', since: '3.5.5' }],
  ['clientHostnameVerification', BOOLEAN, { since: '3.9.4' }],
  ['allowReverseDnsLookup', BOOLEAN, { since: ['3.8.6', '3.9.5'] }],
  ['crl', BOOLEAN, { default: 'false', since: '3.5.5' }],
  ['ocsp', BOOLEAN, { default: 'false', since: '3.5.5' }],
  ['clientAuth', choice('none', 'want', 'need'), { default: 'need', since: '3.5.5', ifBad: 'fail' }],
  ['handshakeDetectionTimeoutMillis', int({ min: 1, unit: 'ms' }), { default: '5000', since: '3.5.5' }],
];

/** Parameters: TLS towards clients and between the members. */
export const TLS: readonly Parameter[] = [
  passed('ssl.authProvider', TEXT, { default: 'x509', since: '3.5.1', section: 'auth' }),
  passed('ssl.sslProvider', TEXT, { default: 'JDK', since: '3.9.0', section: 'auth' }),
  config('sslQuorum', BOOLEAN, { default: 'false', since: '3.5.5', section: 'auth', agree: 'must' }),
  config('portUnification', BOOLEAN, { default: 'false', since: '3.5.5', section: 'auth', agree: 'must' }),
  config('sslQuorumReloadCertFiles', BOOLEAN, { default: 'false', since: '3.5.5', section: 'auth' }),
  passed('client.certReload', BOOLEAN, { default: 'false', since: ['3.7.2', '3.8.5'], section: 'auth' }),
  passed('client.portUnification', BOOLEAN, { default: 'false', since: '3.5.7', section: 'auth' }),
  ...['ssl.', 'ssl.quorum.'].flatMap((prefix) =>
    STORES_AND_CHECKS.map(([name, type, options]) => tlsRow(prefix, name, type, options)),
  ),
];

/** The quorum's came with 3.5.5; clients could have TLS before that. */
function tlsRow(prefix: string, name: string, type: ValueType, options: RowOptions = {}): Parameter {
  const since = prefix === 'ssl.quorum.' && options.since === '3.5.1' ? '3.5.5' : options.since;
  return passed(`${prefix}${name}`, type, { section: 'auth', ...options, since });
}
