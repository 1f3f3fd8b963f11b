import * as Flags from '@oclif/core/flags';
import { FORMATS } from '../output/view.ts';
import { parseDuration } from './duration.ts';

const duration = Flags.custom<number>({ parse: async (text) => parseDuration(text), helpValue: '<duration>' });

/** Flags of every command. zkCli's commands own the short lower-case letters, so ours are long, or few. */
const outputFlags = {
  output: Flags.option({ options: FORMATS })({
    char: 'o',
    env: 'ZKSH_OUTPUT',
    helpValue: '<format>',
    description: `format of the result: ${FORMATS.join(', ')}`,
    helpGroup: 'OUTPUT',
  }),
  quiet: Flags.boolean({
    char: 'q',
    env: 'ZKSH_QUIET',
    description: 'no notes and no progress, only results and errors',
    helpGroup: 'OUTPUT',
  }),
  'no-color': Flags.boolean({
    env: 'ZKSH_NO_COLOR',
    description: 'no colour (NO_COLOR and FORCE_COLOR work too)',
    helpGroup: 'OUTPUT',
  }),
  debug: Flags.boolean({ env: 'ZKSH_DEBUG', description: 'show the stack of an error', helpGroup: 'OUTPUT' }),
};

/** Flags that say which ensemble, as whom, and how long to wait. */
const connectionFlags = {
  server: Flags.string({
    char: 'S',
    env: 'ZKSH_SERVER',
    helpValue: '<host:port,…/chroot>',
    description: 'servers to connect to',
    helpGroup: 'CONNECTION',
  }),
  context: Flags.string({
    char: 'C',
    env: 'ZKSH_CONTEXT',
    helpValue: '<name>',
    description: 'saved context to take the connection from',
    helpGroup: 'CONNECTION',
  }),
  timeout: duration({
    env: 'ZKSH_TIMEOUT',
    description: 'deadline of the whole command, such as 10s; exit code 7 when it passes',
    helpGroup: 'CONNECTION',
  }),
  'session-timeout': duration({
    env: 'ZKSH_SESSION_TIMEOUT',
    description: 'session timeout to ask the server for; 30s when not given',
    helpGroup: 'CONNECTION',
  }),
  'read-only': Flags.boolean({
    env: 'ZKSH_READ_ONLY',
    description: 'accept a server that is cut off from the quorum and serves reads',
    helpGroup: 'CONNECTION',
  }),
  auth: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    env: 'ZKSH_AUTH',
    helpValue: '<scheme:secret>',
    description: 'credentials, such as digest:env:NAME; the secret as env:, file:, cmd: or prompt; may be repeated',
    helpGroup: 'CONNECTION',
  }),
  sasl: Flags.string({
    env: 'ZKSH_SASL',
    helpValue: '<user:secret>',
    description: 'SASL DIGEST-MD5 user and secret, such as bob:file:PATH; "kerberos" for GSSAPI',
    helpGroup: 'CONNECTION',
  }),
  'client-configuration': Flags.string({
    env: 'ZKSH_CLIENT_CONFIGURATION',
    helpValue: '<file>',
    description: "properties file of a Java client, as zkCli's -client-configuration",
    helpGroup: 'CONNECTION',
  }),
};

const tlsFlags = {
  tls: Flags.boolean({ env: 'ZKSH_TLS', description: 'connect with TLS', helpGroup: 'TLS' }),
  ca: Flags.string({
    env: 'ZKSH_CA',
    helpValue: '<file>',
    description: 'PEM file of certificate authorities',
    helpGroup: 'TLS',
  }),
  cert: Flags.string({
    env: 'ZKSH_CERT',
    helpValue: '<file>',
    description: 'PEM file of our certificate, with or without the key',
    helpGroup: 'TLS',
  }),
  key: Flags.string({ env: 'ZKSH_KEY', helpValue: '<file>', description: 'PEM file of our key', helpGroup: 'TLS' }),
  'key-password': Flags.string({
    env: 'ZKSH_KEY_PASSWORD',
    helpValue: '<secret>',
    description: 'password of the key',
    helpGroup: 'TLS',
  }),
  keystore: Flags.string({
    env: 'ZKSH_KEYSTORE',
    helpValue: '<file>',
    description: 'our certificate and key as .p12, .jks or .pem',
    helpGroup: 'TLS',
  }),
  'keystore-password': Flags.string({
    env: 'ZKSH_KEYSTORE_PASSWORD',
    helpValue: '<secret>',
    description: 'password of the key store',
    helpGroup: 'TLS',
  }),
  truststore: Flags.string({
    env: 'ZKSH_TRUSTSTORE',
    helpValue: '<file>',
    description: 'certificate authorities as .p12, .jks or .pem',
    helpGroup: 'TLS',
  }),
  'truststore-password': Flags.string({
    env: 'ZKSH_TRUSTSTORE_PASSWORD',
    helpValue: '<secret>',
    description: 'password of the trust store',
    helpGroup: 'TLS',
  }),
  'tls-server-name': Flags.string({
    env: 'ZKSH_TLS_SERVER_NAME',
    helpValue: '<name>',
    description: 'name the certificate must carry, instead of the host name given',
    helpGroup: 'TLS',
  }),
  'no-verify-hostname': Flags.boolean({
    env: 'ZKSH_NO_VERIFY_HOSTNAME',
    description: "accept a certificate of another host's name; the authority is still checked",
    helpGroup: 'TLS',
  }),
};

const safetyFlags = {
  yes: Flags.boolean({ char: 'y', env: 'ZKSH_YES', description: 'do not ask for confirmation', helpGroup: 'SAFETY' }),
  'dry-run': Flags.boolean({
    env: 'ZKSH_DRY_RUN',
    description: 'show what would be done, and do nothing',
    helpGroup: 'SAFETY',
  }),
  'i-know': Flags.string({
    env: 'ZKSH_I_KNOW',
    helpValue: '<context>',
    description: 'name of the protected context this may change, instead of typing it when asked',
    helpGroup: 'SAFETY',
  }),
};

/** Every command has these; each has an environment variable. */
export const globalFlags = { ...outputFlags, ...connectionFlags, ...tlsFlags, ...safetyFlags };

/** Flags whose presence on a line asks for a connection other than the shell's open session. */
export const CONNECTION_FLAGS: readonly string[] = [...Object.keys(connectionFlags), ...Object.keys(tlsFlags)].filter(
  (name) => name !== 'timeout',
);
