import { describe, expect, it } from 'vitest';
import { jsonShape } from '../support/json-shape.ts';
import { useHome } from '../support/local-home.ts';

describe('the commands about the leader', { timeout: 120_000 }, () => {
  const home = useHome('led');
  const auth = async () => {
    const { stdout } = await home().run(['local', 'status', 'led', '-o', 'json']);
    const { superAuth } = JSON.parse(stdout);
    return `digest:${superAuth.user}:file:${superAuth.secretFile}`;
  };
  const json = async (...argv: string[]) => {
    const { code, stdout, stderr } = await home().run([...argv, '-o', 'json']);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout);
  };
  const contract: Record<string, unknown> = {};

  it('show who leads, who could, and what a hand-over would cost', async () => {
    const leader = await home().leader();
    const shown = await json('leader', 'show', '--auth', await auth());
    contract['leader show'] = jsonShape(shown);
    const others = [1, 2, 3].filter((id) => id !== Number(leader));
    expect(shown).toMatchObject({
      leader: { id: `${leader}`, epoch: expect.stringMatching(/^\d+$/), synced: 2 },
      tolerance: { now: 1, least: 0, after: 1 },
      move: { possible: true, way: 'reconfiguration', heir: `${others[0]}` },
    });
    expect(shown.leader.ledFor).toBeGreaterThan(0);
    expect(shown.candidates.map(({ id, ready }: { id: string; ready: boolean }) => [Number(id), ready])).toEqual(
      others.map((id) => [id, true]),
    );
    const { stdout } = await home().run(['leader', 'show', '--auth', await auth()]);
    expect(stdout).toMatch(/^member \d \(\S+\) leads, for /);
    expect(stdout).toMatch(/leader move would hand over by reconfiguration, commonly to member \d/);
  });

  it('plan a hand-over, and do nothing with --dry-run', async () => {
    const before = await home().leader();
    const { code, stdout } = await home().run(['leader', 'move', '--dry-run', '--auth', await auth()]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/take the vote of member \d, which leads/);
    expect(stdout).toMatch(/give member \d its vote back/);
    expect(stdout).toMatch(/open {2}target-leads: member \d leads/);
    expect(await home().leader()).toBe(before);
  });

  it('refuse a member that the servers would not choose', async () => {
    const leader = Number(await home().leader());
    const run = (to: string) => home().run(['leader', 'move', '--to', to, '--yes']);
    expect(await run('9')).toMatchObject({ code: 3, stderr: expect.stringContaining('no member 9') });
    expect(await run('one')).toMatchObject({ code: 2 });
    expect(await run(`${leader}`)).toMatchObject({ code: 6, stderr: expect.stringContaining('leads already') });
    if (leader === 3) return;
    expect(await run('3')).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('the server would choose member'),
    });
  });

  it('move it, and tell how long nobody could write', async () => {
    const from = await home().leader();
    const moved = await json('leader', 'move', '--yes', '--stability', '300ms', '--auth', await auth());
    contract['leader move'] = jsonShape({ ...moved, canary: { ...moved.canary, problem: undefined } });
    const to = await home().leader();
    expect(moved).toMatchObject({ kind: 'leader move', moved: { from: `${from}`, to: `${to}` } });
    expect(to).not.toBe(from);
    expect(moved.canary.during.unavailable).toBeGreaterThanOrEqual(0);
    const unwatched = ['--yes', '--stability', '300ms', '--no-canary', '--auth', await auth()];
    const back = await home().run(['leader', 'move', ...unwatched]);
    expect(back.stdout).toMatch(/leadership went from member \d to member \d; the gap was not measured/);
    expect((await home().run(['member', 'list'])).code).toBe(0);
  });

  it('have the JSON that leader-commands.json says: change it on purpose, with vitest -u', async () => {
    await expect(`${JSON.stringify(contract, null, 2)}\n`).toMatchFileSnapshot('leader-commands.json');
  });
});
