import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { dockerHost, parseState } from '../../src/hosts/docker-host.ts';
import { type StandIn, standIn } from '../support/stand-in.ts';
import { describeHost } from './host-behaviour.ts';

/** Runs what it shall execute in the container on this machine. No docker is asked: this is a stand-in. */
const EXEC = 'while [ "$1" != zk1 ]; do shift; done; shift; exec "$@"';

describe('a container, docker being a stand-in', () => {
  let docker: StandIn;
  const root = mkdtempSync(join(tmpdir(), 'zksh-docker-test-'));
  const host = dockerHost({ container: 'zk1', context: 'remote', user: 'zookeeper' });
  beforeAll(() => {
    docker = standIn('docker', EXEC);
  });
  beforeEach(() => {
    docker.calls();
    docker.answer(EXEC);
  });
  afterAll(() => {
    docker.remove();
    rmSync(root, { recursive: true, force: true });
  });

  describeHost({ host: () => host, directory: () => root });

  it('is reached by docker exec', async () => {
    await host.run(['echo', 'a b']);
    const [call] = docker.calls();
    expect(call?.slice(0, 8)).toEqual(['--context', 'remote', 'exec', '-i', '-u', 'zookeeper', 'zk1', 'sh']);
    expect(call?.slice(-2)).toEqual(['echo', 'a b']);
  });

  it('is started, stopped and restarted by docker', async () => {
    docker.answer('exit 0');
    await host.service.start();
    await host.service.stop();
    await host.service.restart();
    expect(docker.calls()).toEqual([
      ['--context', 'remote', 'start', 'zk1'],
      ['--context', 'remote', 'stop', '-t', '60', 'zk1'],
      ['--context', 'remote', 'restart', '-t', '60', 'zk1'],
    ]);
  });

  it('has the state that docker inspect tells', async () => {
    docker.answer(`echo '{"Status":"running","Pid":42,"StartedAt":"2026-01-02T03:04:05.678901234Z","ExitCode":0}'`);
    expect(await host.service.status()).toEqual({
      state: 'running',
      pid: 42,
      since: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
      detail: 'running',
    });
    expect(docker.calls()).toEqual([
      ['--context', 'remote', 'inspect', '--type', 'container', '--format', '{{json .State}}', 'zk1'],
    ]);
  });

  it.each([
    ['{"Status":"exited","ExitCode":143}', 'stopped', 'exited (exit code 143)'],
    ['{"Status":"exited","ExitCode":1}', 'failed', 'exited (exit code 1)'],
    ['{"Status":"exited","ExitCode":137,"OOMKilled":true}', 'failed', 'exited (killed for memory)'],
    ['{"Status":"created","ExitCode":0}', 'stopped', 'created'],
    ['{"Status":"restarting","ExitCode":1}', 'unknown', 'restarting'],
    ['{"Status":"paused"}', 'unknown', 'paused'],
    ['{"Status":"dead"}', 'failed', 'dead'],
    ['null', 'unknown', 'docker told no state'],
    ['no JSON', 'unknown', 'docker told no state'],
  ])('with %s is %s', (text, state, detail) => {
    expect(parseState(text)).toMatchObject({ state, detail });
  });

  it.each([
    ['Error response from daemon: No such container: zk1', 'HOST_UNREACHABLE', 3],
    ['Error response from daemon: container 123 is not running', 'HOST_UNREACHABLE', 5],
    [
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      'HOST_UNREACHABLE',
      5,
    ],
    ['permission denied while trying to connect to the Docker daemon socket', 'HOST_LOGIN_REFUSED', 4],
  ])('tells "%s" from the failure of a command', async (stderr, code, exitCode) => {
    docker.answer(`echo '${stderr}' >&2; exit 1`);
    await expect(host.run(['true'])).rejects.toMatchObject({ code, exitCode, outcome: 'none' });
    await expect(host.service.status()).rejects.toMatchObject({ code, exitCode });
  });

  it('that is gone in the middle leaves the outcome unknown', async () => {
    docker.answer('while [ "$1" != zk1 ]; do shift; done; shift; "$@" & sleep 0.3; kill -9 $!; exit 137');
    await expect(host.run(['sleep', '5'])).rejects.toMatchObject({ code: 'HOST_LOST', outcome: 'unknown' });
  });
});

describe('a container without docker', () => {
  it('says that docker is missing', async () => {
    const before = process.env.PATH;
    process.env.PATH = '/nowhere';
    try {
      const host = dockerHost({ container: 'zk1' });
      await expect(host.run(['true'])).rejects.toMatchObject({ code: 'HOST_TOOL_MISSING', outcome: 'none' });
      await expect(host.service.start()).rejects.toMatchObject({ code: 'HOST_TOOL_MISSING', outcome: 'none' });
    } finally {
      process.env.PATH = before;
    }
  });
});
