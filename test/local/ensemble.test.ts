import { readFile, stat } from 'node:fs/promises';
import { describe, expect, inject, it } from 'vitest';
import { fourLetterWord } from '../../src/ensemble/four-letter-word.ts';
import { parseServerStatus } from '../../src/ensemble/server-status.ts';
import { down, kill, list, open, pause, up, upOrFind } from '../../src/local/ensemble.ts';
import { isFree } from '../../src/local/ports.ts';
import { identify, processState } from '../../src/local/process-identity.ts';
import { ephemeralEnsemble, sharedEnsemble, type TestEnsemble } from '../support/ensembles.ts';

async function modes({ members }: TestEnsemble): Promise<(string | undefined)[]> {
  const answers = members.map(({ host, clientPort: port }) => fourLetterWord({ host, port, word: 'srvr' }));
  return (await Promise.all(answers)).map((text) => parseServerStatus(text).mode);
}

describe('a local ensemble', () => {
  it('of one server is a true standalone server', async () => {
    expect(await modes(await sharedEnsemble('standalone'))).toEqual(['standalone']);
  });

  it('of three servers has one leader and two followers when up returns', async () => {
    const ensemble = await sharedEnsemble('three');
    expect((await modes(ensemble)).sort()).toEqual(['follower', 'follower', 'leader']);
    expect(ensemble.members.map(({ state }) => state)).toEqual(['running', 'running', 'running']);
    expect(ensemble.connectString).toBe(ensemble.members.map((m) => `127.0.0.1:${m.clientPort}`).join(','));
  });

  it('answers every four-letter word and on its AdminServer', async () => {
    const { members } = await sharedEnsemble('three');
    const [member] = members;
    const { host, clientPort: port, adminPort } = member!;
    expect(await fourLetterWord({ host, port, word: 'mntr' })).toContain('zk_server_state');
    const response = await fetch(`http://${host}:${adminPort}/commands/ruok`);
    expect(response.status).toBe(200);
  });

  it('keeps the secret of its super user in a file that only its owner can read', async () => {
    const { superAuth, dir, members } = await sharedEnsemble('three');
    expect((await stat(superAuth.secretFile)).mode & 0o777).toBe(0o600);
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
    const secret = await readFile(superAuth.secretFile, 'utf8');
    const commandLine = await readFile(`/proc/${members[0]!.pid}/cmdline`, 'utf8');
    expect(commandLine).not.toContain(secret);
    expect(commandLine).not.toContain('superDigest');
  });

  it('with observers has them follow without a vote', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 1, observers: 1 });
    expect(await modes(ensemble)).toEqual(['leader', 'observer']);
    expect(ensemble.members.map(({ role }) => role)).toEqual(['participant', 'observer']);
  });

  it('binds the addresses and names its members were given', async () => {
    const { members, connectString } = await ephemeralEnsemble({ servers: 2, hosts: ['127.0.0.2', 'localhost'] });
    expect(connectString).toBe(`127.0.0.2:${members[0]!.clientPort},localhost:${members[1]!.clientPort}`);
    const elsewhere = fourLetterWord({ host: '127.0.0.1', port: members[0]!.clientPort, word: 'srvr' });
    await expect(elsewhere).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
  });

  it('that stands is found by its spec, its dead and paused members brought back', async () => {
    const { name, stateDir, members } = await ephemeralEnsemble({ servers: 3 });
    await kill({ name, stateDir }, 1);
    await pause({ name, stateDir }, 2);
    const { ensemble, created } = await upOrFind({ name, stateDir, servers: 3 });
    expect(created).toBe(false);
    expect(ensemble.members.map(({ state }) => state)).toEqual(['running', 'running', 'running']);
    expect(ensemble.members[1]!.pid).toBe(members[1]!.pid);
    await expect(upOrFind({ name, stateDir, servers: 1 })).rejects.toMatchObject({ code: 'ENSEMBLE_EXISTS' });
    await expect(upOrFind({ name, stateDir, tls: true })).rejects.toMatchObject({ code: 'ENSEMBLE_EXISTS' });
  });

  it('that two start at once is started once and found once', async () => {
    const stateDir = inject('ensemblesDir');
    const both = await Promise.all([1, 2].map(() => upOrFind({ name: 'twice', stateDir, servers: 1 })));
    expect(both.map(({ created }) => created).sort()).toEqual([false, true]);
    expect(both[0]!.ensemble.members[0]!.pid).toBe(both[1]!.ensemble.members[0]!.pid);
    await down({ name: 'twice', stateDir });
  });

  it('refuses a name that is taken and leaves the ensemble alone', async () => {
    const { name, stateDir, members } = await sharedEnsemble('standalone');
    await expect(up({ name, stateDir })).rejects.toMatchObject({ code: 'ENSEMBLE_EXISTS', exitCode: 6 });
    expect((await open({ name, stateDir })).members[0]).toMatchObject({ pid: members[0]!.pid, state: 'running' });
  });

  it('that is taken down leaves no process, no file and no port behind', async () => {
    const { name, stateDir, members, dir } = await ephemeralEnsemble({ servers: 1 });
    expect((await list(stateDir)).map((one) => one.name)).toContain(name);
    const identity = await identify(members[0]!.pid!);
    expect(await down({ name, stateDir })).toBe(true);
    expect(await processState(identity!)).toBe('gone');
    expect(await isFree('127.0.0.1', members[0]!.clientPort)).toBe(true);
    await expect(stat(dir)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(open({ name, stateDir })).rejects.toMatchObject({ code: 'NO_ENSEMBLE', exitCode: 3 });
    expect(await down({ name, stateDir })).toBe(false);
  });
});
