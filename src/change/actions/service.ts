import type { ServiceStatus } from '../../hosts/host.ts';
import type { Doing, ServiceAction } from './action.ts';

/** Starts, stops and restarts the service of a member. */
export const service: Doing<ServiceAction> = {
  before: async (context, { member }) => ({
    process: textOf(await context.host(member).service.status({ signal: context.signal })),
  }),
  perform: async (context, { do: what, member }) => {
    const { service: control, name } = context.host(member);
    const { signal } = context;
    const { state } = await control.status({ signal });
    // A member that is down is started: some service managers refuse to restart what does not run.
    if (what === 'stop') await control.stop({ signal });
    else if (what === 'start' || state !== 'running') await control.start({ signal });
    else await control.restart({ signal });
    return { evidence: `${name}: ${textOf(await control.status({ signal }))}` };
  },
  happened: async (context, { do: what, member }, { process = '' }) => {
    const status = await context.host(member).service.status({ signal: context.signal });
    const evidence = `before: ${process}; now: ${textOf(status)}`;
    const runs = status.state === 'running';
    // Done twice harms nothing while the gates hold, so what cannot be told from the process is done again.
    const done = what === 'stop' ? !runs : runs && (what === 'start' || isAnother(process, textOf(status)));
    return { answer: done ? 'yes' : 'no', evidence };
  },
};

function isAnother(before: string, now: string): boolean {
  return before.startsWith('running, process') && now.startsWith('running, process') && before !== now;
}

function textOf({ state, pid }: ServiceStatus): string {
  return pid === undefined ? state : `${state}, process ${pid}`;
}
