import { chmod, mkdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { findZooKeeper } from '../../src/local/installation.ts';
import { writeLogConfig } from '../../src/local/log-config.ts';
import { claimPorts, releasePorts } from '../../src/local/ports.ts';
import { type Ended, startZksh, zksh } from './built.ts';
import { ownDirectory } from './own-directory.ts';
import { until } from './until.ts';

/**
 * Three servers as an operator has them: an ensemble file, a script that starts and stops each, and a link `current` that
 * says which release it starts.
 */
export interface Scripted {
  servers: string;
  file: string;
  journals: string;
  directory: string;
  run(argv: readonly string[]): Promise<Ended>;
  start(argv: readonly string[]): ReturnType<typeof startZksh>;
  /** What each member says it runs, `3.9.5`; undefined while it says nothing. */
  releases(): Promise<(string | undefined)[]>;
  /** What the link of each says. */
  links(): Promise<string[]>;
  leader(): Promise<number | undefined>;
  member(id: number): string;
}

/** `$1` is the deed. The process is the server's own: it replaces the shell. */
const SCRIPT = `#!/bin/sh
here=$(dirname "$0")
alive() { pid=$(cat "$here/pid" 2>/dev/null) && kill -0 "$pid" 2>/dev/null; }
case "$1" in
start)
  alive && exit 0
  setsid sh -c 'echo $$ >"$0/pid"; exec java -Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$(cat "$0/current/classpath")" org.apache.zookeeper.server.quorum.QuorumPeerMain "$0/zoo.cfg"' "$here" >>"$here/server.log" 2>&1 </dev/null &
  while [ ! -s "$here/pid" ]; do sleep 0.05; done ;;
stop)
  alive || exit 0
  kill "$pid"; while kill -0 "$pid" 2>/dev/null; do sleep 0.05; done; rm -f "$here/pid" ;;
status)
  alive && { echo "pid $pid"; exit 0; }
  exit 3 ;;
esac
`;

/** Of these releases, the first of which is running at the beginning; one that is called \`broken\` does not start. */
export function useReleases(releases: readonly string[], cfg: readonly string[] = []): () => Scripted {
  let made: { directory: string; ports: number[] } | undefined;
  const script = (id: number) => join(made?.directory ?? '', `m${id}`, 'server.sh');
  const deed = async (id: number, what: string) => {
    const { runChild } = await import('../../src/hosts/child.ts');
    return runChild(['/bin/sh', script(id), what], { timeout: 30_000, maxOutput: 10_000 });
  };
  beforeAll(async () => {
    const directory = await ownDirectory('releases');
    made = { directory, ports: await claimPorts('127.0.0.1', 9, directory) };
    await writeLogConfig(directory);
    for (const version of releases) await release(directory, version);
    for (const id of [1, 2, 3]) await member(directory, id, made.ports, releases[0] ?? '', cfg);
    await writeFile(join(directory, 'ensemble.yaml'), ensembleFile(directory, made.ports));
    for (const id of [1, 2, 3]) await deed(id, 'start');
    await until('the ensemble', async () => (await status()).filter(({ role }) => role === 'follower').length === 2);
  }, 300_000);
  afterAll(async () => {
    if (made === undefined) return;
    for (const id of [1, 2, 3]) await deed(id, 'stop');
    await releasePorts(made.ports, made.directory);
    await rm(made.directory, { recursive: true, force: true });
  }, 60_000);
  const servers = () => [0, 1, 2].map((i) => `127.0.0.1:${made?.ports[i]}`);
  const env = () => ({ HOME: made?.directory ?? '', XDG_STATE_HOME: join(made?.directory ?? '', 'state') });
  const status = async (): Promise<{ role: string; version?: string }[]> => {
    const named = servers().map((server, i) => `${i + 1}=${server}`);
    const { stdout } = await zksh(
      ['status', '-S', servers().join(), '--members', named.join(), '--admin', 'off', '--wait', '2s', '-o', 'json'],
      { env: env() },
    );
    return (JSON.parse(stdout) as { members: { role: string; version?: string }[] }).members;
  };
  return () => {
    if (made === undefined) throw new Error('the servers are only there inside tests');
    const { directory } = made;
    const file = join(directory, 'ensemble.yaml');
    const with_ = (argv: readonly string[]) => [...argv, '--ensemble', file, '--admin', 'off'];
    return {
      servers: servers().join(),
      file,
      directory,
      journals: join(directory, 'state', 'zksh', 'changes'),
      run: (argv) => zksh(with_(argv), { env: env() }),
      start: (argv) => startZksh(with_(argv), { env: env() }),
      releases: async () => (await status()).map(({ version }) => version),
      links: () =>
        Promise.all([1, 2, 3].map(async (id) => basename(await readlink(join(directory, `m${id}`, 'current'))))),
      leader: async () => (await status()).findIndex(({ role }) => role === 'leader') + 1 || undefined,
      member: (id) => join(directory, `m${id}`),
    };
  };
}

/** A directory of a release, as `/opt/zookeeper-3.9.5` is one. */
async function release(directory: string, version: string): Promise<void> {
  const path = join(directory, 'releases', version);
  await mkdir(path, { recursive: true });
  const jars = version === 'broken' ? ['/nowhere'] : (await findZooKeeper({ version })).classPath;
  await writeFile(join(path, 'classpath'), [join(directory, 'log-config'), ...jars].join(':'));
}

async function member(
  directory: string,
  id: number,
  ports: readonly number[],
  version: string,
  cfg: readonly string[],
): Promise<void> {
  const own = join(directory, `m${id}`);
  await mkdir(join(own, 'data'), { recursive: true });
  await writeFile(join(own, 'data', 'myid'), `${id}\n`);
  const lines = [
    'tickTime=2000',
    'initLimit=10',
    'syncLimit=5',
    `dataDir=${own}/data`,
    `clientPort=${ports[id - 1]}`,
    'clientPortAddress=127.0.0.1',
    'admin.enableServer=false',
    '4lw.commands.whitelist=*',
    ...[1, 2, 3].map((one) => `server.${one}=127.0.0.1:${ports[2 + one]}:${ports[5 + one]}`),
    ...cfg,
  ];
  await writeFile(join(own, 'zoo.cfg'), `${lines.join('\n')}\n`);
  await writeFile(join(own, 'server.sh'), SCRIPT);
  await chmod(join(own, 'server.sh'), 0o755);
  await symlink(join(directory, 'releases', version), join(own, 'current'));
}

function ensembleFile(directory: string, ports: readonly number[]): string {
  const members = [1, 2, 3].map(
    (id) => `  - id: ${id}
    server: 127.0.0.1:${ports[2 + id]}:${ports[5 + id]};127.0.0.1:${ports[id - 1]}
    host: local
    service: {start: ${directory}/m${id}/server.sh start, stop: ${directory}/m${id}/server.sh stop, status: ${directory}/m${id}/server.sh status}
    files: {config: ${directory}/m${id}/zoo.cfg}`,
  );
  return `name: scripted\nmembers:\n${members.join('\n')}\n`;
}

/** The entries of the newest journal, as far as they are whole. */
export async function entriesOf(path: string): Promise<{ type: string; step?: string }[]> {
  const text = await readFile(path, 'utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { type: string; step?: string });
}
