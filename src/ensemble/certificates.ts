import type { TlsSettings } from '../auth/tls.ts';
import { formatHostPort, type HostPort } from '../client/connect-string.ts';
import { ZkshError } from '../protocol/errors.ts';
import type { DynamicConfig } from './dynamic-config.ts';
import type { Asking, MemberObservation } from './observe-member.ts';
import { hostOf } from './observed-member.ts';
import {
  type CertificateFacts,
  certificateFacts,
  type ShownCertificate,
  shownCertificate,
} from './shown-certificate.ts';

/** A port that may show a certificate. */
interface CertificatePlace extends HostPort {
  member: { id: bigint | undefined; host: string };
  place: 'client' | 'admin' | 'quorum' | 'election';
}

/** Every certificate found, and where there was none. */
export interface Certificates {
  shown: readonly (CertificatePlace & ShownCertificate)[];
  /** Ports that showed none, and why. */
  silent: readonly (CertificatePlace & { reason: string })[];
  /** The certificate we show to servers, when there is one. */
  own: (CertificateFacts & { file: string }) | { file: string; reason: string } | undefined;
}

/**
 * Looks at the certificates of the secure client ports and of AdminServers behind https, and at our own. An expired one or
 * one of another name is seen like any other. Ends within the limit.
 *
 * @param how `between` is the committed configuration of members that are known to speak TLS among themselves: their
 * quorum and election ports are looked at too. Never of others: an election port without TLS takes the first bytes of TLS
 * for the id of a server and keeps a queue for it (QuorumCnxManager.handleConnection).
 * @throws ZkshError `INTERRUPTED` alone
 */
export async function lookAtCertificates(
  members: readonly MemberObservation[],
  asking: Asking,
  how: { between?: DynamicConfig | undefined } = {},
): Promise<Certificates> {
  const started = performance.now();
  const left = (): number => Math.max(1, asking.limit - (performance.now() - started));
  const all = [...members.flatMap(placesOf), ...(how.between === undefined ? [] : placesBetween(how.between))];
  // One AdminServer's port may be tried for several members of a host.
  const places = [...new Map(all.map((place) => [formatHostPort(place), place])).values()];
  const [looks, own] = await Promise.all([
    Promise.all(places.map((place) => lookAt(place, asking, left()))),
    ownCertificate(asking.options.tls),
  ]);
  asking.signal?.throwIfAborted();
  return {
    shown: looks.filter((look): look is CertificatePlace & ShownCertificate => 'subject' in look),
    silent: looks.filter((look): look is CertificatePlace & { reason: string } => !('subject' in look)),
    own,
  };
}

async function lookAt(
  place: CertificatePlace,
  { secure, signal }: Asking,
  timeout: number,
): Promise<CertificatePlace & (ShownCertificate | { reason: string })> {
  try {
    return { ...place, ...(await shownCertificate(place, { secure: secure?.(place), timeout, signal })) };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof ZkshError)) throw error;
    return { ...place, reason: 'reason' in error ? `${error.reason}` : error.message };
  }
}

function placesOf(seen: MemberObservation): CertificatePlace[] {
  const { member, adminUrl } = seen;
  const who = { id: member.id, host: hostOf(seen) };
  const secure = member.targets.filter(({ tls }) => tls).map(({ host, port }) => ({ host, port }));
  const told = secure.length > 0 ? [] : securePortOf(seen);
  // An AdminServer whose certificate is refused was not found by the look at its member. A port is tried by http and https:
  // that is a guess, and no place to look at.
  const plain = member.admin.map(({ url }) => url).filter((url) => url.startsWith('http:'));
  const named = member.admin.flatMap(({ url }) => (plain.includes(url.replace(/^https:/, 'http:')) ? [] : [url]));
  const urls = adminUrl === undefined ? named : [adminUrl];
  const admin = urls.filter((url) => url.startsWith('https:')).map(hostPortOf);
  return [
    ...[...secure, ...told].map((at): CertificatePlace => ({ member: who, place: 'client', ...at })),
    ...admin.map((at): CertificatePlace => ({ member: who, place: 'admin', ...at })),
  ];
}

/** No release before 3.10 has it in the configuration, and no AdminServer tells it: `conf` does. */
function securePortOf({ address, config, member, settings }: MemberObservation): HostPort[] {
  if (address === undefined) return [];
  const line = config?.servers.find(({ id }) => id === member.id)?.secureClient;
  if (line !== undefined) return [{ host: address.host, port: line.port }];
  const port = Number(settings.conf?.get('secureClientPort') ?? 0);
  return port > 0 && port < 65_536 ? [{ host: address.host, port }] : [];
}

function placesBetween({ servers }: DynamicConfig): CertificatePlace[] {
  return servers.flatMap(({ id, addresses }) =>
    addresses.flatMap(({ host, quorumPort, electionPort }): CertificatePlace[] => {
      const member = { id, host };
      return [
        { member, place: 'quorum', host, port: quorumPort },
        { member, place: 'election', host, port: electionPort },
      ];
    }),
  );
}

/** Read anew: one that has expired is refused wherever it would be used. */
async function ownCertificate(settings: TlsSettings | undefined): Promise<Certificates['own']> {
  const file = settings?.cert ?? settings?.keystore;
  if (settings === undefined || file === undefined) return undefined;
  const { readStore } = await import('../auth/store.ts');
  const secrets = { password: settings.keystorePassword, keyPassword: settings.keyPassword };
  try {
    const { certificates } = await readStore(file, secrets, { wantKeys: false });
    const leaf = certificates.find((one) => !certificates.some((other) => other !== one && other.checkIssued(one)));
    return leaf === undefined ? { file, reason: 'it holds no certificate' } : { file, ...certificateFacts(leaf) };
  } catch (error) {
    if (error instanceof ZkshError) return { file, reason: error.message };
    throw error;
  }
}

function hostPortOf(url: string): HostPort {
  const { hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 443) };
}
