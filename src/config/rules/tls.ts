import { isEnsemble, isOn, settingOf, valueIn } from '../member.ts';
import { guide } from '../parameters/parameter.ts';
import { isAtLeast } from '../parameters/release.ts';
import { hitAt, type Rule, type Subject, when } from './rule.ts';

const NETTY = 'org.apache.zookeeper.server.NettyServerCnxnFactory';
const OLD_PROTOCOLS = /^(?:SSLv[23](?:Hello)?|TLSv1(?:\.1)?)$/i;

/** Rules about TLS, towards clients and between the members. */
export const TLS_RULES: readonly Rule[] = [
  {
    id: 'secure-port-without-netty',
    severity: 'error',
    summary: 'a secureClientPort without Netty',
    why: 'Only NettyServerCnxnFactory speaks TLS: with the default factory the server does not start.',
    reference: guide('min'),
    check: (subject) =>
      when(settingOf(subject.member, 'secureClientPort') !== undefined && !usesNetty(subject), () =>
        hitAt(subject, 'secureClientPort', 'serverCnxnFactory is not Netty', `serverCnxnFactory=${NETTY}`),
      ),
  },
  {
    id: 'tls-without-key',
    severity: 'error',
    summary: 'TLS without a key store or trust store',
    why: 'Every handshake fails: a server needs its own key, and the certificates it is to trust.',
    reference: guide('auth'),
    check: (subject) =>
      ends(subject)
        .filter(({ on }) => on !== undefined)
        .flatMap(({ prefix, on = '' }) =>
          ['keyStore.location', 'trustStore.location'].flatMap((store) =>
            when(
              !isSet(subject, `${prefix}${store}`) && !(store.startsWith('trust') && asksNobody(subject, prefix)),
              () => hitAt(subject, on, `${prefix}${store} is not set`),
            ),
          ),
        ),
  },
  {
    id: 'tls-unused',
    severity: 'warning',
    summary: 'a key store that nothing uses',
    why: 'Somebody believes that this end speaks TLS. Clients need secureClientPort or client.portUnification, the members sslQuorum.',
    reference: guide('auth'),
    check: (subject) =>
      ends(subject).flatMap(({ prefix, on }) =>
        when(on === undefined && isSet(subject, `${prefix}keyStore.location`) && !adminUses(subject, prefix), () =>
          hitAt(subject, `${prefix}keyStore.location`, `${prefix}keyStore.location is set, but TLS is off there`),
        ),
      ),
  },
  {
    id: 'store-type-unknown',
    severity: 'error',
    summary: 'a key store or trust store of unknown type',
    why: 'Without a type the name of the file must end in .jks, .pem, .p12 or .bcfks, or TLS fails.',
    reference: guide('auth'),
    check: (subject) =>
      STORES.flatMap((store) => {
        const path = valueIn(subject.member, `${store}.location`, subject.release) ?? '';
        const guessed = /\.(?:jks|pem|p12|bcfks)$/.test(path);
        return when(path !== '' && !guessed && !isSet(subject, `${store}.type`), () =>
          hitAt(subject, `${store}.location`, `the type of ${path} cannot be told`, `${store}.type=PEM`),
        );
      }),
  },
  {
    id: 'host-names-unchecked',
    severity: 'warning',
    summary: 'certificates accepted whatever host they are for',
    why: 'Whoever holds any certificate of the authority can pass for a server.',
    reference: guide('auth'),
    check: (subject) => {
      const { member, release } = subject;
      return ends(subject).flatMap(({ prefix, on }) => {
        const key = `${prefix}hostnameVerification`;
        return when(on !== undefined && valueIn(member, key, release)?.toLowerCase() === 'false', () =>
          hitAt(subject, key, `${key} is false`),
        );
      });
    },
  },
  {
    id: 'old-tls',
    severity: 'warning',
    summary: 'a version of TLS that is broken',
    why: 'SSL, TLS 1.0 and TLS 1.1 are withdrawn (RFC 8996).',
    reference: guide('auth'),
    check: (subject) =>
      ['ssl.', 'ssl.quorum.'].flatMap((prefix) =>
        ['protocol', 'enabledProtocols'].flatMap((name) => {
          const value = valueIn(subject.member, `${prefix}${name}`, subject.release) ?? '';
          const old = value.split(',').filter((one) => OLD_PROTOCOLS.test(one.trim()));
          return when(old.length > 0, () => hitAt(subject, `${prefix}${name}`, `${old.join(', ')} is allowed`));
        }),
      ),
  },
  {
    id: 'quorum-plain-text-accepted',
    severity: 'warning',
    summary: 'members that speak TLS and accept plain text as well',
    why: 'portUnification is for the time of the change to TLS: while it is on, whoever reaches the quorum port joins without a certificate.',
    reference: guide('auth'),
    check: ({ member, release, ...rest }) =>
      when(isOn(member, 'portUnification', release) && isOn(member, 'sslQuorum', release), () =>
        hitAt({ member, release, ...rest }, 'portUnification', 'portUnification is true'),
      ),
  },
  {
    id: 'plain-port-beside-tls',
    severity: 'advice',
    summary: 'a clientPort beside secureClientPort',
    why: 'Clients may still speak, and send their passwords, in plain text.',
    reference: guide('min'),
    check: (subject) => {
      const { member } = subject;
      const both = ['clientPort', 'secureClientPort'].every((key) => settingOf(member, key) !== undefined);
      const local = /^(?:127\.|localhost$|::1$)/.test(settingOf(member, 'clientPortAddress')?.value ?? '');
      return when(both && !local, () => hitAt(subject, 'clientPort', 'clientPort takes plain text'));
    },
  },
  {
    id: 'quorum-in-plain-text',
    severity: 'advice',
    summary: 'TLS for clients, plain text between the members',
    why: 'What clients send over TLS goes on to the other members in clear, and whoever reaches a quorum port can join.',
    reference: guide('auth'),
    check: (subject) => {
      const { member, release } = subject;
      const clients = settingOf(member, 'secureClientPort') !== undefined;
      const plain = isAtLeast(release, '3.5.5') && isEnsemble(member, release) && !isOn(member, 'sslQuorum', release);
      return when(clients && plain, () => hitAt(subject, 'sslQuorum', 'sslQuorum is false'));
    },
  },
];

