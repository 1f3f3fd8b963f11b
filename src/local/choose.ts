import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { list } from './ensemble.ts';
import type { EnsembleRef } from './spec.ts';

/** The name of an ensemble nobody has named. */
export const DEFAULT_NAME = 'dev';

/**
 * Which ensemble a command without a name means: the one that `preferred` names (the context in use) if it is one of
 * ours, else the only one there is, else the one with the default name. Throws `NO_ENSEMBLE` and `WHICH_ENSEMBLE`.
 */
export async function chooseEnsemble(stateDir: string, named?: string, preferred?: string): Promise<EnsembleRef> {
  if (named !== undefined) return { name: named, stateDir };
  const names = (await list(stateDir)).map(({ name }) => name);
  const chosen = [preferred, names.length === 1 ? names[0] : DEFAULT_NAME].find((name) => names.includes(name ?? ''));
  if (chosen !== undefined) return { name: chosen, stateDir };
  if (names.length === 0) {
    throw new ZkshError('there is no local ensemble', {
      code: 'NO_ENSEMBLE',
      exitCode: ExitCode.notFound,
      hint: 'Make one with: zksh local up',
    });
  }
  throw new ZkshError('there are several local ensembles', {
    code: 'WHICH_ENSEMBLE',
    exitCode: ExitCode.usage,
    hint: `Name one of ${names.join(', ')}.`,
  });
}
