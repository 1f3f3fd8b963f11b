// The set-up that `npm start` and `npm test` do on a checkout. It runs before there are dependencies, so it knows
// Node's own modules only. Nothing is done twice: each step looks first at what stands.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const TOOLS = ['tmux', 'openssl', 'procps', 'iproute2'];
const EXTRAS = [
  ...['maven', 'krb5-kdc', 'krb5-admin-server', 'krb5-user', 'libkrb5-dev', 'g++', 'make', 'zsh', 'fish'],
  ...['faketime', 'chromium', 'haproxy', 'nginx-light', 'libnginx-mod-stream'],
  // A machine that is not made for tests gets no server that listens.
  ...['openssh-server', 'openssh-client', 'sudo'],
];

/** A set-up that cannot go on; its message is the one sentence the person reads. */
export class SetupError extends Error {}

/**
 * What the set-up needs of the machine, replaced in tests.
 * @typedef {object} Machine
 * @property {NodeJS.ProcessEnv} env
 * @property {number | undefined} uid
 * @property {string} nodeVersion without the `v`
 * @property {(line: string) => void} say
 */

/** @type {Machine} */
const thisMachine = {
  env: process.env,
  uid: process.getuid?.(),
  nodeVersion: process.versions.node,
  say: (line) => process.stderr.write(`${line}\n`),
};

/**
 * Runs a command to its end with its output kept, to be shown only if it fails.
 * @param {Machine} machine
 * @param {string} command
 * @param {readonly string[]} args
 */
function run(machine, command, args) {
  const env = { ...machine.env, DEBIAN_FRONTEND: 'noninteractive' };
  const done = spawnSync(command, args, { cwd: root, env, encoding: 'utf8', maxBuffer: 1 << 28 });
  const output = `${done.stdout ?? ''}${done.stderr ?? ''}`.trim();
  return { ok: done.status === 0, found: done.error === undefined, output };
}

/**
 * The line of a failed command that says why, for the middle of a sentence.
 * @param {string} output
 */
export function reason(output) {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const notWhy = /^npm error( (code|errno|syscall|A complete log)|$)/;
  const why =
    lines.find((line) => /^(E:|npm error|sudo:)/.test(line) && !notWhy.test(line)) ?? lines.at(-1) ?? 'no output';
  return why.replace(/^(E:|npm error( network| FetchError:)?)\s*/, '').trim();
}

/** @param {Machine} machine */
export function checkNode(machine = thisMachine) {
  const [major = 0, minor = 0] = machine.nodeVersion.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new SetupError(`zksh needs Node 20.19 or later, this is Node ${machine.nodeVersion}.`);
}

/**
 * Whether node_modules holds what package-lock.json says; npm keeps its own record of what it installed there.
 * @param {string} folder
 */
export function dependenciesStand(folder) {
  const installed = join(folder, 'node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  const { packages: here } = JSON.parse(readFileSync(installed, 'utf8'));
  const { packages: wanted } = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      // Builds for other platforms are in the lock but not on this machine.
      path === '' || (here[path] === undefined ? optional === true : here[path].version === version),
  );
}