const STORES = ['ssl.keyStore', 'ssl.trustStore', 'ssl.quorum.keyStore', 'ssl.quorum.trustStore'];

/** The two ends that can speak TLS, and the key that switches each on, where one does. */
function ends(subject: Subject): { prefix: string; on: string | undefined }[] {
  const { member, release } = subject;
  const unified = usesNetty(subject) && isOn(member, 'client.portUnification', release);
  const client = settingOf(member, 'secureClientPort')
    ? 'secureClientPort'
    : unified
      ? 'client.portUnification'
      : undefined;
  const quorum = ['sslQuorum', 'portUnification'].find((key) => isOn(member, key, release));
  return [
    { prefix: 'ssl.', on: client },
    { prefix: 'ssl.quorum.', on: quorum },
  ];
}

function isSet({ member, release }: Subject, key: string): boolean {
  return (valueIn(member, key, release) ?? '') !== '';
}

/** A server that asks clients for no certificate has nobody to trust. */
function asksNobody({ member, release }: Subject, prefix: string): boolean {
  return prefix === 'ssl.' && valueIn(member, 'ssl.clientAuth', release)?.toLowerCase() === 'none';
}

/** The AdminServer takes its key from the quorum's stores. */
function adminUses({ member, release }: Subject, prefix: string): boolean {
  const admin = ['admin.portUnification', 'admin.forceHttps'].some((key) => isOn(member, key, release));
  return prefix === 'ssl.quorum.' && admin;
}

function usesNetty({ member, release }: Subject): boolean {
  return /Netty/.test(valueIn(member, 'serverCnxnFactory', release) ?? '');
}
