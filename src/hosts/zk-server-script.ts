import type { Service, ServiceStatus } from './host.ts';
import { endOf } from './host-error.ts';
import type { ServiceHost } from './posix-host.ts';
import { scriptedService } from './service.ts';

/**
 * $1 zkServer.sh, $2 its zoo.cfg, $3 the pid file, if it is not where the script puts it. Sets `f` to the pid file and `p`
 * to the pid in it, empty when there is none.
 */
const PID = `f=$3
[ -n "$f" ] || f=$(sed -n 's/^[[:space:]]*dataDir[[:space:]]*=[[:space:]]*//p' "$2" | tail -n 1)/zookeeper_server.pid
p=$(cat "$f" 2>/dev/null)
case $p in *[!0-9]*) p=;; esac
lives() { [ -d "/proc/$1" ] || ps -p "$1" >/dev/null 2>&1; }
`;
const START = 'exec "$1" start "$2"';
/** The script sends a signal, waits a second and says STOPPED, whatever the server does: the process is waited for here. */
const STOP = `"$1" stop "$2" || exit 1
[ -z "$p" ] || while lives "$p"; do sleep 1; done`;
const STATUS = `if [ -z "$p" ]; then echo stopped; exit 3; fi
if ! lives "$p"; then echo "pid $p of $f is gone"; exit 1; fi
if [ -r "/proc/$p/cmdline" ] && ! tr '\\0' ' ' <"/proc/$p/cmdline" | grep QuorumPeerMain >/dev/null; then
  echo "pid $p of $f is another program now"; exit 1
fi
echo "pid $p"`;

/**
 * A server that zkServer.sh runs. Its `restart` starts three seconds after the signal, whether the old server has gone or
 * not, so it is not used; its `status` asks the server, not for its process.
 */
export function zkServerService(
  host: ServiceHost,
  { zkServer, config, pidFile = '' }: { zkServer: string; config: string; pidFile?: string | undefined },
): Service {
  const args = [zkServer, config, pidFile] as const;
  return scriptedService(host, {
    what: `${zkServer} with ${config}`,
    deeds: {
      start: [START, ...args],
      stop: [`${PID}${STOP}`, ...args],
      restart: [`${PID}${STOP}\n${START}`, ...args],
    },
    status: [`${PID}${STATUS}`, ...args],
    read: (code, stdout, stderr): ServiceStatus => {
      const [, pid] = /^pid (\d+)$/m.exec(stdout) ?? [];
      const detail = endOf(stdout) || endOf(stderr);
      if (code === 0 && pid !== undefined) return { state: 'running', pid: Number(pid), detail };
      return { state: code === 3 ? 'stopped' : code === 1 ? 'failed' : 'unknown', detail };
    },
  });
}
