import type { TlsSettings } from '../auth/tls.ts';
import type { LocalEnsemble } from './description.ts';

/** How a client reaches an ensemble, secrets as references; what a context of that name holds. */
export interface ClientSettings {
  servers: string;
  tls?: TlsSettings | undefined;
  /** Where each member's AdminServer is, `ID=PORT`. */
  admin?: readonly string[] | undefined;
  sasl?: { mechanism: 'DIGEST-MD5'; user: string; secret: string } | undefined;
  note: string;
}

/** By TLS when it has secure ports, by SASL when it has a user; never as the super user. */
export function clientSettings(ensemble: LocalEnsemble): ClientSettings {
  const { connectString, secureConnectString, tls, sasl, version, name, members } = ensemble;
  const admin = members.flatMap(({ id, adminPort }) => (adminPort === undefined ? [] : [`${id}=${adminPort}`]));
  return {
    servers: secureConnectString ?? connectString,
    ...(tls === undefined ? {} : { tls }),
    ...(admin.length === 0 ? {} : { admin }),
    ...(sasl === undefined
      ? {}
      : { sasl: { mechanism: 'DIGEST-MD5', user: sasl.username, secret: `file:${sasl.secretFile}` } }),
    note: `${noteOf(name)}, ZooKeeper ${version}`,
  };
}

/** Whether a context's note says that it was made for the local ensemble of that name. */
export function isLocalNote(note: string | undefined, name: string): boolean {
  return note?.startsWith(noteOf(name)) === true;
}

function noteOf(name: string): string {
  return `local ensemble ${name}`;
}
