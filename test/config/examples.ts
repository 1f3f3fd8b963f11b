import { type Machine, type MemberConfig, readConfigFile } from '../../src/config/member.ts';

/** What one rule is broken by: changes to a configuration that breaks none. */
export interface Example {
  /** Keys that are set, or taken out. */
  set?: Record<string, string | undefined>;
  /** Lines to add as they are. */
  raw?: string;
  /** The dynamic file; `missing` when dynamicConfigFile names one that is not there. */
  dynamic?: string | 'missing' | 'unseen';
  myid?: string | 'missing';
  properties?: Record<string, string>;
  machine?: Machine;
  /** The release it is linted for; the newest where absent. */
  release?: string;
  /** Rules that it breaks, too. */
  also?: readonly string[];
}

/** A member of an ensemble of three that breaks no rule. */
export const CLEAN: Readonly<Record<string, string>> = {
  tickTime: '2000',
  initLimit: '10',
  syncLimit: '5',
  dataDir: '/srv/nowhere/zookeeper',
  dataLogDir: '/var/log/zookeeper',
  clientPort: '2181',
  'autopurge.purgeInterval': '24',
  'admin.serverAddress': '127.0.0.1',
  'db.autocreate': 'false',
  'server.1': '10.0.0.1:2888:3888',
  'server.2': '10.0.0.2:2888:3888',
  'server.3': '10.0.0.3:2888:3888',
};

const NO_SERVERS = { 'server.1': undefined, 'server.2': undefined, 'server.3': undefined };
const DYNAMIC = { ...NO_SERVERS, clientPort: undefined, dynamicConfigFile: '/etc/zk/zoo.cfg.dynamic' };
const MEMBERS = [1, 2, 3].map((id) => `server.${id}=10.0.0.${id}:2888:3888;2181\n`).join('');
const NETTY = { serverCnxnFactory: 'org.apache.zookeeper.server.NettyServerCnxnFactory' };
const STORES = { 'ssl.keyStore.location': '/etc/zk/key.pem', 'ssl.trustStore.location': '/etc/zk/ca.pem' };
const QUORUM_STORES = {
  'ssl.quorum.keyStore.location': '/etc/zk/key.pem',
  'ssl.quorum.trustStore.location': '/etc/zk/ca.pem',
};
const QUORUM_TLS = { sslQuorum: 'true', ...QUORUM_STORES };
const CLIENT_TLS = { ...NETTY, secureClientPort: '2281', clientPort: undefined, ...STORES, ...QUORUM_TLS };

