import { spawnSync } from 'node:child_process';
import { hostname, userInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { ChangeLock } from '../../src/change/lock.ts';
import { connect } from '../../src/client/connect.ts';
import { journalsIn, told, useHome } from '../support/local-home.ts';
import { until } from '../support/until.ts';

const SOON = ['--stability', '300ms', '--no-canary'];

describe('zksh rolling', { timeout: 120_000 }, () => {
  const home = useHome('rolled');

  it('shows the plan with --dry-run, and begins nothing', async () => {
    const before = await home().pids();
    const { code, stdout } = await home().run(['rolling', 'restart', '--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/rolling restart of rolled, 3 steps/);
    expect(stdout).toMatch(/restart member \d/);
    expect(stdout).toMatch(/open {2}one-leader: member \d leads/);
    expect(await home().pids()).toEqual(before);
    expect(await journalsIn(home())).toEqual([]);
  });

  it('tells the plan in JSON as its help says', async () => {
    const { stdout } = await home().run(['rolling', 'restart', '--dry-run', '-o', 'json']);
    const plan = JSON.parse(stdout) as Record<string, unknown> & { steps: object[]; gates: object[] };
    expect(Object.keys(plan).sort()).toEqual(
      ['id', 'kind', 'ensemble', 'made', 'order', 'configVersion', 'voters', 'tolerance', 'steps', 'expected', 'risks']
        .concat('limits', 'gates')
        .sort(),
    );
    for (const step of plan.steps)
      expect(Object.keys(step)).toEqual(['id', 'title', 'why', 'member', 'before', 'after', 'expected', 'tolerance']);
    for (const gate of plan.gates) expect(Object.keys(gate)).toEqual(['step', 'gate', 'pass', 'evidence', 'reason']);
  });

  it('asks first: away from a terminal it is refused without --yes', async () => {
    const { code, stderr } = await home().run(['rolling', 'restart']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/--yes/);
    expect(await journalsIn(home())).toEqual([]);
  });

  it('refuses a member that there is not', async () => {
    const { code, stderr } = await home().run(['rolling', 'restart', '--only', '9', '--yes']);
    expect(code).toBe(3);
    expect(stderr).toMatch(/there is no member 9/);
  });

  it.each(['resume', 'abort', 'status'])('%s knows no change of an unknown id', async (command) => {
    const { code, stderr } = await home().run(['rolling', command, '20200101-000000-rolling-restart-abcd']);
    expect(code).toBe(3);
    expect(stderr).toMatch(/there is no journal/);
  });

  it.each(['resume', 'abort'])('%s says that there is nothing to go on with', async (command) => {
    const { code, stderr } = await home().run(['rolling', command, '--yes']);
    expect(code).toBe(3);
    expect(stderr).toMatch(/no change of rolled that has not ended/);
  });

  it('is not begun while a gate is shut, which is named', async () => {
    const leader = await home().leader();
    const [victim, other] = [1, 2, 3].filter((id) => id !== leader);
    await home().run(['local', 'stop', `${victim}`, '--name', 'rolled']);
    const before = await home().pids();
    const { code, stderr } = await home().run(['rolling', 'restart', '--only', `${other}`, '--yes', ...SOON]);
    expect(code).toBe(8);
    expect(stderr).toMatch(new RegExp(`others-serve: member ${victim} is unreachable`));
    const dry = await home().run(['rolling', 'restart', '--only', `${other}`, '--dry-run']);
    expect(dry.code).toBe(8);
    expect(dry.stdout).toMatch(/shut {2}others-serve/);
    expect(await home().pids()).toEqual(before);
    expect(await journalsIn(home())).toEqual([]);
    expect((await home().run(['local', 'start', `${victim}`, '--name', 'rolled'])).code).toBe(0);
  });

  it('is not begun while somebody else changes the ensemble, who is named', async () => {
    const client = await connect(await home().servers());
    const owner = { who: 'ann@bastion', pid: 4711, plan: 'p', kind: 'member add', since: Date.UTC(2026, 0, 1) };
    const lock = await ChangeLock.acquire(async () => client, '/zksh-change', owner);
    const { code, stderr } = await home().run(['rolling', 'restart', '--yes', ...SOON]);
    await lock.release();
    await client.close();
    expect(code).toBe(6);
    expect(stderr).toMatch(/another change is under way by ann@bastion \(process 4711\)/);
    expect(await journalsIn(home())).toEqual([]);
  });

  it('restarts only those that are named, and tells what was done in JSON', async () => {
    const leader = await home().leader();
    const follower = [1, 2, 3].find((id) => id !== leader) ?? 0;
    const before = await home().pids();
    const { code, stdout, stderr } = await home().run([
      'rolling',
      'restart',
      '--only',
      `${follower}`,
      '--yes',
      '--stability',
      '300ms',
      '-o',
      'json',
    ]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const report = JSON.parse(stdout) as Record<string, unknown>;
    expect(report).toMatchObject({ done: [`restart-${follower}`], canary: { sessions: 3, lost: 0, wrong: [] } });
    const span = { writes: expect.any(Number), failed: expect.any(Number), unavailable: expect.any(Number) };
    expect(report.canary).toMatchObject({ before: span, during: span, after: span });
    // A line a step for the person who watches, apart from the result.
    expect(stderr).toMatch(new RegExp(`1/1 restart member ${follower}`));
    const after = await home().pids();
    expect(after.map((pid, i) => pid !== before[i])).toEqual([1, 2, 3].map((id) => id === follower));
    const listed = await home().run(['rolling', 'status', '-o', 'json']);
    expect(JSON.parse(listed.stdout)).toMatchObject([
      { kind: 'rolling restart', ensemble: 'rolled', state: 'done', done: 1, steps: 1 },
    ]);
  });

  it('is kept out by a dead process only while its change has not ended, as far as is known', async () => {
    const { stdout } = await home().run(['rolling', 'status', '-o', 'json']);
    const ended = (JSON.parse(stdout) as { id: string; state: string }[]).find(({ state }) => state === 'done')?.id;
    const { pid = 0 } = spawnSync(process.execPath, ['-e', '']);
    const client = await connect(await home().servers());
    const locked = async (plan: string) => {
      const who = `${userInfo().username}@${hostname()}`;
      const lock = await ChangeLock.acquire(async () => client, '/zksh-change', {
        who,
        pid,
        plan,
        kind: 'x',
        since: 0,
      });
      // Not asked, it would begin: without --yes it stops at the question.
      const { code } = await home().run(['rolling', 'restart']);
      await lock.release();
      return code;
    };
    expect(await locked(`${ended}`)).toBe(2);
    expect(await locked('20200101-000000-rolling-restart-abcd')).toBe(6);
    await client.close();
  });

  it('lets nobody else in, stops after the step under way at the first Ctrl-C, and goes on when resumed', async () => {
    const leader = await home().leader();
    const { child, ended } = home().start(['rolling', 'restart', '--yes', ...SOON]);
    const said = told(child.stderr);
    await until('the first step', () => said().includes('1/3 restart'), 60_000);
    const other = await home().run(['rolling', 'restart', '--yes', ...SOON]);
    expect(other.code).toBe(6);
    expect(other.stderr).toMatch(
      new RegExp(`another change is under way by .*process ${child.pid}.*: rolling restart, `),
    );
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toMatch(/once more to stop at once/);
    expect(stderr).toMatch(
      /stopped between two steps: interrupted; 1 of 3 steps are done, left undone: restart member \d, restart member \d$/m,
    );
    const stopped = await home().run(['rolling', 'status', '-o', 'json']);
    expect(JSON.parse(stopped.stdout)).toMatchObject([
      { state: 'done' },
      { state: 'stopped', done: 1, reason: 'interrupted' },
    ]);
    // What is half made is ended before anything else is begun.
    const [half] = /\S+-rolling-restart-\w{4}/.exec(stderr) ?? [];
    const follower = [1, 2, 3].find((id) => id !== leader);
    const beside = await home().run(['rolling', 'restart', '--only', `${follower}`, '--yes', ...SOON]);
    expect(beside.code).toBe(6);
    expect(beside.stderr).toContain(`the rolling restart ${half} has not ended: 1 of 3 steps are done`);
    expect(beside.stderr).toContain(`zksh rolling resume ${half}`);
    const resumed = await home().run(['rolling', 'resume', '--yes', ...SOON]);
    expect(resumed).toMatchObject({ code: 0 });
    expect(resumed.stdout).toMatch(/done rolling restart of rolled: 3 steps/);
  });

  it('stops at once at the second Ctrl-C, says where, and abort ends it', async () => {
    const { child, ended } = home().start(['rolling', 'restart', '--yes', '--no-canary', '--stability', '30s']);
    const said = told(child.stderr);
    await until('the first step to be watched', () => /\n {4}member \d|\n {4}.*running, process/.test(said()), 60_000);
    child.kill('SIGINT');
    await until('the first to be heard', () => said().includes('once more'), 10_000);
    child.kill('SIGINT');
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toMatch(/stopped at restart member \d: .*0 of 3 steps are done/);
    const aborted = await home().run(['rolling', 'abort', '--yes']);
    expect(aborted).toMatchObject({ code: 0 });
    expect(aborted.stdout).toMatch(/ended rolling restart of rolled: 0 of 3 steps stay done/);
    expect(aborted.stdout).not.toMatch(/left in the middle/);
    expect((await home().run(['quorum'])).code).toBe(0);
    const again = await home().run(['rolling', 'resume', '--yes']);
    expect(again.code).toBe(3);
  });

  it('is ended as it is with --as-is, and says what it left in the middle', async () => {
    const { child, ended } = home().start(['rolling', 'restart', '--yes', '--no-canary', '--stability', '30s']);
    const said = told(child.stderr);
    await until('the first step to be watched', () => /running, process/.test(said()), 60_000);
    child.kill('SIGKILL');
    await ended;
    const pids = await home().pids();
    const ending = await home().run(['rolling', 'abort', '--as-is', '--yes', '-o', 'json']);
    expect(ending).toMatchObject({ code: 0 });
    expect(JSON.parse(ending.stdout)).toMatchObject({ done: [], begun: expect.stringMatching(/^restart-\d$/) });
    expect(await home().pids()).toEqual(pids);
    expect((await home().run(['rolling', 'resume', '--yes'])).code).toBe(3);
  });
});

describe.each([
  { what: 'of 3.4.14, which has no committed configuration', name: 'old', up: ['--version', '3.4.14'] },
  { what: 'whose servers tell nothing but srvr', name: 'bare', up: ['--bare'] },
])('a rolling restart of an ensemble $what', ({ name, up }) => {
  const home = useHome(name, up);

  it('goes through all members, the leader last', { timeout: 180_000 }, async () => {
    const before = await home().pids();
    const { code, stdout, stderr } = await home().run([
      'rolling',
      'restart',
      '--yes',
      '--stability',
      '300ms',
      '-o',
      'json',
    ]);
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    const report = JSON.parse(stdout) as { steps: { why: string }[]; done: string[]; canary: object };
    expect(report.steps.at(-1)?.why).toMatch(/^the leader/);
    expect(report.done).toHaveLength(3);
    expect(report.canary).toMatchObject({ lost: 0, wrong: [] });
    const after = await home().pids();
    expect(after.filter((pid, i) => pid === before[i])).toEqual([]);
  });
});

describe('a rolling restart of an ensemble with an observer', () => {
  const home = useHome('watched', ['--observers', '1']);

  it('begins with the observer', { timeout: 180_000 }, async () => {
    const { code, stdout } = await home().run(['rolling', 'restart', '--yes', ...SOON, '-o', 'json']);
    expect(code).toBe(0);
    const { steps, done } = JSON.parse(stdout) as { steps: { id: string; why: string }[]; done: string[] };
    expect(steps.map(({ why }) => why.split(':')[0])).toEqual([
      'an observer',
      'a follower',
      'a follower',
      'the leader',
    ]);
    expect(done).toHaveLength(4);
  });
});
