import { type Html, html } from '../../output/html.ts';
import type { Finding, Report } from './report.ts';

const ORDER = ['critical', 'warning', 'advice'] as const;
const KINDS = { critical: 'bad', warning: 'warn', advice: 'info' } as const;

/** What `health` found, the worst first, and what it could not judge; nothing where nobody judged. */
export function findingsSection({ judgement }: Report): Html {
  if (judgement === undefined) return html``;
  const { findings, unjudged } = judgement;
  const sorted = ORDER.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
  const none = html`<p class="plain">Nothing is wrong in what could be judged.</p>`;
  return html`<section id="findings"><h2>Findings</h2>
<div class="card">${sorted.length === 0 ? none : sorted.map(findingBlock)}</div>
${unjudgedTable(unjudged)}</section>`;
}

function findingBlock({ code, severity, title, evidence, why, advice, members }: Finding): Html {
  const rows: [string, string][] = [
    ['Seen', evidence],
    ['Why it matters', why],
    ['What to do', advice],
    ['Members', members.join(', ')],
  ];
  return html`<article class="finding"><h3><span class="role ${KINDS[severity]}">${severity}</span> <span>${title}</span> <small>${code}</small></h3>
<dl>${rows.filter(([, text]) => text !== '').map(([term, text]) => html`<dt>${term}</dt><dd>${text}</dd>`)}</dl></article>
`;
}

function unjudgedTable(unjudged: NonNullable<Report['judgement']>['unjudged']): Html {
  if (unjudged.length === 0) return html``;
  const rows = unjudged.map(
    ({ code, title, reason }) => html`<tr><td>${title} <small>${code}</small></td><td>${reason}</td></tr>
`,
  );
  return html`<h2>Not judged</h2>
<div class="card"><table id="unjudged"><thead><tr><th>What</th><th>Why not</th></tr></thead><tbody>
${rows}</tbody></table></div>`;
}
