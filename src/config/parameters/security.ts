import { BOOLEAN, CLASS, config, LIST, long, PATH, type Parameter, passed, TEXT, YES_NO } from './parameter.ts';

/** Parameters: who may do what. */
export const SECURITY: readonly Parameter[] = [
  passed('skipACL', YES_NO, { default: 'no', section: 'unsafe', agree: 'must' }),
  passed('superUser', TEXT, { section: 'auth' }),
  passed('DigestAuthenticationProvider.superDigest', TEXT, { section: 'auth' }),
  passed('DigestAuthenticationProvider.enabled', BOOLEAN, {
    default: 'true',
    since: '3.7.0',
    section: 'auth',
    agree: 'must',
  }),
  passed('DigestAuthenticationProvider.digestAlg', TEXT, {
    default: 'SHA1',
    since: '3.7.0',
    section: 'auth',
    agree: 'must',
  }),
  passed('X509AuthenticationProvider.superUser', TEXT, { since: '3.5.1', section: 'auth' }),
  passed('IPAuthenticationProvider.usexforwardedfor', BOOLEAN, { default: 'false', since: '3.9.3', section: 'auth' }),
  passed('SASLAuthenticationProvider.superPassword', TEXT),
  passed('ensembleAuthName', LIST, { since: '3.6.0', section: 'auth' }),
  passed('sessionRequireClientSASLAuth', BOOLEAN, { default: 'false', since: '3.5.9', section: 'auth', agree: 'must' }),
  passed('enforce.auth.enabled', BOOLEAN, { default: 'false', since: '3.7.0', section: 'auth', agree: 'must' }),
  passed('enforce.auth.schemes', LIST, { since: '3.7.0', section: 'auth', agree: 'must' }),
  passed('allowSaslFailedClients', BOOLEAN, { default: 'false', agree: 'must' }),
  passed('letAnySaslUserDoX', TEXT, { since: '3.5.0' }),
  passed('requireKerberosConfig', BOOLEAN, { default: 'false' }),
  passed('security.auth_to_local', TEXT, { default: 'DEFAULT' }),
  passed('sasl.serverconfig', TEXT, { default: 'Server', since: '3.4.4' }),
  passed('server.realm', TEXT),
  passed('kinit', PATH, { default: '/usr/bin/kinit' }),
  passed('kerberos.removeHostFromPrincipal', BOOLEAN, { default: 'false', section: 'auth', agree: 'must' }),
  passed('kerberos.removeRealmFromPrincipal', BOOLEAN, { default: 'false', section: 'auth', agree: 'must' }),
  passed('kerberos.canonicalizeHostNames', BOOLEAN, { default: 'false', since: '3.7.0', section: 'auth' }),
  passed('kerberos.minReLoginTimeMs', long({ min: 0, unit: 'ms' }), {
    default: '60000',
    since: ['3.5.10', '3.6.4', '3.7.1', '3.8.1'],
  }),
  config('quorum.auth.enableSasl', BOOLEAN, {
    default: 'false',
    since: ['3.4.10', '3.5.4'],
    section: 'auth',
    agree: 'must',
  }),
  config('quorum.auth.serverRequireSasl', BOOLEAN, {
    default: 'false',
    since: ['3.4.10', '3.5.4'],
    section: 'auth',
    agree: 'must',
  }),
  config('quorum.auth.learnerRequireSasl', BOOLEAN, {
    default: 'false',
    since: ['3.4.10', '3.5.4'],
    section: 'auth',
    agree: 'must',
  }),
  config('quorum.auth.kerberos.servicePrincipal', TEXT, {
    default: 'zkquorum/localhost',
    since: ['3.4.10', '3.5.4'],
    section: 'auth',
  }),
  config('quorum.auth.learner.saslLoginContext', TEXT, {
    default: 'QuorumLearner',
    since: ['3.4.10', '3.5.4'],
    section: 'auth',
  }),
  config('quorum.auth.server.saslLoginContext', TEXT, {
    default: 'QuorumServer',
    since: ['3.4.10', '3.5.4'],
    section: 'auth',
  }),
  passed('audit.enable', BOOLEAN, { default: 'false', since: '3.6.0', section: 'adv' }),
  passed('audit.impl.class', CLASS, {
    default: 'org.apache.zookeeper.audit.Slf4jAuditLogger',
    since: '3.6.0',
    section: 'adv',
  }),
  passed('fips-mode', BOOLEAN, {
    default: [
      ['3.8.2', 'false'],
      ['3.9.0', 'true'],
    ],
    since: '3.8.2',
    section: 'auth',
    agree: 'must',
  }),
];
