import type { MemberStatus } from '../../ensemble/ensemble-status.ts';
import { shortName } from '../../ensemble/member.ts';
import { type Html, html } from '../../output/html.ts';
import type { Report } from './report.ts';

/** Who told what the page shows, and what was missing. */
export function missingSection({ status }: Report, untold: readonly string[]): Html {
  const rows = status.members.map(
    (
      member,
    ) => html`<tr><td class="n">${shortName(member)}</td><td>${sourcesOf(member).join(', ') || 'nobody'}</td><td class="host">${missingOf(member)}</td></tr>
`,
  );
  const none =
    untold.length === 0 ? undefined : html`<p class="note">Told by nobody: ${untold.join(', ').toLowerCase()}.</p>`;
  return html`<section id="sources"><h2>Sources, and what was missing</h2>
<div class="card"><table><thead><tr><th class="n">Member</th><th>Told by</th><th>Missing</th></tr></thead><tbody>
${rows}</tbody></table></div>${none}</section>`;
}

function sourcesOf({ facts }: MemberStatus): string[] {
  return [...new Set(Object.values(facts).flatMap((fact) => fact?.source ?? []))].sort();
}

function missingOf({ observation }: MemberStatus): Html {
  const { missing } = observation;
  if (missing.length === 0) return html`<span class="dash">nothing</span>`;
  return html`${missing.map(({ source, reason }) => html`<div><code>${source}</code>: ${reason}</div>`)}`;
}
