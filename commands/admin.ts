import * as Args from '@oclif/core/args';
import { type MemberAnswer, MemberAnswersCommand, memberAnswerFlags } from '../src/cli/member-answers.ts';
import { askAdminCommand } from '../src/ensemble/ask-member.ts';

export default class Admin extends MemberAnswersCommand<typeof Admin> {
  static override summary = 'run a command of the AdminServers and print what each answers';
  static override description =
    `A command such as monitor, connections, leader, zabstate, voting_view, hash or dump, by GET; which there are depends on
the release. AdminServers are looked for at port 8080 of each host unless --admin says otherwise, and asked only when they
say that they are the member's own, or are named for it (--admin 3=9090). The answers of several members stand under
lines that begin with #; with -o raw, nothing is added.

JSON: a list of {id, host, url, answer, error}; answer is what the server sent without command and error, numbers that
JavaScript can't hold as decimal strings; error is {code, message}.`;
  static override examples = [
    '<%= config.bin %> admin leader',
    '<%= config.bin %> admin connections --member 2 -o json',
    '<%= config.bin %> admin zabstate --admin https://{host}:8443/commands',
  ];
  static override args = {
    command: Args.string({ required: true, description: 'its name, with parameters as in hash?x=y' }),
  };
  static override flags = memberAnswerFlags;

  protected async execute(): Promise<readonly MemberAnswer[]> {
    const { command } = this.args;
    return this.askMembers(async (member, asking) => {
      const { text, fields, url } = await askAdminCommand(member, command, asking);
      return { text, fields: { url, answer: fields } };
    });
  }
}
