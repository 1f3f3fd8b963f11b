import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { localHost } from '../../src/hosts/local-host.ts';
import { lsbStatus } from '../../src/hosts/service.ts';
import { serviceOf } from '../../src/hosts/service-of.ts';
import { parseUnit } from '../../src/hosts/systemd.ts';
import { kill, stop } from '../../src/local/ensemble.ts';
import { ephemeralEnsemble } from '../support/ensembles.ts';
import { type StandIn, standIn } from '../support/stand-in.ts';

const ZK_SERVER = '/usr/share/zookeeper/bin/zkServer.sh';
const root = mkdtempSync(join(tmpdir(), 'zksh-service-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const member = { id: '7', host: 'zk7', config: '/zoo.cfg' };
const here = (setting: Parameters<typeof serviceOf>[1], config = member.config) =>
  localHost({ name: 'here', service: (host) => serviceOf(host, setting, { ...member, config }) }).service;

describe('a server that systemd runs, systemctl being a stand-in', () => {
  let systemctl: StandIn;
  afterEach(() => systemctl.remove());

  it('is started, stopped and restarted as its unit', async () => {
    systemctl = standIn('systemctl', 'exit 0');
    const service = here({ systemd: 'zookeeper' });
    expect(service.what).toBe('systemd unit zookeeper.service');
    await service.start();
    await service.stop();
    await here({ systemd: 'zk@2.service' }).restart();
    const quietly = ['--no-pager', '--no-ask-password'];
    expect(systemctl.calls()).toEqual([
      [...quietly, 'start', 'zookeeper.service'],
      [...quietly, 'stop', 'zookeeper.service'],
      [...quietly, 'restart', 'zk@2.service'],
    ]);
  });

  it('tells in the words of systemctl why it does not start', async () => {
    systemctl = standIn('systemctl', 'echo "Failed to start x.service: Unit x.service not found." >&2; exit 5');
    await expect(here({ systemd: 'x' }).start()).rejects.toMatchObject({
      code: 'HOST_COMMAND_FAILED',
      outcome: 'failed',
      message: 'here: start of systemd unit x.service failed: Failed to start x.service: Unit x.service not found.',
    });
  });

  it('has the state of its unit', async () => {
    systemctl = standIn(
      'systemctl',
      'printf "LoadState=loaded\\nActiveState=active\\nSubState=running\\nResult=success\\nMainPID=42\\nStateChangeTimestampMonotonic=1000000\\n"',
    );
    const status = await here({ systemd: 'zookeeper' }).status();
    expect(status).toMatchObject({ state: 'running', pid: 42, detail: 'active (running)' });
    const booted = Date.now() - Number.parseFloat(readFileSync('/proc/uptime', 'utf8')) * 1000;
    expect(Math.abs((status.since ?? 0) - (booted + 1000))).toBeLessThan(5000);
  });
});

describe('what systemctl show tells', () => {
  const unit = (active: string, more = '') => parseUnit(`LoadState=loaded\nActiveState=${active}\nSubState=x\n${more}`);

  it.each([
    ['active', 'running'],
    ['reloading', 'running'],
    ['inactive', 'stopped'],
    ['failed', 'failed'],
    // A unit that is restarted again and again is always on its way.
    ['activating', 'unknown'],
    ['deactivating', 'unknown'],
    ['', 'unknown'],
  ])('of a unit that is %j is %s', (active, state) => {
    expect(unit(active).state).toBe(state);
  });

  it('says why a unit failed, and that there is none', () => {
    expect(unit('failed', 'Result=oom-kill\nMainPID=0').detail).toBe('failed (x): oom-kill');
    expect(unit('failed', 'MainPID=0').pid).toBeUndefined();
    expect(parseUnit('LoadState=not-found\nActiveState=inactive')).toMatchObject({ state: 'unknown' });
    expect(parseUnit('LoadState=masked\nActiveState=inactive')).toMatchObject({ state: 'stopped' });
    expect(parseUnit('')).toMatchObject({ state: 'unknown' });
  });
});

describe.skipIf(!existsSync(ZK_SERVER) || process.getuid?.() !== 0)('a server that zkServer.sh runs', () => {
  it('is started, stopped when it has gone, and found dead', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 1 });
    await stop(ensemble, 1);
    const config = join(ensemble.members[0]!.dir, 'zoo.cfg');
    const service = here({ zkServer: ZK_SERVER }, config);
    expect(await service.status()).toMatchObject({ state: 'stopped' });
    await service.start();
    const { state, pid } = await service.status();
    expect(state).toBe('running');
    expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).toContain(config);
    await expect(service.start()).rejects.toMatchObject({ outcome: 'failed' });
    await service.restart();
    const second = await service.status();
    expect(second.state).toBe('running');
    expect(second.pid).not.toBe(pid);
    expect(existsSync(`/proc/${pid}`)).toBe(false);
    await service.stop();
    expect(existsSync(`/proc/${second.pid}`)).toBe(false);
    expect(await service.status()).toMatchObject({ state: 'stopped' });
    const data = join(ensemble.members[0]!.dir, 'data', 'zookeeper_server.pid');
    writeFileSync(data, `${second.pid}`);
    expect(await service.status()).toMatchObject({ state: 'failed' });
    // Not every process of that pid is a server.
    writeFileSync(data, `${process.pid}`);
    expect(await service.status()).toMatchObject({
      state: 'failed',
      detail: expect.stringContaining('another program'),
    });
    rmSync(data);
    await kill(ensemble, 1);
  });
});

describe('a server that commands of the operator run', () => {
  const log = join(root, 'log');
  const say = (word: string) => `echo ${word} {id} {host} {config} >> ${log}`;

  it('is started, stopped and restarted by them', async () => {
    const service = here({ start: say('start'), stop: `${say('stop')} # and that is it`, status: 'exit 0' });
    await service.start();
    await service.restart();
    expect(readFileSync(log, 'utf8')).toBe('start 7 zk7 /zoo.cfg\nstop 7 zk7 /zoo.cfg\nstart 7 zk7 /zoo.cfg\n');
    const own = here({ start: 'false', stop: 'false', restart: say('restart'), status: 'echo pid 12; exit 0' });
    await own.restart();
    expect(readFileSync(log, 'utf8')).toContain('restart 7');
    expect(await own.status()).toEqual({ state: 'running', pid: 12, detail: 'pid 12' });
    await expect(own.start()).rejects.toMatchObject({ code: 'HOST_COMMAND_FAILED', outcome: 'failed' });
  });

  it('is not started again when its stop fails', async () => {
    rmSync(log, { force: true });
    await expect(here({ start: say('start'), stop: 'false', status: 'true' }).restart()).rejects.toThrow('failed');
    expect(existsSync(log)).toBe(false);
  });

  it.each([
    [0, 'running'],
    [1, 'failed'],
    [2, 'failed'],
    [3, 'stopped'],
    [4, 'unknown'],
    [127, 'unknown'],
  ])('is, when the status exits with %i, %s', (code, state) => {
    expect(lsbStatus(code, '', '')).toEqual({ state, detail: `exit code ${code}` });
  });
});

describe('a server nobody said how to control', () => {
  it('is left alone', async () => {
    await expect(here(undefined).restart()).rejects.toMatchObject({ code: 'NO_SERVICE', exitCode: 2, outcome: 'none' });
  });
});
