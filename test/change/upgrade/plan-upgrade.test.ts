import { describe, expect, it } from 'vitest';
import { DEFAULT_CHANGE_LIMITS } from '../../../src/change/plan.ts';
import type { UpgradeMachine } from '../../../src/change/upgrade/machine.ts';
import { planRollingUpgrade, type RollingUpgrade } from '../../../src/change/upgrade/plan-upgrade.ts';
import { readConfigFile } from '../../../src/config/member.ts';
import { type Said, viewOf } from '../../support/health-views.ts';

const L: Said = { role: 'leader', mntr: { version: '3.9.4-x, built on y' } };
const F: Said = { ...L, role: 'follower' };
const NEW: Said = { role: 'follower', mntr: { version: '3.9.5-x, built on y' } };

function planned(members: readonly Said[], over: Partial<RollingUpgrade> = {}) {
  const machine: UpgradeMachine & { host: string } = {
    host: "zk'1",
    snapshot: true,
    config: { path: '/zoo.cfg', text: '', mode: 0o640, config: { file: readConfigFile('zoo.cfg', '') } },
  };
  return planRollingUpgrade({
    ensemble: 'prod',
    status: viewOf(members).status,
    only: [],
    to: '3.9.5',
    command: 'install {host} {id} {version}',
    undo: 'reinstall {version}',
    first: undefined,
    machines: new Map(members.map((_, i) => [BigInt(i + 1), machine])),
    limits: DEFAULT_CHANGE_LIMITS,
    made: 0,
    random: () => 0,
    ...over,
  });
}

describe('the plan of an upgrade', () => {
  it('has a follower first, the leader last, and each step holds the member to what it says it runs', () => {
    const { steps, risks } = planned([L, F, F]);
    expect(steps.map(({ id }) => id)).toEqual(['upgrade-2', 'upgrade-3', 'upgrade-1']);
    expect(steps[0]).toMatchObject({
      title: 'upgrade member 2 from 3.9.4 to 3.9.5',
      why: expect.stringContaining('it tries it first'),
      first: true,
      wanted: { version: '3.9.5' },
      was: { version: '3.9.4' },
      rollBack: true,
      action: { do: 'upgrade', member: 2n, to: '3.9.5', command: "install 'zk'\\''1' 2 3.9.5" },
      undo: [{ do: 'upgrade', member: 2n, to: '3.9.4', command: 'reinstall 3.9.4' }],
    });
    for (const { after } of steps) expect(after).toContain('release-as-wanted');
    expect(risks.join()).toMatch(/it can be taken back as long as nothing of the new one is switched on/);
  });

  it('leaves a member that fails as it is where there is no way back, and says so', () => {
    const { steps, risks } = planned([L, F, F], { undo: undefined });
    expect(steps[0]).toMatchObject({ undo: [], rollBack: false, mend: [{ do: 'start', member: 2n }] });
    expect(risks.join()).toMatch(/There is no --undo-command: a member that fails is left as it is/);
  });

  it('leaves out who runs it already, and is empty when all do', () => {
    expect(planned([L, NEW, F]).steps.map(({ member }) => member)).toEqual([3n, 1n]);
    expect(planned([{ ...NEW, role: 'leader' }, NEW, NEW]).steps).toEqual([]);
    expect(planned([L, F, F], { only: [2n] }).steps.map(({ member }) => member)).toEqual([2n]);
    expect(planned([L, F, F], { first: 1n }).steps.map(({ member, first }) => [member, first])).toEqual([
      [2n, false],
      [3n, false],
      [1n, true],
    ]);
  });

  it('is refused with every reason, and while a member does not say what it runs', () => {
    expect(() => planned([L, F, F], { to: '3.9.3' })).toThrow(
      /members 1, 2, 3 \(3\.9\.4 to 3\.9\.3\): an older release/,
    );
    expect(() => planned([L, F, { role: 'unreachable' }])).toThrow('member 3 (zk3:2181) does not tell its release');
    expect(() => planned([L, NEW, F], { first: 2n })).toThrow('member 2 cannot try it first');
    expect(() => planned([L, F, F], { to: '3.9' })).toThrow('is no release');
    expect(() => planned([L, F, F], { command: 'x {nobody}' })).toThrow('{nobody} stands for nothing here');
  });
});
