import { ZkshError } from '../protocol/errors.ts';

/** A source that brought nothing, and why. */
export interface Missing {
  /** `admin`, `4lw:mntr`, `4lw` for all of them, `client`. */
  source: string;
  /** In a person's words. */
  reason: string;
}

/** Why a source brought nothing, without what the source's name says already. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof ZkshError)) return error instanceof Error ? error.message : String(error);
  if (error.code === 'WORD_REFUSED') return 'not in 4lw.commands.whitelist';
  return error.message
    .replace(/^cannot ask \S+ for \w+: /, '')
    .replace(/^cannot connect to [^:]+:\d+: /, '')
    .replace(/^(\S+) did not answer \w+ within/, '$1 did not answer within');
}