/** For every rule about one member, what breaks it. */
export const EXAMPLES: Readonly<Record<string, Example>> = {
  'malformed-escape': { raw: 'ssl.keyStore.location=C:\\users\\zk.pem\n' },
  'bad-value': { set: { tickTime: '2000 # ms' } },
  'ignored-value': { set: { skipACL: 'true' } },
  'out-of-range': { set: { 'autopurge.snapRetainCount': '1' } },
  'unknown-parameter': { set: { maxClientCnxn: '100' } },
  'name-without-effect': { set: { 'zookeeper.snapCount': '50000' } },
  'system-property-only': { set: { 'jute.maxbuffer': '2097152' } },
  'unknown-to-release': { set: { 'admin.snapshot.enabled': 'false' }, release: '3.8.0' },
  'duplicate-key': { raw: 'tickTime=3000\n' },
  'backslash-lost': { set: { dataLogDir: undefined }, raw: 'dataLogDir=C:\\zk\\log\n', also: ['relative-path'] },
  'not-latin-1': { raw: 'audit.impl.class=K\xc3\xbcche\n' },
  'comment-in-value': { set: { dataLogDir: '/var/log/zookeeper # fast disk' } },
  'data-dir-missing': { set: { dataDir: undefined } },
  'no-client-port': { set: { clientPort: undefined } },
  'address-without-port': { set: { secureClientPortAddress: '10.0.0.1' } },
  'tick-time-zero': { set: { tickTime: '0' }, also: ['out-of-range'] },
  'limits-missing': { set: { syncLimit: undefined } },
  'session-timeouts-crossed': { set: { minSessionTimeout: '60000' } },
  'quorum-sasl-chain': { set: { 'quorum.auth.learnerRequireSasl': 'true' } },
  'election-algorithm': { set: { electionAlg: '1' } },
  'membership-in-two-places': { set: { ...DYNAMIC, 'server.1': '10.0.0.1:2888:3888;2181' }, dynamic: MEMBERS },
  'dynamic-file-missing': { set: DYNAMIC, dynamic: 'missing' },
  'dynamic-file-unseen': { set: DYNAMIC, dynamic: 'unseen' },
  'foreign-line-in-dynamic-file': { set: DYNAMIC, dynamic: `${MEMBERS}clientPort=2181\n` },
  'client-port-conflict': { set: { 'server.1': '10.0.0.1:2888:3888;2182' } },
  'enforce-auth-without-schemes': { set: { 'enforce.auth.enabled': 'true' } },
  'bad-server-line': { set: { 'server.2': '10.0.0.2:2888' }, also: ['even-voters'] },
  'duplicate-server': { raw: 'server.2=10.0.0.4:2888:3888\n', also: ['duplicate-key'] },
  'duplicate-address': { set: { 'server.3': '10.0.0.2:2888:3889' } },
  'port-clash': { set: { 'admin.serverPort': '2181' } },
  'observers-without-voters': {
    set: { 'server.2': '10.0.0.2:2888:3888:observer', 'server.3': '10.0.0.3:2888:3888:observer' },
  },
  'nobody-to-vote': { set: { ...NO_SERVERS, standaloneEnabled: 'false' } },
  'lone-server-line': { set: { 'server.2': undefined, 'server.3': undefined } },
  'even-voters': { set: { 'server.3': undefined } },
  'many-voters': {
    set: Object.fromEntries([4, 5, 6, 7, 8, 9].map((id) => [`server.${id}`, `10.0.0.${id}:2888:3888`])),
  },
  'broken-groups': { set: { 'group.1': '1:2' } },
  'odd-groups': { set: { 'group.1': '1:2:3', 'weight.7': '1' } },
  'many-addresses': { set: { 'server.1': '10.0.0.1:2888:3888|10.0.1.1:2888:3888' } },
  'loopback-member': { set: { 'server.1': '127.0.0.1:2888:3888' } },
  'myid-missing': { myid: 'missing' },
  'bad-myid': { myid: 'one\n' },
  'foreign-myid': { myid: '7\n' },
  'id-too-large': {
    set: { extendedTypesEnabled: 'true', 'server.1': undefined, 'server.300': '10.0.0.1:2888:3888' },
    myid: '300\n',
  },
  'peer-type-mismatch': { set: { peerType: 'observer' } },
  'tick-time-odd': {
    set: { tickTime: '200', initLimit: '100', syncLimit: '50', minSessionTimeout: '4000', maxSessionTimeout: '40000' },
  },
  'sync-limit-short': { set: { syncLimit: '1' } },
  'sync-limit-long': { set: { syncLimit: '60', initLimit: '100' } },
  'init-limit-short': { set: { initLimit: '4', syncLimit: '3' } },
  'limits-crossed': { set: { initLimit: '10', syncLimit: '20' } },
  'session-timeout-in-ticks': { set: { minSessionTimeout: '1000' } },
  'session-timeout-low': { set: { maxSessionTimeout: '10000' } },
  'session-timeout-high': { set: { maxSessionTimeout: '3600000' } },
  'autopurge-off': { set: { 'autopurge.purgeInterval': undefined } },
  'log-on-data-disk': { set: { dataLogDir: '/srv/nowhere/zookeeper/' } },
  'log-on-data-device': { machine: { oneDevice: true } },
  'heap-over-memory': { machine: { heap: 15 * 2 ** 30, memory: 16 * 2 ** 30 } },
  'heap-under-snapshot': { machine: { heap: 2 ** 30, memory: 16 * 2 ** 30, snapshot: 2 ** 29 } },
  'volatile-data': { set: { dataDir: '/tmp/zookeeper' } },
  'relative-path': { set: { dataLogDir: 'logs' } },
  'force-sync-off': { set: { forceSync: 'no' } },
  'snap-count-odd': { set: { snapCount: '100' } },
  'commit-log-short': { set: { commitLogCount: '100' }, also: ['out-of-range'] },
  'empty-snapshot-trusted': { set: { 'snapshot.trust.empty': 'true' } },
  'empty-data-votes': { set: { 'db.autocreate': undefined } },
  'large-znodes': { properties: { 'jute.maxbuffer': '8388608' } },
  'small-buffer': { properties: { 'jute.maxbuffer': '0x1000' } },
  'consistency-check-off': { set: { 'digest.enabled': 'false' } },
  'every-word-open': { set: { '4lw.commands.whitelist': '*' } },
  'heavy-word-open': { set: { '4lw.commands.whitelist': 'srvr, wchc' } },
  'connections-unlimited': { set: { maxClientCnxns: '0' } },
  'connections-few': { set: { maxClientCnxns: '2' } },
  'admin-server-open': { set: { 'admin.serverAddress': undefined } },
  'admin-server-not-off': { set: { 'admin.enableServer': 'False' } },
  'acls-skipped': { set: { skipACL: 'yes' } },
  'reconfig-open': { set: { skipACL: 'yes', reconfigEnabled: 'true' }, also: ['acls-skipped'] },
  'forwarded-for-trusted': { set: { 'IPAuthenticationProvider.usexforwardedfor': 'true' } },
  'sasl-failures-allowed': { set: { allowSaslFailedClients: 'true' } },
  'metrics-open': {
    set: { 'metricsProvider.className': 'org.apache.zookeeper.metrics.prometheus.PrometheusMetricsProvider' },
  },
  'secret-in-file': { set: { 'ssl.quorum.keyStore.password': 'hunter2', ...QUORUM_TLS } },
  'secure-port-without-netty': { set: { ...CLIENT_TLS, serverCnxnFactory: undefined } },
  'tls-without-key': { set: { ...CLIENT_TLS, 'ssl.keyStore.location': undefined } },
  'tls-unused': { set: STORES },
  'store-type-unknown': { set: { ...QUORUM_TLS, 'ssl.quorum.keyStore.location': '/etc/zk/key.store' } },
  'host-names-unchecked': { set: { ...QUORUM_TLS, 'ssl.quorum.hostnameVerification': 'false' } },
  'old-tls': { set: { ...QUORUM_TLS, 'ssl.quorum.enabledProtocols': 'TLSv1.1,TLSv1.2' } },
  'quorum-plain-text-accepted': { set: { ...QUORUM_TLS, portUnification: 'true' } },
  'plain-port-beside-tls': { set: { ...CLIENT_TLS, clientPort: '2181' } },
  'quorum-in-plain-text': {
    set: { ...CLIENT_TLS, ...Object.fromEntries(Object.keys(QUORUM_TLS).map((key) => [key, undefined])) },
  },
};

/** The text of zoo.cfg in an example. */
export function zooCfg({ set = {}, raw = '' }: Example): string {
  const lines = Object.entries({ ...CLEAN, ...set }).filter(([, value]) => value !== undefined);
  return `${lines.map(([key, value]) => `${key}=${value}`).join('\n')}\n${raw}`;
}

/** An example as it would have been read from disk. */
export function memberOf(example: Example, path = '/etc/zk/zoo.cfg'): MemberConfig {
  const { dynamic, myid = '1\n', properties = {}, machine } = example;
  const seen = dynamic !== undefined && dynamic !== 'missing' && dynamic !== 'unseen';
  return {
    file: readConfigFile(path, zooCfg(example)),
    ...(seen ? { dynamic: readConfigFile(`${path}.dynamic`, dynamic) } : {}),
    ...(dynamic === 'missing' || dynamic === 'unseen' ? { dynamicMissing: dynamic === 'missing' } : {}),
    properties: new Map(Object.entries(properties)),
    machine,
    myid: myid === 'missing' ? 'missing' : { text: myid },
  };
}
