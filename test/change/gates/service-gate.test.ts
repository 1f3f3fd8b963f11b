import { describe, expect, it } from 'vitest';
import type { ChangeContext } from '../../../src/change/context.ts';
import type { GateView } from '../../../src/change/gates/gate.ts';
import { GATES } from '../../../src/change/gates/gates.ts';
import { DEFAULT_CHANGE_LIMITS } from '../../../src/change/plan.ts';
import type { HostDriver, ServiceStatus } from '../../../src/hosts/host.ts';
import { HostError } from '../../../src/hosts/host-error.ts';
import { type Said, viewOf } from '../../support/health-views.ts';

/** What the gate says of member 2 when its machine says that of its service. */
function judged(member: Said, told: ServiceStatus['state'] | HostError) {
  const { status } = viewOf([{ role: 'leader' }, member]);
  const view: GateView = { status, limits: DEFAULT_CHANGE_LIMITS, target: 2n, configVersion: undefined, outsiders: [] };
  const service: Partial<HostDriver['service']> = {
    what: 'systemd unit zk.service',
    status: async () => {
      if (told instanceof HostError) throw told;
      return { state: told, detail: '' };
    },
  };
  const host = { name: 'zk2', service } as HostDriver;
  const context: Partial<ChangeContext> = { host: () => host, signal: new AbortController().signal };
  return GATES['service-as-seen'].attempt(view, context as ChangeContext);
}

describe('the gate of the service', () => {
  it('is open where it runs, or where the member that is to be started is down', async () => {
    expect(await judged({ role: 'follower' }, 'running')).toEqual({
      pass: true,
      evidence: 'its service is running (systemd unit zk.service)',
    });
    expect(await judged({ role: 'unreachable' }, 'stopped')).toMatchObject({ pass: true });
  });

  it.each(['stopped', 'failed'] as const)('is shut for good where it is %s and its member serves', async (state) => {
    expect(await judged({ role: 'follower' }, state)).toEqual({
      pass: false,
      hopeless: 'otherwise',
      evidence: `member 2 serves, and its service is ${state} (systemd unit zk.service): see zksh member inventory --check`,
    });
  });

  it('is shut where the machine does not tell', async () => {
    const error = new HostError('zk2', 'no route', { code: 'HOST_UNREACHABLE', exitCode: 5, outcome: 'none' });
    expect(await judged({ role: 'follower' }, error)).toEqual({ pass: false, evidence: 'zk2: no route' });
  });
});
