import type { ServiceStatus } from '../../hosts/host.ts';
import type { ActionOf, Doing } from './action.ts';

/** Stops the service of a member and starts it again. */
export const restart: Doing<ActionOf<'restart'>> = {
  before: async (context, { member }) => ({ process: processText(await context.host(member).service.status()) }),
  perform: async (context, { member }) => {
    const { service, name } = context.host(member);
    const { signal } = context;
    const { state } = await service.status({ signal });
    await (state === 'running' ? service.restart({ signal }) : service.start({ signal }));
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

function processText({ state, pid }: ServiceStatus): string {
  return pid === undefined ? state : `${state}, process ${pid}`;
}
