import { createHash } from 'node:crypto';
import { timeOfDay } from '../../output/chart.ts';
import { Html, html } from '../../output/html.ts';
import { shortDuration } from '../../output/times.ts';
import { charts } from './charts.ts';
import { findingsSection } from './findings-section.ts';
import { membershipSection, membersSection } from './members-section.ts';
import { missingSection } from './missing-section.ts';
import { PAGE_STYLE } from './page-style.ts';
import { lengthOf, type Report } from './report.ts';
import { headSection } from './summary-section.ts';

/**
 * A report as one page that needs nothing else: no script, no font, no request to anywhere, which its content security
 * policy forbids besides. Everything that came from a server is escaped.
 */
export function reportPage(report: Report): string {
  const style = new Html(PAGE_STYLE);
  const hash = createHash('sha256').update(PAGE_STYLE).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  const { drawn, untold } = charts(report);
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>ZooKeeper ensemble ${report.name}, ${minute(report.ended)}</title>
<style>${style}</style>
</head>
<body>
<main>
${headSection(report)}
${findingsSection(report)}
${membersSection(report)}
${happeningsSection(report)}
<section id="charts"><h2>Over ${lengthOf(report.ended - report.begun)}</h2>
<div class="charts">
${drawn}</div></section>
${membershipSection(report)}
${missingSection(report, untold)}
${footer(report)}
</main>
</body>
</html>
`;
  return page.toString();
}

function happeningsSection({ happenings }: Report): Html {
  if (happenings.length === 0) return html``;
  const rows = happenings.map(
    ({ at, what, bad }) => html`<tr><td class="n">${timeOfDay(at)}</td><td${
      bad ? new Html(' class="why"') : undefined
    }>${what}</td></tr>
`,
  );
  return html`<section id="happenings"><h2>What happened meanwhile</h2>
<div class="card"><table><thead><tr><th class="n">Seen at</th><th>What</th></tr></thead><tbody>
${rows}</tbody></table></div></section>`;
}

function footer({ command, version, begun, ended, samples, interval }: Report): Html {
  return html`<footer>
<p>Made by <code>${command}</code> (zksh ${version}), from ${samples} looks ${shortDuration(interval)} apart,
${new Date(begun).toISOString()} to ${new Date(ended).toISOString()}.</p>
<p>Times are UTC. Point at a chart to read its values.</p>
</footer>`;
}

/** `2026-01-02 03:04 UTC` */
function minute(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
