import type { MemberStatus } from '../../ensemble/ensemble-status.ts';
import type { Fact } from '../../ensemble/facts.ts';
import { shortName } from '../../ensemble/member.ts';
import type { ServerLine } from '../../ensemble/server-line.ts';
import { type Html, html } from '../../output/html.ts';
import { byteSize, shortDuration } from '../../output/times.ts';
import { hex64 } from '../../protocol/zxid.ts';
import { short } from '../top/figures.ts';
import type { Report } from './report.ts';

const ROLES: Readonly<Record<string, string>> = {
  leader: 'info',
  follower: 'good',
  observer: 'good',
  standalone: 'good',
  serving: 'good',
  'read-only': 'warn',
};

type Figure = [header: string, text: (member: MemberStatus) => string | undefined];

const shown = (fact: Fact<number> | undefined, form: (value: number) => string = short): string | undefined =>
  fact && form(fact.value);

const FIGURES: readonly Figure[] = [
  ['Lag', ({ lag }) => lag?.toString()],
  ['Conns', ({ facts }) => shown(facts.connections)],
  ['Queued', ({ facts }) => shown(facts.outstanding)],
  ['ms avg / p99 / max', latencies],
  ['Znodes', ({ facts }) => shown(facts.znodes)],
  ['Data', ({ facts }) => shown(facts.dataSize, byteSize)],
  ['Uptime', ({ facts }) => shown(facts.uptime, shortDuration)],
];

function latencies({ facts: { latencyAvg, latencyP99, latencyMax } }: MemberStatus): string | undefined {
  return latencyAvg && [latencyAvg, latencyP99, latencyMax].map((fact) => shown(fact) ?? '-').join('/');
}

/** The members at the end, as `status` has them. */
export function membersSection({ status }: Report): Html {
  const told = FIGURES.filter(([, text]) => status.members.some((member) => text(member) !== undefined));
  const rows = status.members.map(
    (member) => html`<tr><td class="n">${member.id ?? dash()}</td><td class="host">${member.host}</td>
<td><span class="role ${ROLES[member.role] ?? 'bad'}">${member.role}</span></td>${cells(member, told)}</tr>
`,
  );
  return html`<section id="members"><h2>Members</h2>
<div class="card"><table><thead><tr><th class="n">Id</th><th>Host</th><th>Role</th><th>Version</th><th>Zxid</th>${told.map(([header]) => html`<th class="n">${header}</th>`)}</tr></thead><tbody>
${rows}</tbody></table></div></section>`;
}

function cells(member: MemberStatus, told: readonly Figure[]): Html {
  if (member.role === 'unreachable') {
    const reason = member.observation.missing[0]?.reason ?? 'it has no client address';
    return html`<td class="why" colspan="${told.length + 2}">${reason}</td>`;
  }
  const { version, zxid } = member.facts;
  return html`<td>${version?.value ?? dash()}</td><td><code>${zxid ? hex64(zxid.value) : dash()}</code></td>${told.map(
    ([, text]) => html`<td class="n">${text(member) ?? dash()}</td>`,
  )}`;
}

/** Who is a member, by the committed configuration. */
export function membershipSection({ status: { config, members } }: Report): Html {
  if (config === undefined) return html``;
  const rows = config.servers.map((line) => {
    const addresses = line.addresses.map(
      ({ host, quorumPort, electionPort }) => `${host}:${quorumPort}:${electionPort}`,
    );
    return html`<tr><td class="n">${line.id}</td><td>${line.role}</td><td class="host">${addresses.join(' | ')}</td><td class="host">${clientOf(line)}</td></tr>
`;
  });
  const version = config.version === undefined ? '' : `version ${hex64(config.version)}`;
  const strangers = members.filter(({ configured }) => configured === undefined);
  return html`<section id="membership"><h2>Membership <small>${version}</small></h2>
<div class="card"><table><thead><tr><th class="n">Id</th><th>Part</th><th>Quorum and election</th><th>Clients</th></tr></thead><tbody>
${rows}</tbody></table></div>${
    strangers.length === 0 ? undefined : html`<p class="note">Not in it: ${strangers.map(shortName).join(', ')}</p>`
  }</section>`;
}

function clientOf({ client, secureClient }: ServerLine): string {
  const text = (one: ServerLine['client'], how: string) =>
    one === undefined ? [] : [`${one.host ?? '*'}:${one.port}${how}`];
  return [...text(client, ''), ...text(secureClient, ' (TLS)')].join(', ') || '-';
}

function dash(): Html {
  return html`<span class="dash">-</span>`;
}
