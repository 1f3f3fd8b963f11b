import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { fourLetterWord } from '../../src/ensemble/four-letter-word.ts';
import { parseServerStatus } from '../../src/ensemble/server-status.ts';
import {
  down,
  kill,
  type LocalMember,
  logs,
  open,
  pause,
  restart,
  resume,
  start,
  stop,
} from '../../src/local/ensemble.ts';
import { ephemeralEnsemble, useEnsemble } from '../support/ensembles.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

async function modeOf({ host, clientPort: port }: LocalMember): Promise<string | undefined> {
  return parseServerStatus(await fourLetterWord({ host, port, word: 'srvr' })).mode;
}

function states(members: readonly LocalMember[]): string[] {
  return members.map(({ state }) => state);
}

describe('a member of a local ensemble', () => {
  const ensemble = useEnsemble({ servers: 3 });

  it('is stopped, and started again on the same ports', async () => {
    const before = ensemble().members[1]!;
    const stopped = await stop(ensemble(), 2);
    expect(states(stopped.members)).toEqual(['running', 'stopped', 'running']);
    expect(stopped.members[1]!.pid).toBeUndefined();
    const started = await start(ensemble(), 2);
    expect(states(started.members)).toEqual(['running', 'running', 'running']);
    expect(started.members[1]).toMatchObject({ clientPort: before.clientPort, electionPort: before.electionPort });
    expect(started.members[1]!.pid).not.toBe(before.pid);
    expect(await modeOf(started.members[1]!)).toMatch(/leader|follower/);
  });

  it('is dead after a kill, until it is started again', async () => {
    const killed = await kill(ensemble(), 1);
    expect(states(killed.members)).toEqual(['dead', 'running', 'running']);
    expect(states((await open(ensemble())).members)).toEqual(['dead', 'running', 'running']);
    const started = await start(ensemble(), 1);
    expect(states(started.members)).toEqual(['running', 'running', 'running']);
  });

  it('keeps its connections and answers nothing while it is paused', async () => {
    const paused = await pause(ensemble(), 3);
    const { host, clientPort: port, pid } = paused.members[2]!;
    expect(states(paused.members)).toEqual(['running', 'running', 'paused']);
    await expect(fourLetterWord({ host, port, word: 'ruok', timeout: 300 })).rejects.toMatchObject({ code: 'TIMEOUT' });
    const resumed = await resume(ensemble(), 3);
    expect(resumed.members[2]).toMatchObject({ state: 'running', pid });
    expect(await modeOf(resumed.members[2]!)).toMatch(/leader|follower/);
  });

  it('that is paused can be stopped', async () => {
    await pause(ensemble(), 3);
    expect((await stop(ensemble(), 3)).members[2]!.state).toBe('stopped');
    expect((await restart(ensemble(), 3)).members[2]!.state).toBe('running');
  });

  it('starts without waiting for a quorum that cannot be', async () => {
    for (const id of [1, 2, 3]) await stop(ensemble(), id);
    const alone = await start(ensemble(), 1);
    expect(await modeOf(alone.members[0]!)).toBeUndefined();
    const two = await start(ensemble(), 2);
    expect(await modeOf(two.members[1]!)).toMatch(/leader|follower/);
    await start(ensemble(), 3);
  });

  it('has a log whose end can be read', async () => {
    const { path, lines } = await logs(ensemble(), 1, 5);
    expect(lines).toHaveLength(5);
    expect(await readFile(path, 'utf8')).toContain(lines.join('\n'));
  });

  it('must exist, and must run to be paused', async () => {
    await expect(stop(ensemble(), 9)).rejects.toMatchObject({ code: 'NO_MEMBER', exitCode: 3 });
    await stop(ensemble(), 3);
    await expect(pause(ensemble(), 3)).rejects.toMatchObject({ code: 'NOT_RUNNING', exitCode: 6 });
    await start(ensemble(), 3);
  });
});

describe('a local ensemble', () => {
  it('is found and steered by another process', async () => {
    const { name, stateDir, members } = await ephemeralEnsemble({ servers: 1 });
    const script = `
      const { open, kill } = await import(process.argv[1]);
      const ref = { name: process.argv[2], stateDir: process.argv[3] };
      const before = await open(ref);
      const after = await kill(ref, 1);
      console.log(JSON.stringify([before.members[0], after.members[0]]));`;
    const build = await mkdtemp(join(tmpdir(), 'zksh-other-process-'));
    try {
      await run('npx', ['tsc', '-p', root, '--outDir', build, '--noCheck', '--declaration', 'false'], { cwd: root });
      await writeFile(join(build, 'package.json'), '{"type":"module"}');
      await symlink(join(root, 'node_modules'), join(build, 'node_modules'));
      const module = join(build, 'src/local/ensemble.js');
      const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script, module, name, stateDir]);
      const [before, after] = JSON.parse(stdout) as LocalMember[];
      expect(before).toEqual(members[0]);
      expect(after).toMatchObject({ state: 'dead' });
    } finally {
      await rm(build, { recursive: true, force: true });
    }
    expect(states((await open({ name, stateDir })).members)).toEqual(['dead']);
  });

  it('never takes a stranger with a reused pid for its server', async () => {
    const { name, stateDir, dir, members } = await ephemeralEnsemble({ servers: 1 });
    const file = join(dir, 'ensemble.json');
    const record = JSON.parse(await readFile(file, 'utf8'));
    // This very test process now has "the pid of member 1", as after a reboot.
    record.members[0].process.pid = process.pid;
    await writeFile(file, JSON.stringify(record));
    expect((await open({ name, stateDir })).members[0]).toMatchObject({ state: 'dead' });
    await kill({ name, stateDir }, 1);
    await stop({ name, stateDir }, 1);
    // We are still here to see that the true server, which the record has lost, goes too.
    expect(await down({ name, stateDir })).toBe(true);
    const { host, clientPort: port } = members[0]!;
    await expect(fourLetterWord({ host, port, word: 'ruok' })).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
  });

  it('is removed whole when its state file is lost or unreadable', async () => {
    for (const damage of [(file: string) => rm(file), (file: string) => writeFile(file, '{"format":')]) {
      const { name, stateDir, dir, members } = await ephemeralEnsemble({ servers: 1 });
      await damage(join(dir, 'ensemble.json'));
      await expect(open({ name, stateDir })).rejects.toMatchObject({
        code: expect.stringMatching(/NO_ENSEMBLE|BAD_STATE/),
      });
      expect(await down({ name, stateDir })).toBe(true);
      const { host, clientPort: port } = members[0]!;
      await expect(fourLetterWord({ host, port, word: 'ruok' })).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
    }
  });
});
