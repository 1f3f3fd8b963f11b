import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import LbEnvoy from '../../commands/lb/envoy.ts';
import LbHaproxy from '../../commands/lb/haproxy.ts';
import LbNginx from '../../commands/lb/nginx.ts';
import { connect } from '../../src/client/connect.ts';
import { fourLetterWord } from '../../src/ensemble/four-letter-word.ts';
import { kill, start } from '../../src/local/ensemble.ts';
import { claimPorts, releasePorts } from '../../src/local/ports.ts';
import { ephemeralEnsemble, sharedEnsemble, type TestEnsemble } from '../support/ensembles.ts';
import { runCommand } from '../support/run-command.ts';
import { until } from '../support/until.ts';

const PROGRAMS = { haproxy: '/usr/sbin/haproxy', nginx: '/usr/sbin/nginx' };
const STREAM = '/usr/lib/nginx/modules/ngx_stream_module.so';
const here = { haproxy: existsSync(PROGRAMS.haproxy), nginx: existsSync(PROGRAMS.nginx) && existsSync(STREAM) };

let three: TestEnsemble;
beforeAll(async () => {
  three = await sharedEnsemble('three');
});

async function scratch(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'zksh-lb-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

function adminsOf({ members }: TestEnsemble): string[] {
  return members.flatMap(({ id, adminPort }) => ['--admin', `${id}=${adminPort}`]);
}

async function textOf(Class: unknown, ensemble: TestEnsemble, ...argv: string[]): Promise<string> {
  const ran = await runCommand(Class, ['-S', ensemble.connectString, ...adminsOf(ensemble), ...argv]);
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  return ran.stdout;
}

describe('lb', () => {
  it('haproxy names every member, and asks it srvr', async () => {
    const text = await textOf(LbHaproxy, three);
    for (const { id, host, clientPort } of three.members)
      expect(text).toContain(`server zk${id} ${host}:${clientPort}\n`);
    expect(text).toContain('tcp-check send srvr');
    expect(text).toContain('tcp-check expect rstring Mode:\\ (leader|follower|observer|standalone)\n');
    expect(text).toContain('timeout client 80s');
    expect(text).toContain('bind *:2181');
  });

  it('says in JSON what it is made from', async () => {
    const { members, config, ...rest } = JSON.parse(
      await textOf(LbHaproxy, three, '--listen', '10.0.0.5:2200', '-o', 'json'),
    );
    expect(rest).toMatchObject({
      listen: { host: '10.0.0.5', port: 2200 },
      check: 'srvr',
      idleTimeout: 80_000,
      left: [],
    });
    expect(members.map(({ id, port }: { id: string; port: number }) => [id, port])).toEqual(
      three.members.map(({ id, clientPort }) => [`${id}`, clientPort]),
    );
    expect(config).toContain('bind 10.0.0.5:2200');
  });

  it('envoy prints a bootstrap whose parts are where Envoy looks for them', async () => {
    const { static_resources } = parse(await textOf(LbEnvoy, three));
    const [cluster] = static_resources.clusters;
    const [listener] = static_resources.listeners;
    expect(listener.address.socket_address).toEqual({ address: '0.0.0.0', port_value: 2181 });
    expect(listener.filter_chains[0].filters[0].typed_config).toMatchObject({
      cluster: cluster.name,
      idle_timeout: '80s',
    });
    const check = cluster.health_checks[0].tcp_health_check;
    expect(Buffer.from(check.send.text, 'hex').toString()).toBe('srvr');
    expect(Buffer.from(check.receive[0].text, 'hex').toString()).toBe('Mode: ');
    const [{ lb_endpoints }] = cluster.load_assignment.endpoints;
    expect(lb_endpoints.map((one: never) => (one as { endpoint: { address: unknown } }).endpoint.address)).toEqual(
      three.members.map(({ host, clientPort }) => ({ socket_address: { address: host, port_value: clientPort } })),
    );
  });

  it('refuses a place that is none, and says so when nobody is left', async () => {
    for (const place of ['99999', 'x', '0', 'a:b:1']) {
      expect(await runCommand(LbHaproxy, ['-S', three.connectString, '--listen', place])).toMatchObject({ code: 2 });
    }
    const none = await runCommand(LbNginx, ['-S', three.connectString, '--admin', 'off', '--observers', 'only']);
    expect(none).toMatchObject({ code: 3, stdout: '' });
    expect(none.stderr).toContain('it is no observer');
  });

  it.skipIf(!here.haproxy)('haproxy is taken by haproxy -c, with every check', async () => {
    const directory = await scratch();
    for (const argv of [[], ['--read-only'], ['--listen', '127.0.0.1:2299']]) {
      const path = join(directory, 'haproxy.cfg');
      await writeFile(path, await textOf(LbHaproxy, three, ...argv));
      await promisify(execFile)(PROGRAMS.haproxy, ['-c', '-f', path]);
    }
  });

  it.skipIf(!here.nginx)('nginx is taken by nginx -t', async () => {
    const directory = await scratch();
    const path = join(directory, 'nginx.conf');
    const head = `load_module ${STREAM};\npid ${directory}/pid;\nerror_log ${directory}/error.log;\nevents {}\n`;
    await writeFile(path, `${head}${await textOf(LbNginx, three)}`);
    await promisify(execFile)(PROGRAMS.nginx, ['-t', '-c', path, '-p', directory]);
    expect(await readFile(path, 'utf8')).toContain('proxy_timeout 80s;');
  });
});

describe('lb, where the client ports speak TLS', () => {
  /** Flags for the secure ports of the shared ensemble. */
  async function secure(admin = true): Promise<string[]> {
    const { secureConnectString = '', tls, members } = await sharedEnsemble('tls');
    const stores = [...(tls?.cert ? ['--cert', tls.cert] : []), ...(tls?.key ? ['--key', tls.key] : [])];
    const { host, secureClientPort, adminPort } = members[0]!;
    const place = ['--members', `0=${host}:${secureClientPort}`, '--admin', admin ? `0=${adminPort}` : 'off'];
    return ['-S', secureConnectString, '--ca', tls?.ca ?? '', ...stores, ...place];
  }

  it('asks the AdminServer, and else looks at the port alone', async () => {
    const { members } = await sharedEnsemble('tls');
    const { stdout } = await runCommand(LbHaproxy, await secure());
    expect(stdout).toContain('http-check send meth GET uri /commands/is_read_only');
    const [{ host, secureClientPort, adminPort } = members[0]!] = members;
    expect(stdout).toMatch(new RegExp(`server \\S+ ${host}:${secureClientPort} port ${adminPort}\n`));
    expect(stdout.replace(/\n# +/g, ' ')).toContain('certificates of the members must name the balancer');
    const without = (await runCommand(LbHaproxy, await secure(false))).stdout;
    expect(without).toContain('# Check: a connection to the client port.');
    expect(without.replace(/\n# +/g, ' ')).toContain('a member that listens without a quorum gets clients');
    expect(without).not.toContain('tcp-check');
    const envoy = parse((await runCommand(LbEnvoy, await secure())).stdout).static_resources.clusters[0];
    expect(envoy.health_checks[0].http_health_check.path).toBe('/commands/is_read_only');
    expect(JSON.stringify(envoy.load_assignment)).toContain(`"health_check_config":{"port_value":${adminPort}}`);
  });

  it.skipIf(!here.haproxy)('and a real HAProxy counts that member as up', async () => {
    const { tls } = await sharedEnsemble('tls');
    const listen = `127.0.0.1:${await freePort()}`;
    const { stdout } = await runCommand(LbHaproxy, [...(await secure()), '--listen', listen]);
    await balance(stdout);
    const client = await connect(listen, { connectTimeout: 20_000, tls: { ...tls } });
    expect((await client.getChildren('/')).children).toContain('zookeeper');
    await client.close();
  });
});

async function freePort(): Promise<number> {
  const directory = await scratch();
  const [port = 0] = await claimPorts('127.0.0.1', 1, directory);
  onTestFinished(() => releasePorts([port], directory));
  return port;
}

/** Runs haproxy on a configuration until the test ends. */
async function balance(text: string): Promise<{ port: number; process: ChildProcess }> {
  const directory = await scratch();
  const path = join(directory, 'haproxy.cfg');
  await writeFile(path, text);
  const running = spawn(PROGRAMS.haproxy, ['-db', '-f', path], { stdio: 'ignore' });
  const gone = once(running, 'exit');
  onTestFinished(async () => {
    running.kill('SIGKILL');
    await gone;
  });
  return { port: Number(/bind \S*:(\d+)/.exec(text)?.[1]), process: running };
}

describe.skipIf(!here.haproxy)('a real HAProxy with that configuration', () => {
  it('takes a session to a member, and to another when that one is killed', { timeout: 120_000 }, async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3 });
    const { port } = await balance(await textOf(LbHaproxy, ensemble, '--listen', `127.0.0.1:${await freePort()}`));
    const client = await connect(`127.0.0.1:${port}`, { connectTimeout: 30_000, sessionTimeout: 15_000 });
    onTestFinished(() => client.close());
    await client.create('/mine', 'x', { mode: 'ephemeral' });
    const served = async (): Promise<number | undefined> => {
      for (const { id, host, clientPort } of ensemble.members) {
        const cons = await fourLetterWord({ host, port: clientPort, word: 'cons' }).catch(() => '');
        if (cons.includes(`sid=0x${client.sessionId.toString(16)}`)) return id;
      }
      return undefined;
    };
    const first = (await until('the session is at a member', served))!;
    await kill(ensemble, first);
    const second = await until('the session is at another', async () => {
      const at = await served();
      return at !== first && at;
    });
    expect(second).not.toBe(first);
    expect((await client.getData('/mine')).data?.toString()).toBe('x');
    // The one that was killed gets clients again when it serves.
    await start(ensemble, first);
    await kill(ensemble, second as number);
    await until('the session is at a third member or the first again', async () => {
      const at = await served();
      return at !== second && at;
    });
    expect((await client.getData('/mine')).data?.toString()).toBe('x');
  });
});
