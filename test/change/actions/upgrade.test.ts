import { describe, expect, it } from 'vitest';
import type { ActionOf } from '../../../src/change/actions/action.ts';
import { upgrade } from '../../../src/change/actions/upgrade.ts';
import type { ChangeContext } from '../../../src/change/context.ts';
import type { HostDriver, ServiceStatus } from '../../../src/hosts/host.ts';
import { viewOf } from '../../support/health-views.ts';

const ACTION: ActionOf<'upgrade'> = { do: 'upgrade', member: 1n, command: 'install 3.9.5', to: '3.9.5' };

/** A machine that keeps what is done to it; the command ends with `code`, and the member tells `version`. */
function machine(how: { state?: ServiceStatus['state']; pid?: number; code?: number; version?: string }) {
  const { state = 'running', pid, code = 0, version = '3.8.0' } = how;
  const deeds: string[] = [];
  let now: ServiceStatus = { state, pid, detail: '' };
  const host = {
    name: 'zk1',
    kind: 'local',
    service: {
      status: async () => now,
      stop: async () => {
        deeds.push('stop');
        now = { state: 'stopped', detail: '' };
      },
      start: async () => {
        deeds.push('start');
        now = { state: 'running', pid: 2, detail: '' };
      },
    },
    run: async (argv: readonly string[]) => {
      deeds.push(argv.join(' '));
      return { code, stdout: Buffer.from(''), stderr: 'no room\n' };
    },
  } as unknown as HostDriver;
  const { status } = viewOf([{ role: 'follower', mntr: { version: `${version}-x, built on y` } }]);
  const context = { host: () => host, observe: async () => status } as unknown as ChangeContext;
  return { deeds, context };
}

describe('the upgrade of a member', () => {
  it('stops the service, runs the command, and starts it', async () => {
    const { deeds, context } = machine({ pid: 1 });
    const { evidence } = await upgrade.perform(context, ACTION, undefined);
    expect(deeds).toEqual(['stop', '/bin/sh -c install 3.9.5', 'start']);
    expect(evidence).toContain('running, process 2');
  });

  it('does not stop what is stopped, as after a kill in the middle of it', async () => {
    const { deeds, context } = machine({ state: 'stopped' });
    await upgrade.perform(context, ACTION, undefined);
    expect(deeds).toEqual(['/bin/sh -c install 3.9.5', 'start']);
  });

  it('leaves the service stopped when the command fails, and says what it said', async () => {
    const { deeds, context } = machine({ pid: 1, code: 3 });
    await expect(upgrade.perform(context, ACTION, undefined)).rejects.toMatchObject({
      code: 'HOST_COMMAND_FAILED',
      message: '`install 3.9.5` failed on zk1 with exit code 3: no room; the service is stopped',
    });
    expect(deeds).not.toContain('start');
  });

  it.each([
    ['yes', 'another process tells the release', { pid: 2, version: '3.9.5' }],
    ['no', 'another process tells another release', { pid: 2, version: '3.8.0' }],
    ['no', 'it is the process that was there before', { pid: 1, version: '3.9.5' }],
    ['no', 'the service is stopped', { state: 'stopped' as const }],
  ])('had happened: %s, when %s', async (answer, _, how) => {
    const { context } = machine(how);
    expect(await upgrade.happened(context, ACTION, { process: 'running, process 1' })).toMatchObject({ answer });
  });
});
