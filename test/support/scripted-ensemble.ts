import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { formatServerLine } from '../../src/ensemble/server-line.ts';
import { defaultCacheDir, findZooKeeper } from '../../src/local/installation.ts';
import { logConfigDirectory, writeLogConfig } from '../../src/local/log-config.ts';
import { memberDirectory } from '../../src/local/record.ts';
import { makeSuperUser, superDigest, superSecretFile } from '../../src/local/super-user.ts';
import { memberConfig, serverLine } from '../../src/local/zoo-cfg.ts';
import { ownDirectory } from './own-directory.ts';

/** Where a server is, or will be. */
export interface Place {
  id: number;
  host: string;
  clientPort: number;
  quorumPort: number;
  electionPort: number;
}

/**
 * Real servers as an operator has them: an ensemble file, and on each machine a script that starts and stops the server.
 * Those that are no members yet are in the file, and nothing of them is on their machines.
 */
export interface ScriptedEnsemble {
  directory: string;
  /** The ensemble file. */
  file: string;
  /** Flag that makes who uses it the super user. */
  auth: string;
  superSecret: string;
  /** Every server there may ever be: what an operator gives to clients before a membership changes. */
  connectString: string;
  connectStringOf(ids: readonly number[]): string;
  /** The script of the service with its deed, to be run on the machine of that server. */
  service(deed: 'start' | 'stop' | 'status', id: number): readonly [string, ...string[]];
  /** Process of a server by what its script wrote down; undefined when none was started, or it was stopped. */
  pid(id: number): Promise<number | undefined>;
  /** Empties what a server that left had, as its operator does before it comes back. */
  wipe(id: number): Promise<void>;
  log(id: number): Promise<string>;
}

/** Its port would be the same for all on one machine, and a new server takes its settings from another. */
const NO_ADMIN = { 'admin.enableServer': 'false' };

/** Lays out the files of the first members; starting them is the caller's. */
export async function scriptedEnsemble(how: {
  name: string;
  places: readonly Place[];
  members: readonly number[];
  /** `host:` of the ensemble file. */
  host: object | 'local';
  directory?: string;
}): Promise<ScriptedEnsemble> {
  const { name, places, members, host } = how;
  const directory = how.directory ?? (await ownDirectory('scripted'));
  await makeSuperUser(directory);
  await writeLogConfig(directory);
  const { classPath, version } = await findZooKeeper({ cacheDir: `${defaultCacheDir()}-unnamed` });
  const script = join(directory, 'service.sh');
  await writeFile(script, serviceScript([logConfigDirectory(directory), ...classPath].join(':')));
  await chmod(script, 0o755);
  const records = places.map((place) => ({ ...place, role: 'participant' as const }));
  const first = records.filter(({ id }) => members.includes(id));
  for (const member of first) {
    const own = memberDirectory(directory, member.id);
    const input = { spec: { name, config: NO_ADMIN }, version, member, members: first };
    const digest = await superDigest(directory);
    const { zooCfg, dynamic = '' } = memberConfig({ ...input, directory: own, superDigest: digest });
    await mkdir(join(own, 'data'), { recursive: true });
    await writeFile(join(own, 'data', 'myid'), `${member.id}\n`);
    await writeFile(join(own, 'zoo.cfg.dynamic'), dynamic);
    await writeFile(join(own, 'zoo.cfg'), zooCfg);
  }
  const control = (deed: string): string => `${script} ${deed} {config}`;
  const file = join(directory, 'ensemble.yaml');
  const described = {
    name,
    defaults: {
      host,
      service: Object.fromEntries(['start', 'stop', 'restart', 'status'].map((deed) => [deed, control(deed)])),
    },
    members: records.map((record) => ({
      id: record.id,
      server: formatServerLine(serverLine(record)),
      files: {
        config: join(memberDirectory(directory, record.id), 'zoo.cfg'),
        dataDir: join(memberDirectory(directory, record.id), 'data'),
      },
    })),
  };
  // JSON is YAML, too.
  await writeFile(file, JSON.stringify(described, undefined, 2));
  const own = (id: number): string => memberDirectory(directory, id);
  const connectStringOf = (ids: readonly number[]): string =>
    places.flatMap(({ id, host: at, clientPort }) => (ids.includes(id) ? [`${at}:${clientPort}`] : [])).join(',');
  return {
    directory,
    file,
    auth: `digest:super:file:${superSecretFile(directory)}`,
    superSecret: (await readFile(superSecretFile(directory), 'utf8')).trim(),
    connectString: connectStringOf(places.map(({ id }) => id)),
    connectStringOf,
    service: (deed, id) => [script, deed, join(own(id), 'zoo.cfg')],
    async pid(id) {
      const text = await readFile(join(own(id), 'pid'), 'utf8').catch(() => '');
      return text === '' ? undefined : Number(text);
    },
    wipe: (id) => rm(own(id), { recursive: true, force: true }),
    log: (id) => readFile(join(own(id), 'server.log'), 'utf8').catch(() => 'it was never started'),
  };
}

/** When the test fails its log ends are printed; called after what removes them, since the last is called first. */
export function tellLogsOf(ensemble: ScriptedEnsemble, ids: readonly number[]): void {
  onTestFinished(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    for (const id of ids) {
      const end = (await ensemble.log(id)).split('\n').slice(-15).join('\n');
      process.stderr.write(`--- member ${id}, end of its log ---\n${end}\n`);
    }
  });
}

/** $1 deed, $2 zoo.cfg. The server is a session of its own: it outlives the connection through which it was started. */
function serviceScript(classPath: string): string {
  return `#!/bin/sh
own=$(dirname "$2")
alive() { [ -s "$own/pid" ] && grep -qs '^State:[[:space:]]*[^Z]' "/proc/$(cat "$own/pid")/status"; }
start() {
  alive && return 0
  cd "$own" || exit 1
  setsid java -Xmx256m -Xms32m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto -XX:-UsePerfData \\
    -cp '${classPath}' org.apache.zookeeper.server.quorum.QuorumPeerMain "$2" >>"$own/server.log" 2>&1 </dev/null &
  echo $! >"$own/pid"
}
stop() {
  n=0
  while alive; do
    if [ $n -lt 100 ]; then kill "$(cat "$own/pid")"; else kill -9 "$(cat "$own/pid")"; fi
    n=$((n + 1))
    sleep 0.1
  done
  rm -f "$own/pid"
}
status() {
  alive && echo "it runs, pid $(cat "$own/pid")" && exit 0
  [ -f "$own/pid" ] && echo 'it died' && exit 1
  echo 'it is stopped' && exit 3
}
case $1 in
start) start "$@" ;;
stop) stop ;;
restart) stop && start "$@" ;;
status) status ;;
esac
`;
}