/** @param {Machine} machine */
function installDependencies(machine) {
  if (dependenciesStand(root)) return;
  machine.say('Installing dependencies (npm ci) …');
  const npm = run(machine, 'npm', ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']);
  if (!npm.found) throw new SetupError('npm is not on the PATH; it comes with Node.');
  if (!npm.ok) throw new SetupError(`npm could not install the dependencies: ${reason(npm.output)}.`);
}

/**
 * When anything under a path was last changed (ms); a folder's own time tells of deleted files.
 * @param {string} path
 * @returns {number}
 */
function newest(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  return Math.max(found.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/** Whether dist/ was built from the sources as they are now; the manifest is what a build writes last. */
function buildStands() {
  const sources = ['src', 'commands', 'bin/build.js', 'bin/bundle.js', 'package.json', 'tsconfig.json'].map((name) =>
    newest(join(root, name)),
  );
  return newest(join(root, 'oclif.manifest.json')) > Math.max(...sources);
}

/** @param {Machine} machine */
function build(machine) {
  if (buildStands()) return;
  machine.say('Building (tsc) …');
  const built = run(machine, process.execPath, [join(root, 'bin', 'build.js')]);
  if (built.ok) return;
  machine.say(built.output);
  throw new SetupError('The sources do not compile.');
}

/**
 * Debian packages of a list that are not installed; nothing where there is no dpkg to ask.
 * @param {Machine} machine
 * @param {readonly string[]} names
 */
function missingPackages(machine, names) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query fills these in
  const asked = run(machine, 'dpkg-query', ['--show', '--showformat=${Package} ${db:Status-Status}\\n', ...names]);
  if (!asked.found) return [];
  const installed = new Set(asked.output.split('\n').filter((line) => line.endsWith(' installed')));
  return names.filter((name) => !installed.has(`${name} installed`));
}

/**
 * Installs Debian packages that are missing; package lists are fetched only when they turn out to be too old.
 * @param {Machine} machine
 * @param {string} what the packages are for
 * @param {readonly string[]} names
 */
export function installPackages(machine, what, names) {
  const missing = missingPackages(machine, names);
  if (missing.length === 0) return;
  const aptGet = ['apt-get', '-q', '-o', 'DPkg::Lock::Timeout=300'];
  // sudo drops the environment, so the frontend is named on its command line.
  const prefix = machine.uid === 0 ? [] : ['sudo', '-n', 'DEBIAN_FRONTEND=noninteractive'];
  const install = [...prefix, ...aptGet, 'install', '-y', '--no-install-recommends', ...missing];
  const update = [...prefix, ...aptGet, 'update'];
  machine.say(`Installing ${what} (apt-get install ${missing.join(' ')}), which can take some minutes …`);
  const apt = (/** @type {string[]} */ [command = '', ...args]) => run(machine, command, args);

  let done = apt(install);
  if (!done.ok && /Unable to locate package|no installation candidate|Unable to fetch|404/.test(done.output)) {
    machine.say('Fetching newer package lists (apt-get update) …');
    const updated = apt(update);
    done = updated.ok ? apt(install) : updated;
  }
  if (done.ok) return;
  const byHand = `run \`sudo apt-get install ${missing.join(' ')}\` and try again`;
  if (!done.found || /^sudo:/m.test(done.output)) {
    throw new SetupError(`${what} is missing and to install it needs root: ${byHand}.`);
  }
  throw new SetupError(`${what} could not be installed (${reason(done.output)}): ${byHand}.`);
}

/** @param {Machine} machine */
export function installZooKeeper(machine) {
  // Named by hand, that release is used and nothing else is needed.
  if (machine.env.ZOOKEEPER_HOME) return;
  const packages = JSON.parse(readFileSync(join(root, 'src/local/debian-packages.json'), 'utf8'));
  try {
    installPackages(machine, 'Apache ZooKeeper', packages);
  } catch (error) {
    // `local up` fetches a release by itself where there is Maven, which needs no root.
    if (!(error instanceof SetupError) || !run(machine, 'mvn', ['--version']).ok) throw error;
    machine.say(`${error.message} Going on with Maven.`);
  }
}

/**
 * What lets more tests run: other releases of ZooKeeper, a Kerberos realm, more shells, a browser. Without it they are skipped, so
 * it is installed only on machines made for tests, and a failure is no harm.
 * @param {Machine} machine
 */
export function installExtras(machine) {
  if (!machine.env.CI) return;
  try {
    installPackages(machine, 'what skipped tests lack', EXTRAS);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    machine.say(`${error.message} Going on without.`);
  }
}

/**
 * Everything that a checkout needs to be started.
 * @param {Machine} [machine]
 */
export function setUp(machine = thisMachine) {
  checkNode(machine);
  installDependencies(machine);
  build(machine);
  installZooKeeper(machine);
}

/**
 * Everything that its tests need: the build is one of them, so it is left to them.
 * @param {Machine} [machine]
 */
export function setUpTests(machine = thisMachine) {
  checkNode(machine);
  installDependencies(machine);
  installZooKeeper(machine);
  installPackages(machine, 'what the tests call', TOOLS);
  installExtras(machine);
}

/**
 * Runs a set-up and ends the program with its sentence when it cannot go on.
 * @param {() => void} steps
 */
export function orExplain(steps) {
  try {
    steps();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`error: ${error.message}\n`);
    process.exit(1);
  }
}
