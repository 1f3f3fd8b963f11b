import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  checkNode,
  dependenciesStand,
  installExtras,
  installPackages,
  installZooKeeper,
  reason,
  SetupError,
} from '../../bin/setup.js';

let folder: string;
let said: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'zksh-setup-'));
  mkdirSync(join(folder, 'bin'));
  said = [];
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A command of the pretended machine; every call is kept. */
function command(name: string, script: string): void {
  const file = join(folder, 'bin', name);
  writeFileSync(file, `#!/bin/sh\necho "${name} $*" >> ${folder}/calls\n${script}\n`);
  chmodSync(file, 0o755);
}

function calls(): string[] {
  const file = join(folder, 'calls');
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.filter((line) => /^(apt-get|sudo) /.test(line));
}

function machine(options: { uid?: number; env?: Record<string, string> } = {}) {
  const env = { PATH: join(folder, 'bin'), ...options.env };
  return { env, uid: options.uid ?? 0, nodeVersion: '20.20.2', say: (line: string) => said.push(line) };
}

const nothingInstalled = () => command('dpkg-query', 'exit 1');
const sentence = (run: () => void): string => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(SetupError);
    return (error as Error).message;
  }
  throw new Error('it went on');
};

describe('set-up of the Node it runs on', () => {
  it.each(['20.19.0', '20.20.2', '22.0.0', '26.1.0'])('accepts %s', (nodeVersion) => {
    expect(() => checkNode({ ...machine(), nodeVersion })).not.toThrow();
  });

  it.each(['20.18.3', '18.20.0', '8.0.0'])('refuses %s in one sentence', (nodeVersion) => {
    const text = sentence(() => checkNode({ ...machine(), nodeVersion }));
    expect(text).toBe(`zksh needs Node 20.19 or later, this is Node ${nodeVersion}.`);
  });
});

describe('set-up of dependencies', () => {
  function checkout(lock: Record<string, object>, installed?: Record<string, object>): boolean {
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify({ packages: { '': {}, ...lock } }));
    mkdirSync(join(folder, 'node_modules'));
    if (installed !== undefined) {
      writeFileSync(join(folder, 'node_modules/.package-lock.json'), JSON.stringify({ packages: installed }));
    }
    return dependenciesStand(folder);
  }
  const chalk = { 'node_modules/chalk': { version: '5.6.2' } };

  it('finds what the lock says', () => expect(checkout(chalk, chalk)).toBe(true));
  it('misses them on a fresh checkout', () => expect(checkout(chalk)).toBe(false));
  it('misses one package', () => expect(checkout(chalk, {})).toBe(false));
  it('notices another version', () =>
    expect(checkout(chalk, { 'node_modules/chalk': { version: '5.0.0' } })).toBe(false));
  it('does not ask for builds of other platforms', () =>
    expect(checkout({ 'node_modules/x-darwin': { version: '1.0.0', optional: true } }, {})).toBe(true));
});

describe('the reason a set-up gives', () => {
  it.each([
    ['E: Unable to locate package zookeeper\nE: more', 'Unable to locate package zookeeper'],
    [
      'npm error code ENOTFOUND\nnpm error syscall getaddrinfo\nnpm error network request to http://x/zx failed, reason: y',
      'request to http://x/zx failed, reason: y',
    ],
    ['npm error code EUSAGE\nnpm error\nnpm error Missing: chalk', 'Missing: chalk'],
    ['Segmentation fault', 'Segmentation fault'],
    ['', 'no output'],
  ])('of %j is %s', (output, why) => {
    expect(reason(output)).toBe(why);
  });
});

