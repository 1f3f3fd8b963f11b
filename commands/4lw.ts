import * as Args from '@oclif/core/args';
import { type MemberAnswer, MemberAnswersCommand, memberAnswerFlags } from '../src/cli/member-answers.ts';
import { askWord } from '../src/ensemble/ask-member.ts';

export default class FourLetterWord extends MemberAnswersCommand<typeof FourLetterWord> {
  static override summary = 'send a four-letter word to members and print what each answers';
  static override description =
    `Goes through the client port, or with TLS through the secure one. Servers since 3.5.3 answer srvr alone unless their
4lw.commands.whitelist has more. The answers of several members stand under lines that begin with #; with -o raw, nothing
is added. When some do not answer, the others are shown and the exit code is that of the first failure.

JSON: a list of {id, host, word, text, error}; error is {code, message}.`;
  static override examples = [
    '<%= config.bin %> 4lw srvr',
    '<%= config.bin %> 4lw cons --member 2',
    '<%= config.bin %> 4lw mntr --member zk1:2181 | grep latency',
  ];
  static override args = { word: Args.string({ required: true, description: 'for example srvr, mntr, cons, dump' }) };
  static override flags = memberAnswerFlags;

  protected async execute(): Promise<readonly MemberAnswer[]> {
    const { word } = this.args;
    return this.askMembers(async (member, asking) => {
      const text = await askWord(member, word, asking);
      return { text, fields: { word, text } };
    });
  }
}
