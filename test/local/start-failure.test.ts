import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, inject, it } from 'vitest';
import { down, list, start, stop, up } from '../../src/local/ensemble.ts';
import { findServersUnder } from '../../src/local/server-process.ts';
import { ephemeralEnsemble } from '../support/ensembles.ts';

describe('an ensemble that cannot start', () => {
  it('fails with the end of the log, and leaves nothing running and no state', async () => {
    const stateDir = inject('ensemblesDir');
    const starting = up({ name: 'broken', stateDir, servers: 1, config: { tickTime: 'soon' } });
    await expect(starting).rejects.toMatchObject({ code: 'START_FAILED', hint: 'Nothing was left running.' });
    await expect(starting).rejects.toThrow(/end of its log[\s\S]*For input string: "soon"/);
    expect((await list(stateDir)).map(({ name }) => name)).not.toContain('broken');
    expect(await findServersUnder(`${stateDir}/broken`)).toEqual([]);
  });

  it('ends at its time limit when the servers never agree', async () => {
    const stateDir = inject('ensemblesDir');
    const starting = up({ name: 'leaderless', stateDir, servers: 2, timeout: 50 });
    await expect(starting).rejects.toMatchObject({ exitCode: 7 });
    await expect(starting).rejects.toThrow('member 1: not serving');
    expect(await findServersUnder(`${stateDir}/leaderless`)).toEqual([]);
  });

  it('is taken back when it is called off', async () => {
    const stateDir = inject('ensemblesDir');
    const controller = new AbortController();
    const starting = up({ name: 'called-off', stateDir }, () => controller.abort(), controller.signal);
    await expect(starting).rejects.toMatchObject({ code: 'INTERRUPTED', exitCode: 130 });
    expect(await findServersUnder(`${stateDir}/called-off`)).toEqual([]);
    expect(await down({ name: 'called-off', stateDir })).toBe(false);
  });

  it.each(['', '..', 'a/b', '-x', '.hidden', 'x'.repeat(65)])('for its name %j is refused', async (name) => {
    await expect(up({ name, stateDir: '/nonexistent' })).rejects.toMatchObject({ exitCode: 2 });
  });

  it('for its numbers is refused', async () => {
    await expect(up({ name: 'n', servers: 0 })).rejects.toMatchObject({ exitCode: 2 });
    await expect(up({ name: 'n', servers: 1.5 })).rejects.toMatchObject({ exitCode: 2 });
    await expect(up({ name: 'n', observers: -1 })).rejects.toMatchObject({ exitCode: 2 });
  });
});

describe('a member whose port was taken while it was stopped', () => {
  it('says so with the end of its log', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 1 });
    await stop(ensemble, 1);
    const thief = createServer((socket) => socket.destroy());
    thief.listen(ensemble.members[0]!.clientPort, '127.0.0.1');
    await once(thief, 'listening');
    try {
      const starting = start(ensemble, 1);
      await expect(starting).rejects.toMatchObject({ code: 'START_FAILED' });
      await expect(starting).rejects.toThrow('Address already in use');
    } finally {
      thief.close();
    }
  });
});

describe('an ensemble whose port is taken while it starts', () => {
  it('tries again with others', async () => {
    const stateDir = inject('ensemblesDir');
    const thief = createServer((socket) => socket.destroy());
    const lines: string[] = [];
    const ensemble = await up({ name: 'robbed', stateDir, servers: 1 }, (line) => {
      lines.push(line);
      if (lines.length > 1) return;
      // The state file is there before the servers are, so it tells what to steal.
      const { members } = JSON.parse(readFileSync(`${stateDir}/robbed/ensemble.json`, 'utf8'));
      thief.listen(members[0].clientPort, '127.0.0.1');
    });
    thief.close();
    expect(lines[1]).toBe('a port was taken meanwhile, trying others');
    expect(ensemble.members[0]!.state).toBe('running');
    await down({ name: 'robbed', stateDir });
  });
});

describe('ensembles started at the same time', () => {
  it('get ports of their own', async () => {
    const ensembles = await Promise.all([1, 2, 3].map(() => ephemeralEnsemble({ servers: 1 })));
    const ports = ensembles.flatMap(({ members }) => members.flatMap((m) => [m.clientPort, m.quorumPort, m.adminPort]));
    expect(new Set(ports).size).toBe(ports.length);
  });
});
