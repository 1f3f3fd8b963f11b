import type { QuorumReport, Voter } from '../ensemble/quorum-report.ts';
import type { Scenario } from '../ensemble/quorum-scenarios.ts';
import { plainText } from '../output/plain-text.ts';
import type { Style } from '../output/style.ts';
import { layTable } from '../output/table.ts';
import type { Column, View } from '../output/view.ts';

const SCENARIOS: readonly Column<Scenario>[] = [
  { header: 'scenario', value: ({ what }) => what },
  { header: 'voters', value: ({ voters }) => voters.length, kind: 'number' },
  { header: 'serving', value: ({ live }) => live.length, kind: 'number' },
  {
    header: 'quorum',
    value: ({ quorum }) => (quorum ? 'yes' : 'no'),
    role: ({ quorum }) => (quorum ? 'good' : 'bad'),
  },
  {
    header: 'may_fail',
    value: ({ quorum, tolerance }) => (quorum ? tolerance : undefined),
    kind: 'number',
    role: ({ tolerance }) => (tolerance === 0 ? 'warn' : undefined),
  },
  { header: 'fatal', value: fatalText },
];

const VOTERS: readonly Column<Voter>[] = [
  { header: 'id', value: ({ id }) => id, kind: 'number' },
  { header: 'host', value: ({ host }) => host, role: () => 'name' },
  {
    header: 'role',
    value: ({ role }) => role,
    role: ({ role }) => (/^un|^not/.test(role) ? 'bad' : 'good'),
  },
  { header: 'votes', value: ({ weight }) => weight, kind: 'number' },
];
const GROUP: Column<Voter> = { header: 'group', value: ({ group }) => group, kind: 'number' };

/** How `quorum` looks: the scenarios are its rows; a terminal shows the members above them. */
export const quorumView: View<QuorumReport, Scenario> = {
  text: (report, style) => {
    if (!style.tty) return plainText(report, { columns: SCENARIOS, rows: ({ scenarios }) => scenarios }, style);
    const columns = report.kind === 'majority' ? VOTERS : [...VOTERS, GROUP];
    return [
      ...layTable(columns as Column<never>[], report.members, style),
      ...notes(report, style),
      '',
      ...layTable(SCENARIOS as Column<never>[], report.scenarios, style),
    ].join('\n');
  },
  columns: SCENARIOS,
  rows: ({ scenarios }) => scenarios,
};

/** One loss that ends it: any of these; else the fewest together, as an example. */
function fatalText({ critical, fatal }: Scenario): string {
  return critical.length > 0 ? critical.join(' or ') : fatal.join(' and ');
}

function notes({ assumed, synced, members }: QuorumReport, style: Style): string[] {
  const followers = members.filter(({ votes, role }) => votes && role === 'follower').length;
  const behind = synced !== undefined && synced < followers;
  return [
    ...(assumed
      ? [style.paint('warn', 'nobody told the configuration: the servers listed are taken for the voters')]
      : []),
    ...(behind ? [style.paint('warn', `the leader counts ${synced} of ${followers} followers as synced`)] : []),
  ];
}
