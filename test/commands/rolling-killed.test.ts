import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startZksh, zksh } from '../support/built.ts';
import { until } from '../support/until.ts';

/** The entries of the only journal in a folder, as far as they are whole. */
async function entriesIn(folder: string): Promise<{ type: string; step?: string }[]> {
  const [name] = await readdir(folder).catch(() => []);
  const text = name === undefined ? '' : await readFile(join(folder, name), 'utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { type: string; step?: string });
}

/** What is on the disk before something else is done: after each of these, of each step, zksh is killed once. */
const BOUNDARIES = ['begin', 'act', 'acted', 'done'];

function boundariesOf(entries: readonly { type: string; step?: string }[]): string[] {
  return entries.filter(({ type }) => BOUNDARIES.includes(type)).map(({ type, step }) => `${step} ${type}`);
}

describe('a zksh that is killed with SIGKILL during a rolling restart', () => {
  it('at any boundary of any step, leaves what resume goes on from, to the end', { timeout: 300_000 }, async () => {
    const home = await mkdtemp(join(tmpdir(), 'zksh-killed-'));
    const env = { XDG_CONFIG_HOME: join(home, 'config'), XDG_STATE_HOME: join(home, 'state'), HOME: home };
    onTestFinished(async () => {
      await zksh(['local', 'down', 'killed', '--yes'], { env });
      await rm(home, { recursive: true, force: true });
    }, 60_000);
    expect((await zksh(['local', 'up', 'killed'], { env })).code).toBe(0);
    const journals = join(home, 'journals');
    const flags = ['--yes', '--no-canary', '--stability', '300ms', '--journal-dir', journals];
    let argv = ['rolling', 'restart', ...flags];
    const killedAt: string[] = [];
    for (let seen = 0; ; ) {
      const { child, ended } = startZksh(argv, { env });
      let over = false;
      void ended.then(() => {
        over = true;
      });
      const next = async (): Promise<boolean> =>
        over || boundariesOf((await entriesIn(journals)).slice(seen)).some((one) => !killedAt.includes(one));
      await until('the next boundary', next, 60_000);
      if (!over) child.kill('SIGKILL');
      const { code, stderr } = await ended;
      const entries = await entriesIn(journals);
      if (entries.some(({ type }) => type === 'end')) {
        expect(code ?? 0).toBe(0);
        break;
      }
      // Killed, and not failed: an exit code would be one.
      expect({ code, stderr: code === null ? '' : stderr }).toEqual({ code: null, stderr: '' });
      killedAt.push(boundariesOf(entries).at(-1) ?? '');
      seen = entries.length;
      argv = ['rolling', 'resume', ...flags];
    }
    expect(new Set(killedAt).size).toBeGreaterThan(6);
    const entries = await entriesIn(journals);
    expect(new Set(entries.filter(({ type }) => type === 'done').map(({ step }) => step)).size).toBe(3);
    const { stdout } = await zksh(['rolling', 'status', '--journal-dir', journals, '-o', 'json'], { env });
    expect(JSON.parse(stdout)).toMatchObject([{ state: 'done', done: 3, steps: 3 }]);
    expect((await zksh(['health'], { env })).code).toBe(0);
  });
});
