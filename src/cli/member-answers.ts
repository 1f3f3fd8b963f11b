import type { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { observeEnsemble } from '../ensemble/observe.ts';
import type { Asking, MemberObservation } from '../ensemble/observe-member.ts';
import { chosenMembers, hostOf } from '../ensemble/observed-member.ts';
import type { Style } from '../output/style.ts';
import type { View } from '../output/view.ts';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { ObservingCommand, observingFlags } from './observing-command.ts';

/** What one member answered to one question, or why it did not. */
export interface MemberAnswer {
  id: bigint | undefined;
  host: string;
  /** As it came. */
  text: string | undefined;
  /** The same for programs, by the name of its field. */
  fields: object | undefined;
  error: ZkshError | undefined;
}

/** Flags of the commands that put a question to members. */
export const memberAnswerFlags = {
  ...observingFlags,
  member: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    env: 'ZKSH_MEMBER',
    helpValue: '<id or host:port>',
    description: 'ask this member alone; may be repeated; all are asked when not given',
  }),
};

/** The base of the commands that put one question to members and show what each answers. */
export abstract class MemberAnswersCommand<C extends typeof Command> extends ObservingCommand<
  readonly MemberAnswer[],
  C
> {
  protected readonly view: View<readonly MemberAnswer[], MemberAnswer> = {
    text: (answers, style) => answers.map((answer) => block(answer, answers.length > 1, style)).join('\n'),
    json: (answers) =>
      answers.map(({ id, host, fields, error }) => ({
        id,
        host,
        ...fields,
        error: error && { code: error.code, message: error.message },
      })),
    raw: (answers) => answers.map(({ text }) => text ?? '').join(''),
  };

  /** Puts the question to those asked for, all at once. One that fails is shown, and decides the exit code. */
  protected async askMembers(
    question: (member: MemberObservation, asking: Asking) => Promise<{ text: string; fields: object }>,
  ): Promise<readonly MemberAnswer[]> {
    const { wanted, asking } = await this.observing();
    const { members } = await observeEnsemble(wanted, asking);
    const { member: named = [] } = this.flags as unknown as { member?: string[] };
    const answers = await Promise.all(
      chosenMembers(members, named).map(async (member): Promise<MemberAnswer> => {
        const who = { id: member.member.id, host: hostOf(member) };
        try {
          return { ...who, ...(await question(reachable(member), asking)), error: undefined };
        } catch (error) {
          this.signal.throwIfAborted();
          if (!(error instanceof ZkshError)) throw error;
          return { ...who, text: undefined, fields: undefined, error };
        }
      }),
    );
    const failed = answers.find(({ error }) => error !== undefined)?.error;
    // Nobody answered: that is an error, not a result.
    if (failed !== undefined && answers.every(({ error }) => error !== undefined)) throw failed;
    if (failed !== undefined) this.exitCode = failed.exitCode;
    return answers;
  }
}

/** A member nothing was heard of is not asked once more. */
function reachable(observation: MemberObservation): MemberObservation {
  const { facts, missing, address } = observation;
  if (address !== undefined || facts.role !== undefined) return observation;
  throw new ZkshError(`${hostOf(observation)} is unreachable: ${missing[0]?.reason ?? 'it has no client address'}`, {
    code: 'CONNECTION_FAILED',
    exitCode: ExitCode.connection,
    hint: 'Check that it runs and listens there, or allow more with --wait.',
  });
}

function block({ id, host, text, error }: MemberAnswer, headed: boolean, style: Style): string {
  const body = error === undefined ? (text ?? '').trimEnd() : style.paint('bad', style.name(error.message));
  const name = id === undefined ? style.name(host) : `${id} ${style.name(host)}`;
  return headed ? `${style.paint('title', `# ${name}`)}\n${body}` : body;
}
