import type { ChangeContext } from '../context.ts';
import type { ServiceState } from '../member-host.ts';
import type { ActionOf, Doing } from './action.ts';

/** Stops the service of a member and starts it again. */
export const restart: Doing<ActionOf<'restart'>> = {
  before: async (context, { member }) => ({ process: processText(await context.host(member).service.status()) }),
  perform: async (context, { member }) => {
    const { service, name } = context.host(member);
    await service.restart();
    return { evidence: `${name}: ${processText(await service.status())}` };
  },
  happened: async (context, { member }, { process = '' }) => {
    const now = processText(await context.host(member).service.status());
    const evidence = `before: ${process}; now: ${now}`;
    // Restarting twice harms nothing while the gates hold, so anything but another process is done again.
    return { answer: isAnother(process, now) ? 'yes' : 'no', evidence };
  },
};

function isAnother(before: string, now: string): boolean {
  return now.startsWith('running, process') && before.startsWith('running, process') && before !== now;
}

function processText({ state, pid }: ServiceState): string {
  return pid === undefined ? state : `${state}, process ${pid}`;
}

/** A member whose service does not run is started, not restarted. */
export async function isRunning(context: ChangeContext, member: bigint): Promise<boolean> {
  return (await context.host(member).service.status()).state === 'running';
}
