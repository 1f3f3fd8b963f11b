export { digestMd5 } from './auth/digest-md5.ts';
export { kerberos } from './auth/kerberos.ts';
export type { SaslExchange, SaslMechanism } from './auth/sasl.ts';
export type { TlsSettings } from './auth/tls.ts';
export { type ConnectOptions, connect, open } from './client/connect.ts';
