import { UsageError } from '../protocol/errors.ts';
import { InterruptedError } from './deadline.ts';
import { canAsk, type Io } from './io.ts';

/** One choice of a list. */
interface Choice {
  value: string;
  name?: string;
}

/**
 * Questions to a person. `flag` names what would have answered the question, for the error where nobody can be asked.
 * Ctrl-C in a question throws an `InterruptedError` (exit 130).
 */
export interface Prompts {
  input(message: string, flag: string, options?: InputOptions): Promise<string>;
  password(message: string, flag: string): Promise<string>;
  confirm(message: string, flag: string, fallback?: boolean): Promise<boolean>;
  select(message: string, flag: string, choices: readonly Choice[]): Promise<string>;
}

interface InputOptions {
  fallback?: string | undefined;
  /** True, or what is wrong with the answer. */
  validate?: ((answer: string) => true | string) | undefined;
}

/** Asks with inquirer on a terminal; refuses with the missing flag's name elsewhere. */
export function createPrompts(io: Io, signal?: AbortSignal): Prompts {
  const ask = async <A>(flag: string, question: Question): Promise<A> => {
    if (!canAsk(io)) throw missing(flag);
    return askWithInquirer<A>(io, question, signal);
  };
  return {
    input: (message, flag, options = {}) =>
      ask(flag, { type: 'input', message, default: options.fallback, validate: options.validate }),
    password: (message, flag) => ask(flag, { type: 'password', message, mask: '*' }),
    confirm: (message, flag, fallback = false) => ask(flag, { type: 'confirm', message, default: fallback }),
    select: (message, flag, choices) => ask(flag, { type: 'select', message, choices: [...choices] }),
  };
}

function missing(flag: string): UsageError {
  return new UsageError(`nobody can be asked here: ${flag} is missing`, {
    code: 'CANNOT_ASK',
    hint: `Give ${flag}, or run it on a terminal.`,
  });
}

interface Question {
  type: 'input' | 'password' | 'confirm' | 'select';
  message: string;
  default?: unknown;
  mask?: string;
  choices?: Choice[];
  validate?: ((answer: string) => true | string) | undefined;
}

async function askWithInquirer<A>(io: Io, question: Question, signal: AbortSignal | undefined): Promise<A> {
  const { createPromptModule } = await import('inquirer');
  // The question goes to stderr: stdout carries the result and may be a pipe.
  const prompt = createPromptModule({
    input: io.stdin as NodeJS.ReadStream,
    output: io.stderr as NodeJS.WriteStream,
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    const answers: Record<string, unknown> = await prompt([{ name: 'answer', ...question }] as never);
    return answers.answer as A;
  } catch (error) {
    if (error instanceof Error && /^(ExitPrompt|AbortPrompt|CancelPrompt|Abort)Error$/.test(error.name)) {
      throw signal?.reason ?? new InterruptedError();
    }
    throw error;
  }
}