describe('set-up of Apache ZooKeeper', () => {
  it('does nothing when its packages are installed', () => {
    command('dpkg-query', 'echo "zookeeper installed"; echo "libservlet-api-java installed"');
    installZooKeeper(machine());
    expect([calls(), said]).toEqual([[], []]);
  });

  it('does nothing when ZOOKEEPER_HOME names one', () => {
    nothingInstalled();
    installZooKeeper(machine({ env: { ZOOKEEPER_HOME: '/opt/zookeeper' } }));
    expect(calls()).toEqual([]);
  });

  it('leaves a machine without dpkg to what the launcher finds', () => {
    installZooKeeper(machine());
    expect(calls()).toEqual([]);
  });

  it('installs what is missing, and says so', () => {
    command('dpkg-query', 'echo "zookeeper deinstall"; echo "libservlet-api-java installed"; exit 1');
    command('apt-get', 'exit 0');
    installZooKeeper(machine());
    expect(calls()).toEqual(['apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends zookeeper']);
    expect(said).toEqual(['Installing Apache ZooKeeper (apt-get install zookeeper), which can take some minutes …']);
  });

  it('fetches package lists only when they prove too old, and tries again', () => {
    nothingInstalled();
    command(
      'apt-get',
      `case "$*" in *update*) true > ${folder}/fresh;; *) test -f ${folder}/fresh || { echo "E: Unable to locate package zookeeper"; exit 100; };; esac`,
    );
    installZooKeeper(machine());
    expect(calls().map((call) => call.split(' ')[4])).toEqual(['install', 'update', 'install']);
    expect(said).toContain('Fetching newer package lists (apt-get update) …');
  });

  it('asks sudo, without a prompt, when not root', () => {
    nothingInstalled();
    command('sudo', 'exit 0');
    installZooKeeper(machine({ uid: 1000 }));
    expect(calls()).toEqual([
      'sudo -n DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 install -y ' +
        '--no-install-recommends zookeeper libservlet-api-java',
    ]);
  });

  it.each([
    ['there is no sudo', () => undefined],
    ['sudo wants a password', () => command('sudo', 'echo "sudo: a password is required" >&2; exit 1')],
  ])('says in one sentence what to run when %s', (_, prepare) => {
    nothingInstalled();
    prepare();
    expect(sentence(() => installZooKeeper(machine({ uid: 1000 })))).toBe(
      'Apache ZooKeeper is missing and to install it needs root: ' +
        'run `sudo apt-get install zookeeper libservlet-api-java` and try again.',
    );
  });

  it('passes on in one sentence why apt-get failed', () => {
    nothingInstalled();
    command('apt-get', 'echo "Reading package lists..."; echo "E: You do not have enough free space"; exit 100');
    expect(sentence(() => installZooKeeper(machine()))).toBe(
      'Apache ZooKeeper could not be installed (You do not have enough free space): ' +
        'run `sudo apt-get install zookeeper libservlet-api-java` and try again.',
    );
  });

  it('goes on with Maven where apt-get cannot', () => {
    nothingInstalled();
    command('mvn', 'exit 0');
    installZooKeeper(machine({ uid: 1000 }));
    expect(said.at(-1)).toMatch(/Going on with Maven\.$/);
  });

  it('names the packages of anything else that tests need', () => {
    nothingInstalled();
    command('apt-get', 'exit 0');
    installPackages(machine(), 'a terminal', ['tmux']);
    expect(said).toEqual(['Installing a terminal (apt-get install tmux), which can take some minutes …']);
  });
});

describe('set-up of what more tests need', () => {
  it('leaves a machine that is not made for tests alone', () => {
    nothingInstalled();
    installExtras(machine());
    expect(calls()).toEqual([]);
  });

  it('installs it in continuous integration', () => {
    nothingInstalled();
    command('apt-get', 'exit 0');
    installExtras(machine({ env: { CI: 'true' } }));
    expect(calls().join()).toContain('maven krb5-kdc');
  });

  it('goes on without when that fails', () => {
    nothingInstalled();
    command('apt-get', 'echo "E: no space"; exit 100');
    installExtras(machine({ env: { CI: 'true' } }));
    expect(said.at(-1)).toMatch(/Going on without\.$/);
  });
});
