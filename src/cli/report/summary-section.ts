import { shortName } from '../../ensemble/member.ts';
import type { Point } from '../../ensemble/sampling/history.ts';
import { type Html, html } from '../../output/html.ts';
import { byteSize } from '../../output/times.ts';
import { latencyOf, short, total } from '../top/figures.ts';
import { lengthOf, type Report } from './report.ts';

/** What the ensemble is and how it does, in a few figures. */
export function headSection(report: Report): Html {
  const { name, begun, ended } = report;
  const [kind, state] = stateOf(report);
  const when = `${new Date(begun).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  return html`<header>
<h1>ZooKeeper ensemble ${name}</h1>
<p class="sub">${when}, over ${lengthOf(ended - begun)}</p>
<p class="state ${kind}" id="state">${state}</p>
<dl class="tiles">
${tiles(report).map(
  ([
    term,
    value,
    more,
  ]) => html`<div class="tile"><dt>${term}</dt><dd>${value}${more === undefined ? undefined : html`<small>${more}</small>`}</dd></div>
`,
)}</dl>
</header>`;
}

function stateOf({ status: { quorum, serving, unasked } }: Report): ['good' | 'warn' | 'bad', string] {
  if (unasked.length > 0)
    return ['warn', `Of the voters, ${unasked.join(', ')} ${unasked.length === 1 ? 'was' : 'were'} not asked`];
  if (quorum === undefined) return serving ? ['good', 'A server serves, without a quorum'] : ['bad', 'Nothing serves'];
  const counted = `${quorum.live.length} of ${quorum.voters.length} voters serve`;
  if (!quorum.quorum) return ['bad', `No quorum: ${counted}`];
  if (quorum.tolerance > 0) return ['good', `${counted}, ${quorum.tolerance} more may fail`];
  return ['warn', `${counted}, none more may fail: the loss of ${quorum.critical.join(' or ')} ends the quorum`];
}

function tiles({ status, history }: Report): [term: string, value: string, more?: string | undefined][] {
  const { members, leader } = status;
  const versions = [...new Set(members.flatMap(({ facts }) => facts.version?.value ?? []))].sort();
  const present = history.filter(({ member }) => members.includes(member));
  const led = leader ?? members.find(({ role }) => role === 'standalone');
  const size = led?.facts.dataSize?.value;
  const rates = present.map(({ points }) => mean(points, ({ rates }) => rates?.received));
  const transactions = history
    .filter(({ member }) => member === led)
    .map(({ points }) => mean(points, ({ rates }) => rates?.transactions))[0];
  const latencies = present.flatMap(({ points }) => mean(points, latencyOf) ?? []);
  return [
    ['Leader', leader === undefined ? 'none' : shortName(leader), leader?.id === undefined ? undefined : leader.host],
    ['ZooKeeper', versions.length === 0 ? 'not told' : versions.join(', ')],
    ['Requests', `${short(total(rates))}/s`, 'packets of clients, mean'],
    ['Transactions', `${short(transactions)}/s`, 'mean'],
    ['Latency', latencies.length === 0 ? '-' : `${short(Math.max(...latencies))} ms`, 'mean at the slowest member'],
    ['Connections', short(total(members.map(({ facts }) => facts.connections?.value)))],
    ['Znodes', short(led?.facts.znodes?.value), size === undefined ? undefined : byteSize(size)],
  ];
}

function mean(points: readonly Point[], value: (point: Point) => number | undefined): number | undefined {
  const told = points.flatMap((point) => value(point) ?? []);
  return told.length === 0 ? undefined : told.reduce((sum, one) => sum + one, 0) / told.length;
}
