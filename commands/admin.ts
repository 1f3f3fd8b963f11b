import * as Args from '@oclif/core/args';
import { type MemberAnswer, MemberAnswersCommand, memberAnswerFlags } from '../src/cli/member-answers.ts';
import { askAdminServer } from '../src/ensemble/admin-server.ts';
import type { MemberObservation } from '../src/ensemble/observe-member.ts';
import { ExitCode, UsageError, ZkshError } from '../src/protocol/errors.ts';

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
    return this.askMembers(async (observation, { limit, signal, secure }) => {
      const url = adminUrlOf(observation);
      const { hostname, port } = new URL(url);
      const server = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 443) };
      const tls = url.startsWith('https:') ? secure?.(server) : undefined;
      const { text, fields, error } = await askAdminServer({ url, command, timeout: limit, signal, tls });
      if (error !== undefined) throw saysNo(url, command, error);
      return { text, fields: { url, answer: fields } };
    });
  }
}

function adminUrlOf({ adminUrl, member, missing }: MemberObservation): string {
  if (adminUrl !== undefined) return adminUrl;
  const why = missing.find(({ source }) => source === 'admin')?.reason;
  throw new ZkshError(`the AdminServer of ${member.name} was not found${why === undefined ? '' : `: ${why}`}`, {
    code: 'NO_ADMIN_SERVER',
    exitCode: ExitCode.connection,
    hint: 'Name it: --admin PORT, --admin https://{host}:8443/commands, or for one member --admin 3=9090.',
  });
}

function saysNo(url: string, command: string, error: string): ZkshError {
  const message = `the AdminServer at ${url} refuses ${command}: ${error}`;
  if (!/^Unknown command/.test(error)) {
    return new ZkshError(message, { code: 'ADMIN_COMMAND_FAILED', exitCode: ExitCode.failure });
  }
  return new UsageError(message, {
    code: 'UNKNOWN_ADMIN_COMMAND',
    hint: 'Later releases have more of them; monitor, leader, connections and dump are old.',
  });
}
