import type { Style } from '../output/style.ts';
import { escapeControl } from '../output/text-safety.ts';
import type { ImportReport } from '../znodes/import.ts';
import type { ImportPlan } from '../znodes/import-plan.ts';
import type { Destruction } from './confirm.ts';

/** What import prints. A contract. */
export interface ImportResult extends ImportReport {
  readonly conflicts: number;
  readonly dryRun: boolean;
}

/** Named one by one before the rest is only counted. */
export const SHOWN = 10;

/** What an import would do. */
export function plannedImport(plan: ImportPlan): ImportResult {
  const { root, create, already, overwrite, kept, conflicts, ephemerals, unreadable, failures } = plan;
  const counts = { created: create, already, overwritten: overwrite, kept, conflicts, ephemerals, unreadable };
  // Nothing is deleted after a failure.
  return { root, ...counts, pruned: failures.count === 0 ? plan.surplus.length : 0, dryRun: true };
}

/** What of an import changes what is there, to be asked about; undefined where nothing does. */
export function overwriting(plan: ImportPlan): Destruction | undefined {
  const { root, create, already, overwrite, conflicts, surplus } = plan;
  const touched = overwrite + surplus.length;
  if (touched === 0) return undefined;
  return {
    what: `overwrite ${overwrite} and delete ${surplus.length} znodes at and below ${root}`,
    details: [
      `${create} created, ${already} the same already`,
      ...(conflicts > 0 ? [`${conflicts} of another kind, which stay as they are`] : []),
      ...surplus.slice(0, SHOWN).map(({ path }) => `delete ${escapeControl(path)}`),
      ...(surplus.length > SHOWN ? [`and ${surplus.length - SHOWN} more to delete`] : []),
    ],
    protectedOnly: touched === 1,
  };
}

export function importText(result: ImportResult, style: Style): string {
  const some = (count: number, what: string) => (count === 0 ? [] : [`${count.toLocaleString('en-US')} ${what}`]);
  const counts = [
    `${result.created.toLocaleString('en-US')} created`,
    ...some(result.already, 'there already'),
    ...some(result.kept, 'left as they are'),
    ...some(result.overwritten, 'overwritten'),
    ...some(result.conflicts, 'in conflict'),
    ...some(result.pruned, 'deleted'),
    ...some(result.ephemerals, 'ephemerals left out'),
    ...some(result.unreadable, 'not in the export, which could not read them'),
  ];
  return `${result.dryRun ? 'Would import' : 'imported'} into ${style.name(result.root)}: ${counts.join(', ')}`;
}
