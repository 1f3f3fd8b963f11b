import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import tls from 'node:tls';
import { describeTlsFailure } from '../auth/tls.ts';
import type { HostPort } from '../client/connect-string.ts';

/** What a certificate says of itself. Times are milliseconds since 1970. */
export interface CertificateFacts {
  /** Distinguished names, the most general part last, as `CN=zk1, O=example`. */
  subject: string;
  issuer: string;
  /** Its subject alternative names, without `DNS:` and `IP Address:`. */
  names: readonly string[];
  validFrom: number;
  validTo: number;
  selfSigned: boolean;
}

/** A certificate as a port shows it. */
export interface ShownCertificate extends CertificateFacts {
  /** The authorities it was shown with, from its issuer up. */
  authorities: readonly CertificateFacts[];
  /** It is for the name by which the port was reached. */
  matchesHost: boolean;
  /** By what this client trusts, its dates included and its names not; undefined where that could not be told. */
  trusted: boolean | undefined;
  /** Why it is not trusted, or why that is not known. */
  reason: string | undefined;
  /** `TLSv1.3` or `TLSv1.2`. */
  protocol: string | undefined;
}

/** More than any chain has: a server may send what it likes. */
const MAX_CHAIN = 10;

/**
 * Has a port show its certificate and leaves again: nothing is sent but the handshake. The certificate is taken as soon as
 * it came, so that a server which then refuses us for want of a client certificate shows it too.
 *
 * @param secure what to trust and which certificate to offer; undefined offers and trusts none
 * @param timeout milliseconds
 * @throws ZkshError why there is none
 */
export function shownCertificate(
  { host, port }: HostPort,
  how: { secure: tls.ConnectionOptions | undefined; timeout: number; signal?: AbortSignal | undefined },
): Promise<ShownCertificate> {
  const { secure, timeout, signal } = how;
  return new Promise((resolve, reject) => {
    let leaf: X509Certificate | undefined;
    let protocol: string | undefined;
    const options: tls.ConnectionOptions & { requestOCSP: boolean } = {
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...secure,
      host,
      port,
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      // Only this event comes before we answer: by then the certificate is there, and in TLS 1.2 not any more once refused.
      requestOCSP: true,
    };
    const socket = tls.connect(options);
    // Asking twice gives nothing the second time.
    const take = (): void => {
      leaf ??= socket.getPeerX509Certificate();
      protocol ??= socket.getProtocol() ?? undefined;
    };
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.destroySoon();
      settle();
    };
    const onAbort = (): void => {
      finish(() => reject(signal?.reason));
      // What is still connecting would wait for that.
      socket.destroy();
    };
    const fail = (error: Error): void =>
      finish(() => {
        if (leaf === undefined) reject(describeTlsFailure(error, host, port));
        else resolve(shown(leaf, host, secure, { trusted: undefined, reason: REFUSED }, protocol));
      });
    const timer = setTimeout(() => {
      fail(Object.assign(new Error(`no answer within ${Math.round(timeout)} ms`), { code: '' }));
      socket.destroy();
    }, timeout);
    socket.once('OCSPResponse', take);
    socket.once('secureConnect', () => {
      take();
      const { authorized, authorizationError } = socket;
      finish(() => {
        if (leaf === undefined) reject(describeTlsFailure(new Error('it showed no certificate'), host, port));
        else
          resolve(shown(leaf, host, secure, trustOf(secure, authorized, authorizationError, { host, port }), protocol));
      });
    });
    socket.on('error', fail);
    socket.once('close', () => fail(new Error('it closed the connection')));
    if (signal?.aborted === true) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
}

const REFUSED = 'the server refused this client before the end of the handshake';

/** What a certificate, read from anywhere, says of itself. */
export function certificateFacts(certificate: X509Certificate): CertificateFacts {
  return {
    subject: onOneLine(certificate.subject),
    issuer: onOneLine(certificate.issuer),
    names: namesOf(certificate.subjectAltName),
    validFrom: Date.parse(certificate.validFrom),
    validTo: Date.parse(certificate.validTo),
    selfSigned: certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey),
  };
}

function shown(
  leaf: X509Certificate,
  host: string,
  secure: tls.ConnectionOptions | undefined,
  trust: Pick<ShownCertificate, 'trusted' | 'reason'>,
  protocol: string | undefined,
): ShownCertificate {
  const authorities: CertificateFacts[] = [];
  for (let at = leaf.issuerCertificate; at !== undefined && authorities.length < MAX_CHAIN; at = at.issuerCertificate) {
    const facts = certificateFacts(at);
    authorities.push(facts);
    if (facts.selfSigned) break;
  }
  const identity = secure?.checkServerIdentity ?? tls.checkServerIdentity;
  const matchesHost = identity(host, leaf.toLegacyObject() as unknown as tls.PeerCertificate) === undefined;
  return { ...certificateFacts(leaf), authorities, matchesHost, ...trust, protocol };
}

function trustOf(
  secure: tls.ConnectionOptions | undefined,
  authorized: boolean,
  error: Error | string | undefined,
  { host, port }: HostPort,
): Pick<ShownCertificate, 'trusted' | 'reason'> {
  if (secure === undefined) return { trusted: undefined, reason: 'no CA was given to check it against' };
  if (authorized) return { trusted: true, reason: undefined };
  // Typed as an Error, it is OpenSSL's code.
  const code = typeof error === 'string' ? error : `${error?.message ?? error}`;
  const failure = describeTlsFailure(Object.assign(new Error(code), { code }), host, port);
  return { trusted: false, reason: 'reason' in failure ? `${failure.reason}` : failure.message };
}

function onOneLine(name: string): string {
  return name.split('\n').toReversed().join(', ');
}

/** Node quotes a name that has commas or quotes in it. */
function namesOf(text: string | undefined): string[] {
  const parts = (text ?? '').match(/[A-Za-z ]+:(?:"(?:[^"\\]|\\.)*"|[^,]*)/g) ?? [];
  return parts.flatMap((part) => /^\s*(?:DNS|IP Address):"?(.*?)"?$/.exec(part)?.[1] ?? []);
}
