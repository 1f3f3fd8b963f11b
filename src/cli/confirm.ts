import { ExitCode, UsageError, ZkshError } from '../protocol/errors.ts';
import { canAsk, type Io } from './io.ts';
import type { Prompts } from './prompts.ts';

/** What a destructive command is about to do. */
export interface Destruction {
  /** The deed in one line without a question mark: `delete /app and 1,204 znodes below it`. */
  what: string;
  /** What a person should know first, one line each: bytes, ephemerals, watchers. */
  details?: readonly string[] | undefined;
  /** Too small to ask about, a single znode: only a protected context is asked for its name. */
  protectedOnly?: boolean | undefined;
}

/** How the person has answered beforehand, and where they are. */
export interface Consent {
  io: Io;
  prompts: Prompts;
  /** `--yes`. */
  yes: boolean;
  /** `--i-know NAME`. */
  iKnow?: string | undefined;
  /** The name of the context, when it is a protected one. */
  protectedContext?: string | undefined;
}

/** Returns when the person agrees; throws otherwise, before anything was changed. */
export async function confirmDestruction(deed: Destruction, consent: Consent): Promise<void> {
  const { protectedContext, io } = consent;
  if (consent.iKnow !== undefined && protectedContext !== undefined && consent.iKnow !== protectedContext) {
    throw new ZkshError(`--i-know says ${consent.iKnow}, but the context is ${protectedContext}`, {
      code: 'WRONG_CONTEXT',
      exitCode: ExitCode.unhealthy,
      hint: 'Nothing was changed. Check which context you are in.',
    });
  }
  const known = protectedContext !== undefined && consent.iKnow === protectedContext;
  if (protectedContext !== undefined && !known) {
    show(deed, io);
    await askForName(protectedContext, consent);
  } else if (!consent.yes && !known && deed.protectedOnly !== true) {
    show(deed, io);
    const agreed = await consent.prompts.confirm(`${deed.what}?`, '--yes');
    if (!agreed) throw declined();
  }
}

async function askForName(name: string, { prompts, io }: Consent): Promise<void> {
  if (!canAsk(io)) {
    throw new UsageError(`the context ${name} is protected: --i-know ${name} is missing`, {
      code: 'CANNOT_ASK',
      hint: `Nothing was changed. Give --i-know ${name}, or run it on a terminal; --yes is not enough here.`,
    });
  }
  const typed = await prompts.input(`The context is protected. Type its name (${name}) to go on:`, `--i-know ${name}`);
  if (typed.trim() !== name) throw declined();
}

function show(deed: Destruction, io: Io): void {
  if (deed.details === undefined || deed.details.length === 0) return;
  io.stderr.write(`${[`About to ${deed.what}:`, ...deed.details.map((line) => `  ${line}`)].join('\n')}\n`);
}

function declined(): ZkshError {
  return new ZkshError('not confirmed: nothing was changed', { code: 'DECLINED', exitCode: ExitCode.failure });
}
