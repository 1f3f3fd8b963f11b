import type { EffectiveConfig, Origin } from '../config/live/effective.ts';
import type { LiveConfigs, SilentMember } from '../config/live/read.ts';
import { type ConfigRow, shownValue } from '../config/live/table.ts';
import { shortName } from '../ensemble/member.ts';
import { plainText } from '../output/plain-text.ts';
import type { Style } from '../output/style.ts';
import { layTable } from '../output/table.ts';
import type { Role } from '../output/theme.ts';
import type { Column, View } from '../output/view.ts';

/** What `config show` found: the members, and the rows that were asked for. */
export interface ShownConfig extends LiveConfigs {
  readonly rows: readonly ConfigRow[];
  /** Parameters were named: what is known of each is shown in full. */
  readonly named: boolean;
}

const ORIGIN_ROLES: Readonly<Record<Origin, Role | undefined>> = {
  default: 'dim',
  file: 'key',
  dynamic: 'key',
  property: 'key',
  reported: undefined,
  unknown: 'dim',
};

type Shown = Column<ConfigRow>;

const PARAMETER: Shown = { header: 'parameter', value: ({ key }) => key, role: () => 'name' };
const REFERENCE: Shown = { header: 'reference', value: ({ reference }) => reference };
const DIFFERS: Shown = {
  header: 'differs',
  value: ({ differs }) => (differs === 'no' ? '' : differs),
  role: ({ differs }) => (differs === 'yes' ? 'bad' : 'dim'),
};
const ORIGIN: Shown = {
  header: 'origin',
  value: ({ cells }) => [...new Set(cells.flatMap((cell) => cell?.origin ?? []))].join(', '),
  role: ({ cells: [cell] }) => cell && ORIGIN_ROLES[cell.origin],
};
const SOURCE: Shown = {
  header: 'source',
  value: ({ cells }) => [...new Set(cells.flatMap((cell) => cell?.source ?? []))].join(', '),
  role: () => 'dim',
};
const NOTE: Shown = {
  header: 'note',
  value: ({ cells }) => [...new Set(cells.flatMap((cell) => cell?.note ?? []))].join('; '),
  role: () => 'dim',
};

/** Where all members have the same, or there is one: on a screen it stands there once. */
const ALIKE: readonly Shown[] = [
  PARAMETER,
  {
    header: 'value',
    value: ({ cells }) => cellValue(cells[0]),
    role: ({ cells: [cell] }) => (cell?.origin === 'default' || cell?.value === undefined ? 'dim' : undefined),
  },
  ORIGIN,
  SOURCE,
  NOTE,
  REFERENCE,
];

/** How `config show` looks: one column a member, beside it where the values come from. */
export function configShowView(members: readonly EffectiveConfig[]): View<ShownConfig, ConfigRow> {
  const columns = columnsOf(members);
  return {
    text: (result, style) => {
      if (!style.tty) return plainText(result, { columns, rows: ({ rows }) => rows }, style);
      const alike = result.rows.filter(isAlike);
      const differing = result.rows.filter((row) => !isAlike(row));
      const tables = [
        differing.length === 0 ? [] : layTable(onScreen(result, columns) as Column<never>[], differing, style),
        alike.length === 0 ? [] : layTable(onScreen(result, ALIKE) as Column<never>[], alike, style),
      ];
      const laid = tables.filter((one) => one.length > 0).flatMap((one, i) => (i === 0 ? one : ['', ...one]));
      return [...laid, ...remarks(result, style)].join('\n');
    },
    columns,
    rows: ({ rows }) => rows,
    json: showJson,
  };
}

function columnsOf(members: readonly EffectiveConfig[]): Shown[] {
  const several = members.length > 1;
  const values = members.map(
    (member, i): Shown => ({
      header: several ? shortName(member) : 'value',
      value: ({ cells }) => cellValue(cells[i]),
      role: ({ cells, differs }) =>
        differs === 'yes' ? 'bad' : cells[i]?.origin === 'default' || cells[i]?.value === undefined ? 'dim' : undefined,
    }),
  );
  return [PARAMETER, ...values, ...(several ? [DIFFERS] : []), ORIGIN, SOURCE, NOTE, REFERENCE];
}

/** A member that does not tell is not taken for one that has what the others have. */
function isAlike({ cells, differs }: ConfigRow): boolean {
  return differs === 'no' && new Set(cells.map((cell) => cell && cell.origin === 'unknown')).size < 2;
}

function cellValue(cell: ConfigRow['cells'][number]): string {
  if (cell === undefined) return '(not in this release)';
  if (cell.origin === 'unknown') return '(not told)';
  return shownValue(cell) ?? '(not set)';
}

/** A terminal has no room for links, unless somebody asked for a parameter by name. */
function onScreen({ named, members }: ShownConfig, columns: readonly Shown[]): Shown[] {
  const left = members.length > 1 ? [REFERENCE, SOURCE] : [REFERENCE];
  return columns.filter((column) => named || !left.includes(column));
}

function remarks({ members, silent, rows }: ShownConfig, style: Style): string[] {
  const differing = rows.filter(({ differs }) => differs === 'yes').map(({ key }) => key);
  const untold = members.filter(({ answers }) => answers.properties === undefined);
  const lines = [
    ...(differing.length === 0
      ? []
      : [
          style.paint(
            'bad',
            `${differing.join(', ')} ${differing.length === 1 ? 'differs' : 'differ'} between members`,
          ),
        ]),
    ...silent.map((one) => silentLine(one, style)),
    ...(untold.length === 0
      ? []
      : [
          style.paint(
            'dim',
            `no system properties of ${untold.map(({ name }) => style.name(name)).join(', ')}: what only they set is not told`,
          ),
        ]),
  ];
  return lines.length === 0 ? [] : ['', ...lines];
}

/** What is said of a member that did not answer. */
export function silentLine({ id, host, reason }: SilentMember, style: Style): string {
  return `${style.paint('bad', `${id ?? style.name(host)} is unreachable`)}: ${style.name(reason)}`;
}

function showJson({ members, silent, rows }: ShownConfig): object {
  return {
    members: members.map((member, i) => ({
      id: member.id,
      host: member.host,
      role: member.role,
      version: member.version,
      configFile: member.configPath,
      heap: member.answers.heap,
      parameters: rows.flatMap(({ key, cells, reference }) => {
        const cell = cells[i];
        if (cell === undefined) return [];
        const { origin, source, note } = cell;
        return [{ parameter: key, value: shownValue(cell) ?? null, origin, source, note, reference }];
      }),
      missing: [...member.observation.missing, ...member.observation.further.missing],
    })),
    differing: rows.filter(({ differs }) => differs === 'yes').map(({ key }) => key),
    silent,
  };
}
