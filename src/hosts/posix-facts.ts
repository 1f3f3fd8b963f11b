import { ExitCode } from '../protocol/errors.ts';
import { must, type Shell } from './framed-shell.ts';
import type { HostClock, HostDriver, Limits, PortAnswer, Space } from './host.ts';
import { absolute, endOf, HostError } from './host-error.ts';

type Facts = Pick<HostDriver, 'space' | 'freeMemory' | 'clock' | 'portOpen'>;

const DEFAULT_PORT_TIMEOUT = 5000;
/** What the way there and back may add to the wait for a port. Milliseconds. */
const ROUND_TRIP = 15_000;

/**
 * $1 host, $2 port, $3 seconds. POSIX has no program that connects; zkServer.sh needs bash, so that is what most hosts
 * of servers have. 64: nothing to try it with, 65: no answer in time.
 */
const PORT = `LC_ALL=C; export LC_ALL
if command -v bash >/dev/null 2>&1; then
  bash -c 'exec 3<>"/dev/tcp/$1/$2"' bash "$1" "$2" </dev/null &
elif command -v nc >/dev/null 2>&1; then nc -z "$1" "$2" </dev/null &
elif command -v python3 >/dev/null 2>&1; then
  python3 -c 'import socket,sys
try: socket.create_connection((sys.argv[1],int(sys.argv[2])))
except OSError as e: sys.exit(str(e))' "$1" "$2" </dev/null &
elif command -v perl >/dev/null 2>&1; then
  perl -MIO::Socket::INET -e 'IO::Socket::INET->new(PeerAddr=>$ARGV[0],PeerPort=>$ARGV[1]) or die "$@\\n"' "$1" "$2" </dev/null &
else exit 64; fi
p=$!
(sleep "$3"; kill "$p") </dev/null >/dev/null 2>&1 &
k=$!
wait "$p"; c=$?
kill "$k" 2>/dev/null
[ $c -lt 128 ] || exit 65
exit $c`;

/** What a host is like, over a shell. */
export function posixFacts(name: string, shell: Shell, now: () => number = Date.now): Facts {
  const ask = (script: string, args: readonly string[], what: string, limits: Limits = {}) =>
    must(name, shell, script, args, { ...limits, what, idempotent: true });
  return {
    async space(path, limits) {
      const what = `asking for the space at ${absolute(path)}`;
      const { stdout } = await ask('LC_ALL=C exec df -P -k "$1"', [path], what, limits);
      const found = parseDf(stdout.toString('utf8'));
      if (found === undefined) throw unreadable(name, what, stdout);
      return found;
    },
    async freeMemory(limits) {
      const { stdout } = await ask('cat /proc/meminfo 2>/dev/null; exit 0', [], 'asking for the free memory', limits);
      return parseMeminfo(stdout.toString('utf8'));
    },
    async clock(limits) {
      const before = now();
      const { stdout } = await ask("exec date '+%s.%N'", [], 'asking for the time', limits);
      const read = parseClock(stdout.toString('utf8'), before, now());
      if (read === undefined) throw unreadable(name, 'asking for the time', stdout);
      return read;
    },
    async portOpen(host, port, { timeout = DEFAULT_PORT_TIMEOUT, signal } = {}) {
      const ran = await shell(PORT, [host, `${port}`, `${Math.ceil(timeout / 1000)}`], {
        what: `connecting to ${host}:${port}`,
        timeout: timeout + ROUND_TRIP,
        signal,
        idempotent: true,
      });
      return portAnswer(ran.code, ran.stderr);
    },
  };
}

/** The last line of `df -P -k`. */
export function parseDf(text: string): Space | undefined {
  const line = text.trimEnd().split('\n').at(-1) ?? '';
  const match = /^(.+?)\s+(\d+)\s+(\d+)\s+(-?\d+)\s+(?:\d+%|-)\s+(\/.*)$/.exec(line);
  if (match === null) return undefined;
  const [, device = '', size, , free, mount = ''] = match;
  // Different file systems without a device, such as two tmpfs, have one name.
  const distinct = /[/:]/.test(device) ? device : `${device} at ${mount}`;
  return { device: distinct, mount, free: Math.max(0, Number(free)) * 1024, size: Number(size) * 1024 };
}

export function parseMeminfo(text: string): number | undefined {
  const of = (key: string): number | undefined => {
    const [, kilobytes] = new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(text) ?? [];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  };
  // Before Linux 3.14 there is no MemAvailable; what caches hold is not counted then.
  return of('MemAvailable') ?? of('MemFree');
}

/** Where `date` knows no fractions, the time is right within a second. */
function parseClock(text: string, before: number, after: number): HostClock | undefined {
  const [, seconds, fraction] = /^(\d{9,11})\.(\d{9})?/.exec(text.trim()) ?? [];
  if (seconds === undefined) return undefined;
  const missing = fraction === undefined ? 500 : 0;
  const time = Number(seconds) * 1000 + (fraction === undefined ? missing : Math.round(Number(fraction) / 1e6));
  const uncertainty = Math.ceil((after - before) / 2) + missing;
  return { time, offset: Math.round(time - (before + after) / 2), uncertainty };
}

function portAnswer(code: number, stderr: string): PortAnswer {
  const detail = endOf(stderr.replace(/^(?:bash: )?(?:line \d+: )?/gm, ''));
  if (code === 0) return { state: 'open', detail: 'connected' };
  if (code === 64) return { state: 'unknown', detail: 'there is no bash, nc, python3 or perl to try it with' };
  if (code === 65 || /timed out/i.test(stderr)) return { state: 'silent', detail: 'no answer' };
  // Nobody has the address, or a firewall says so: the port was not even asked.
  if (/no route to host|is unreachable/i.test(stderr)) return { state: 'silent', detail };
  if (/not known|resolution|resolve|unknown host|invalid host|No address/i.test(stderr))
    return { state: 'unresolved', detail };
  return { state: 'closed', detail: detail === '' ? 'connection refused' : detail };
}

function unreadable(name: string, what: string, stdout: Buffer): HostError {
  return new HostError(name, `${what} gave nothing that can be read: ${endOf(stdout.toString('utf8'))}`, {
    code: 'HOST_COMMAND_FAILED',
    exitCode: ExitCode.failure,
    outcome: 'failed',
    hint: 'Commands there may be replaced by others of the same names.',
  });
}
