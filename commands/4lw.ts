import * as Args from '@oclif/core/args';
import { type MemberAnswer, MemberAnswersCommand, memberAnswerFlags } from '../src/cli/member-answers.ts';
import { fourLetterWord } from '../src/ensemble/four-letter-word.ts';
import { ExitCode, ZkshError } from '../src/protocol/errors.ts';

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
    return this.askMembers(async ({ address, member }, { limit, signal, secure }) => {
      const target = member.targets.find(({ host, port }) => host === address?.host && port === address.port);
      if (target === undefined) {
        throw new ZkshError(`${member.name} takes no clients: there is no port to send ${word} to`, {
          code: 'CONNECTION_FAILED',
          exitCode: ExitCode.connection,
          hint: 'Ask its AdminServer: zksh admin.',
        });
      }
      const { host, port, tls } = target;
      const text = await fourLetterWord({
        host,
        port,
        word,
        timeout: limit,
        signal,
        tls: tls ? secure?.(target) : undefined,
      });
      return { text, fields: { word, text } };
    });
  }
}
