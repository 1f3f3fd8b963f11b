import { shortDuration } from '../../../protocol/measures.ts';
import type { Certificates } from '../../certificates.ts';
import type { CertificateFacts } from '../../shown-certificate.ts';
import { type Check, found, type HealthView, type Hit, type Judgement } from '../check.ts';

type Shown = Certificates['shown'][number];

const DAY = 86_400_000;
const NONE: Judgement = { skipped: 'no port of it shows a certificate' };
const PLACES: Readonly<Record<Shown['place'], string>> = {
  client: 'secure client port',
  admin: 'AdminServer',
  quorum: 'quorum port',
  election: 'election port',
};

/** Checks about the certificates that ports show, and about our own. */
export const CERTIFICATE_CHECKS: readonly Check[] = [
  {
    code: 'certificate-dates',
    title: 'a certificate that is not valid now, or not for long',
    severity: 'warning',
    why: 'When it ends, no client that checks it connects any more, and all of them lose their sessions within one session timeout.',
    todo: 'Renew it and load it: a server since 3.5.5 with sslQuorumReloadCertFiles, or client.certReload, reads its stores anew; others are restarted one by one.',
    judge: (view) => {
      const { shown, silent, own } = view.certificates;
      if (shown.length + silent.length === 0 && own === undefined) return NONE;
      const ours =
        own === undefined || 'reason' in own ? undefined : datesHit(own, `zksh itself, ${own.file},`, [], view);
      return {
        hits: [
          ...shown.map((one) => datesHit(soonestOf(one), placeText(one), membersOf(one, view), view)),
          ours,
        ].filter((hit) => hit !== undefined),
        unjudged: [
          // Nobody but the leader listens on a quorum port.
          ...silent
            .filter(({ place }) => place !== 'quorum')
            .map((one) => ({
              members: membersOf(one, view),
              reason: `${placeText(one)} showed no certificate: ${one.reason}`,
            })),
          ...(own !== undefined && 'reason' in own
            ? [{ members: [], reason: `our own certificate ${own.file}: ${own.reason}` }]
            : []),
        ],
      };
    },
  },
  {
    code: 'certificate-name',
    title: 'a certificate for another name',
    severity: 'advice',
    why: 'Clients that check host names, as they do by default, refuse the connection; those that do not are open to whoever has any certificate of the same authority.',
    todo: 'Issue one with the name or address that clients use among its subject alternative names.',
    judge: (view) => {
      const { shown } = view.certificates;
      if (shown.length === 0) return NONE;
      return found(
        ...shown
          .filter(({ matchesHost }) => !matchesHost)
          .map((one) => ({
            members: membersOf(one, view),
            message: `the certificate of ${placeText(one)} is not for ${one.host}`,
            evidence: `${one.subject}; for ${one.names.join(', ') || 'no name'}`,
          })),
      );
    },
  },
];

/** A chain is valid as long as the part of it that ends first. */
function soonestOf(shown: Shown): CertificateFacts {
  return [shown, ...shown.authorities].reduce((a, b) => (b.validTo < a.validTo ? b : a));
}

function datesHit(
  one: CertificateFacts,
  where: string,
  members: Hit['members'],
  { now, limits }: HealthView,
): Hit | undefined {
  const evidence = `${one.subject}, valid from ${new Date(one.validFrom).toISOString()} to ${new Date(one.validTo).toISOString()}`;
  const hit = (severity: Hit['severity'], what: string): Hit => ({
    members,
    severity,
    message: `the certificate of ${where} ${what}`,
    evidence,
  });
  if (now > one.validTo) return hit('critical', `expired ${shortDuration(now - one.validTo)} ago`);
  if (now < one.validFrom) return hit('critical', `is valid in ${shortDuration(one.validFrom - now)} only`);
  const left = one.validTo - now;
  return left < limits.certificate * DAY
    ? hit(left < DAY ? 'critical' : 'warning', `expires in ${shortDuration(left)}`)
    : undefined;
}

function placeText({
  member,
  place,
  host,
  port,
}: {
  member: Shown['member'];
  place: Shown['place'];
  host: string;
  port: number;
}): string {
  return `${member.id === undefined ? '' : `${member.id}: `}the ${PLACES[place]} ${host}:${port}`;
}

function membersOf({ member }: { member: Shown['member'] }, { status }: HealthView): Hit['members'] {
  return status.members.filter(({ id, host }) => (member.id === undefined ? host === member.host : id === member.id));
}
