import { ExitCode, ZkshError } from '../../protocol/errors.ts';
import type { ChangeContext } from '../context.ts';
import type { ActionOf, Doing } from './action.ts';
import { service } from './service.ts';

/** A package may be fetched meanwhile; milliseconds. */
const COMMAND_LIMIT = 600_000;

/** How much of what a command said is told; characters. */
const TOLD = 300;

/** Stops the service of a member, runs a command on its machine, and starts it again. */
export const upgrade: Doing<ActionOf<'upgrade'>> = {
  before: async (context, { member }) => service.before(context, { do: 'restart', member }),
  perform: async (context, { member, command, to }) => {
    const host = context.host(member);
    const { signal } = context;
    const { state } = await host.service.status({ signal });
    if (state !== 'stopped') await host.service.stop({ signal });
    const { code, stdout, stderr } = await host.run(['/bin/sh', '-c', command], { timeout: COMMAND_LIMIT, signal });
    if (code !== 0) throw failed(host.name, command, code, stderr.trim() || stdout.toString('utf8').trim());
    const { evidence } = await service.perform(context, { do: 'start', member }, undefined);
    return { evidence: `\`${command}\` for ${to}; ${evidence}` };
  },
  // Not even the command tells whether it was run to its end: it is run again, unless the member proves it.
  happened: async (context, { member, to }, before) => {
    const ran = await service.happened(context, { do: 'restart', member }, before);
    if (ran.answer === 'no') return ran;
    const told = await releaseOf(context, member);
    return { answer: told === to ? 'yes' : 'no', evidence: `${ran.evidence}; it tells ${told ?? 'no release'}` };
  },
};

async function releaseOf(context: ChangeContext, member: bigint): Promise<string | undefined> {
  const { members } = await context.observe();
  return members.find(({ id }) => id === member)?.facts.version?.value;
}

function failed(host: string, command: string, code: number, said: string): ZkshError {
  const told = said.length > TOLD ? `…${said.slice(-TOLD)}` : said;
  return new ZkshError(
    `\`${command}\` failed on ${host} with exit code ${code}${told === '' ? '' : `: ${told}`}; the service is stopped`,
    {
      code: 'HOST_COMMAND_FAILED',
      exitCode: ExitCode.failure,
      hint: 'Run it there by hand to see why. The other members serve on.',
    },
  );
}
