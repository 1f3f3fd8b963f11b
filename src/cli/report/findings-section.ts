import { type Html, html } from '../../output/html.ts';
import { type Alike, alike, headOf, notJudgedGroups, seenOf } from '../alike-findings.ts';
import { countsText } from '../health-view.ts';
import type { Report } from './report.ts';

const KINDS = { critical: 'bad', warning: 'warn', advice: 'info' } as const;
const VERDICTS = { healthy: 'good', unhealthy: 'bad', unknown: 'warn' } as const;

/** What `health` found at the end, the worst first, and what it could not judge. */
export function findingsSection({ health: { verdict, findings, notJudged, passed } }: Report): Html {
  const counts = countsText(findings);
  const none = html`<p class="plain">Nothing is wrong in what could be judged.</p>`;
  return html`<section id="findings"><h2>Findings</h2>
<div class="card"><p class="plain"><span class="role ${VERDICTS[verdict]}">${verdict}</span> ${counts}${counts === '' ? '' : '; '}${passed.length} checks passed</p>
${findings.length === 0 ? none : alike(findings).map(findingBlock)}</div>
${notJudgedTable(notJudged)}</section>`;
}

function findingBlock(group: Alike): Html {
  const [{ check, severity, todo }] = group;
  const rows: [string, string][] = [
    ...seenOf(group).map((text): [string, string] => ['Seen', text]),
    ['Why it matters', check.why],
    ['What to do', todo],
  ];
  return html`<article class="finding"><h3><span class="role ${KINDS[severity]}">${severity}</span> <span>${headOf(group)}</span> <small>${check.code}</small></h3>
<dl>${rows.map(([term, text]) => html`<dt>${term}</dt><dd>${text}</dd>`)}</dl></article>
`;
}

function notJudgedTable(notJudged: Report['health']['notJudged']): Html {
  if (notJudged.length === 0) return html``;
  const rows = notJudgedGroups(notJudged).map(
    ({
      codes,
      at,
      reason,
    }) => html`<tr><td>${codes.join(', ')}${at === '' ? '' : ` at ${at}`}</td><td>${reason}</td></tr>
`,
  );
  return html`<h2>Not judged</h2>
<div class="card"><table id="unjudged"><thead><tr><th>What</th><th>Why not</th></tr></thead><tbody>
${rows}</tbody></table></div>`;
}
