import { ExitCode, ZkshError } from '../protocol/errors.ts';

/** Why a TLS connection could not be made, or was ended by the other side. */
export class TlsFailure extends ZkshError {
  /** True when trying the same server again would meet the same failure. */
  readonly final: boolean;
  /** The message without the server, for lists that name it already. */
  readonly reason: string;

  constructor(where: string, facts: Explanation, cause: unknown) {
    super(`can't connect to ${where} with TLS: ${facts.says}`, {
      code: facts.code,
      exitCode: facts.exitCode ?? ExitCode.connection,
      hint: facts.hint,
      cause,
    });
    this.final = facts.final ?? true;
    this.reason = facts.says;
  }
}

interface Explanation {
  code: string;
  says: string;
  hint: string;
  exitCode?: ExitCode;
  /** Default true. */
  final?: boolean;
}

const PASS_CA = "Give the CA's certificate with --ca FILE, or a trust store that holds it.";
const CHECK_CLOCK = "Renew the server's certificate; if it is valid, check the clock of this machine.";
const WRONG_CLIENT =
  'The server does not trust this client certificate: use one signed by a CA in its trust store, and not expired.';

const NOT_TLS: Explanation = {
  code: 'TLS_NOT_SPOKEN',
  says: 'the server there does not speak TLS',
  hint: "Use the server's secureClientPort, or connect without --tls.",
};

const UNKNOWN_CA: Explanation = {
  code: 'TLS_UNKNOWN_CA',
  says: "the server's certificate is signed by a CA that is not trusted here",
  hint: PASS_CA,
};

const SELF_SIGNED: Explanation = {
  code: 'TLS_UNKNOWN_CA',
  says: 'the server has a self-signed certificate that is not trusted here',
  hint: 'If it is the right server, give its certificate with --ca FILE, or a trust store that holds it.',
};

const NO_COMMON: Explanation = {
  code: 'TLS_NO_COMMON_PROTOCOL',
  says: 'the server and this client have no TLS version or cipher in common',
  hint: 'zksh speaks TLS 1.2 and 1.3: look at ssl.protocol, ssl.enabledProtocols and ssl.ciphersuites of the server.',
};

const CLIENT_CERTIFICATE_REFUSED: Explanation = {
  code: 'TLS_CLIENT_CERTIFICATE_REFUSED',
  says: 'the server refused the client certificate',
  hint: WRONG_CLIENT,
  exitCode: ExitCode.refused,
};

/**
 * bad_certificate, certificate_required and handshake_failure are all used by Java servers for a client that has sent
 * no certificate, depending on the TLS version and on the Java release.
 */
const CLIENT_CERTIFICATE: Explanation = {
  code: 'TLS_CLIENT_CERTIFICATE',
  says: 'the server wants a client certificate, and got none or one it does not accept',
  hint: 'Give one with --cert FILE and --key FILE, or a key store (the server has ssl.clientAuth=need).',
  exitCode: ExitCode.refused,
};

const HANDSHAKE_FAILURE: Explanation = {
  code: 'TLS_HANDSHAKE_REFUSED',
  says: 'the server refused the TLS handshake',
  hint: 'It may want a client certificate (--cert, --key), or share no TLS version or cipher with this client.',
  exitCode: ExitCode.refused,
};

const CLOSED: Explanation = {
  code: 'TLS_CLOSED',
  says: 'the server closed the connection during the TLS handshake',
  hint: "The port may be a plain one (use the server's secureClientPort), or the server may want a client certificate.",
  // A server that is just starting or stopping does the same.
  final: false,
};

