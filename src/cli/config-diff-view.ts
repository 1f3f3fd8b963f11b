import type { Difference } from '../config/diff.ts';
import type { SilentMember } from '../config/live/read.ts';
import { plainText } from '../output/plain-text.ts';
import { layTable } from '../output/table.ts';
import type { Role } from '../output/theme.ts';
import type { Column, View } from '../output/view.ts';
import { silentLine } from './config-show-view.ts';

/** What `config diff` found; columns are files, then members. */
export interface DiffResult {
  release: string;
  files: readonly string[];
  differences: readonly Difference[];
  /** What running members added. */
  live: { readonly members: readonly string[]; readonly silent: readonly SilentMember[] } | undefined;
}

const ROLES: Readonly<Record<Difference['kind'], Role>> = {
  'no-boot': 'bad',
  harmful: 'bad',
  restart: 'warn',
  own: 'dim',
  harmless: 'dim',
};

/** How `config diff` looks: a column a file, or a member. */
export function configDiffView(names: readonly string[], live: boolean): View<DiffResult, Difference> {
  const columns = columnsOf(names);
  const shared: View<DiffResult, Difference> = {
    columns,
    rows: ({ differences }) => differences,
    json: ({ differences, live: added, ...rest }) => ({
      ...rest,
      ...added,
      differences: differences.map(({ told, ...one }) => ({
        ...one,
        values: orNull(one.values),
        inForce: orNull(one.inForce),
        ...(added && { told }),
      })),
    }),
    empty: live ? 'Nothing that is told differs.' : 'The files say the same.',
  };
  if (!live) return shared;
  return {
    ...shared,
    text: (result, style) => {
      if (!style.tty) return plainText(result, shared, style);
      const { differences } = result;
      const laid = differences.length === 0 ? [] : layTable(columns as Column<never>[], differences, style);
      const silent = (result.live?.silent ?? []).map((one) => silentLine(one, style));
      return [...laid, ...(silent.length > 0 && laid.length > 0 ? [''] : []), ...silent].join('\n') || undefined;
    },
  };
}

function columnsOf(names: readonly string[]): Column<Difference>[] {
  return [
    { header: 'key', value: ({ key }) => key, role: () => 'name' },
    { header: 'kind', value: ({ kind }) => kind, role: ({ kind }) => ROLES[kind] },
    ...names.map(
      (name, i): Column<Difference> => ({
        header: name,
        value: ({ values, inForce, told }) =>
          told[i] === false ? '(not told)' : (values[i] ?? defaultText(inForce[i])),
      }),
    ),
    { header: 'meaning', value: ({ explanation }) => explanation },
  ];
}

function defaultText(value: string | undefined): string {
  return value === undefined ? '(not set)' : `${value} (default)`;
}

function orNull(values: readonly (string | undefined)[]): (string | null)[] {
  return values.map((value) => value ?? null);
}