const BY_CODE: Readonly<Record<string, Explanation>> = {
  ERR_SSL_WRONG_VERSION_NUMBER: NOT_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NOT_TLS,
  ERR_SSL_HTTP_REQUEST: NOT_TLS,
  ERR_SSL_UNKNOWN_PROTOCOL: NOT_TLS,
  ERR_SSL_UNSUPPORTED_PROTOCOL: NO_COMMON,
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: NO_COMMON,
  ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY: NO_COMMON,
  ERR_SSL_NO_PROTOCOLS_AVAILABLE: NO_COMMON,
  CERT_HAS_EXPIRED: {
    code: 'TLS_SERVER_CERTIFICATE_EXPIRED',
    says: "a certificate of the server's chain has expired",
    hint: CHECK_CLOCK,
  },
  CERT_NOT_YET_VALID: {
    code: 'TLS_SERVER_CERTIFICATE_EXPIRED',
    says: "a certificate of the server's chain is not valid yet",
    hint: CHECK_CLOCK,
  },
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_CA,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_CA,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_CA,
  CERT_SIGNATURE_FAILURE: UNKNOWN_CA,
  CERT_UNTRUSTED: UNKNOWN_CA,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_CA,
  DEPTH_ZERO_SELF_SIGNED_CERT: SELF_SIGNED,
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED: CLIENT_CERTIFICATE,
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: CLIENT_CERTIFICATE,
  ERR_SSL_SSLV3_ALERT_NO_CERTIFICATE: CLIENT_CERTIFICATE,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: CLIENT_CERTIFICATE_REFUSED,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: CLIENT_CERTIFICATE_REFUSED,
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED: CLIENT_CERTIFICATE_REFUSED,
  ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE: CLIENT_CERTIFICATE_REFUSED,
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: CLIENT_CERTIFICATE_REFUSED,
  ERR_SSL_TLSV1_ALERT_ACCESS_DENIED: CLIENT_CERTIFICATE_REFUSED,
  ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR: CLIENT_CERTIFICATE_REFUSED,
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE: HANDSHAKE_FAILURE,
  ECONNRESET: CLOSED,
  EPIPE: CLOSED,
};

/**
 * Says what an error of a TLS socket means for the person who typed `host` and `port`. An alert about the client's
 * certificate can come after the handshake: in TLS 1.3 the server looks at it last.
 *
 * The exit code is 4 where the server refuses this client, 5 where there is no trustworthy connection.
 */
export function describeTlsFailure(error: Error, host: string, port: number): ZkshError {
  if (error instanceof ZkshError) return error;
  // OpenSSL 3.5, which Node 24 has, gave the alerts of SSLv3 another name.
  const code = ((error as NodeJS.ErrnoException).code ?? '').replace('SSL/TLS_ALERT', 'SSLV3_ALERT');
  const where = `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
  const known = code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? hostnameMismatch(error, host) : BY_CODE[code];
  return new TlsFailure(where, known ?? other(error, code), error);
}

/** Errors that have no sentence of their own: the rest of OpenSSL's verify codes, and the network's. */
function other(error: Error, code: string): Explanation {
  const reason = (error as { reason?: unknown }).reason;
  return {
    code: 'TLS_FAILED',
    says: typeof reason === 'string' ? reason : error.message,
    hint: code === '' ? 'Check the address and the TLS settings.' : `OpenSSL and Node call this ${code}.`,
    final: code.startsWith('ERR_SSL_') || code.startsWith('CERT_'),
  };
}

function hostnameMismatch(error: Error, host: string): Explanation {
  const certificate = (error as { cert?: { subjectaltname?: string; subject?: { CN?: string | string[] } } }).cert;
  const names = certificateNames(certificate?.subjectaltname, certificate?.subject?.CN);
  // Node's error names what was compared, which is serverName when that was set.
  const wanted = (error as { host?: unknown }).host;
  return {
    code: 'TLS_HOSTNAME_MISMATCH',
    says: `its certificate is not for ${typeof wanted === 'string' ? wanted : host}, but for ${names.join(', ') || 'no name at all'}`,
    hint: 'Connect by a name the certificate has, or set the TLS server name to it if you know this is the right server.',
  };
}

/** The names a certificate is good for: its DNS and IP alternatives; its common name only when it has none. */
function certificateNames(alternatives: string | undefined, commonName: string | string[] | undefined): string[] {
  const names = (alternatives ?? '')
    .split(', ')
    .flatMap((entry) => /^(?:DNS|IP Address):(.+)$/.exec(entry)?.[1] ?? [])
    .map((name) => name.replace(/^"|"$/g, ''));
  return names.length > 0 ? names : [commonName ?? []].flat();
}
