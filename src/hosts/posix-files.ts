import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path/posix';
import { ExitCode } from '../protocol/errors.ts';
import { failed, must, type Shell } from './framed-shell.ts';
import type { FileStat, HostDriver, Limits, Ownership } from './host.ts';
import { absolute, HostError } from './host-error.ts';

type Files = Pick<HostDriver, 'readFile' | 'writeFile' | 'stat' | 'list' | 'makeDirectory' | 'removeFile'>;

/** Error texts in the words that are looked for. */
const PLAIN = 'LC_ALL=C; export LC_ALL\n';
const IS_DIRECTORY = 45;
const CUT_SHORT = 46;
/** A directory of transaction logs that nobody purges. */
const MAX_LISTING = 16 * 1024 * 1024;

/** The one way to a file's mode and owner that is POSIX. */
const STAT = `${PLAIN}exec ls -ldL "$1"`;

const LIST = `${PLAIN}ls -ldL "$1/." >/dev/null || exit 1
[ -r "$1" ] || { echo "$1: Permission denied" >&2; exit 1; }
cd "$1" || exit 1
for f in * .[!.]* ..?*; do { [ -e "$f" ] || [ -h "$f" ]; } && printf '%s\\0' "$f"; done
exit 0`;

/**
 * $1 the file, $2 the name of the temporary one, $3 its size, $4 mode, $5 owner. What came is counted before it takes the
 * place of the file: a connection that breaks looks like the end of the input.
 */
const WRITE = `${PLAIN}umask 077; f=$1; n=0
while [ -h "$f" ]; do
  n=$((n+1)); [ $n -le 40 ] || { echo "$1: Too many levels of symbolic links" >&2; exit 1; }
  l=$(readlink "$f" && printf x) || exit 1
  l=\${l%?x}
  case $l in /*) f=$l;; *) f=\${f%/*}/$l;; esac
done
[ ! -d "$f" ] || exit ${IS_DIRECTORY}
d=\${f%/*}; t=$d/$2; o=$5
[ -d "$d/." ] || { ls -ldL "$d/." >&2; exit 1; }
trap 'rm -f "$t"' 0
trap 'exit 1' HUP INT TERM
set -C
cat >"$t" || exit 1
set +C
[ $(wc -c <"$t") -eq "$3" ] || exit ${CUT_SHORT}
if [ -z "$o" ] && [ -e "$f" ]; then o=$(ls -ldn "$f" | awk 'NR==1{print $3":"$4}'); fi
if [ -n "$o" ] && [ "$o" != "$(ls -ldn "$t" | awk 'NR==1{print $3":"$4}')" ]; then chown "$o" "$t" || exit 1; fi
chmod "$4" "$t" || exit 1
sync "$t" 2>/dev/null || sync
mv -f "$t" "$f" || exit 1
trap - 0
sync "$d/" 2>/dev/null || sync`;

const MAKE_DIRECTORY = `${PLAIN}umask 022
if [ -e "$1" ]; then [ -d "$1" ] && { echo there; exit 0; }; echo "$1: Not a directory" >&2; exit 1; fi
p=\${1%/*}; mkdir -p "\${p:-/}" || exit 1
umask 077; mkdir "$1" || exit 1
{ [ -z "$3" ] || chown "$3" "$1"; } && chmod "$2" "$1" || { rmdir "$1"; exit 1; }`;

const REMOVE = `${PLAIN}if ! [ -e "$1" ] && ! [ -h "$1" ]; then
  e=$(ls -ld "$1" 2>&1)
  case $e in *'No such file'*|*'Not a directory'*) echo missing; exit 0;; *) echo "$e" >&2; exit 1;; esac
fi
[ -h "$1" ] || [ ! -d "$1" ] || exit ${IS_DIRECTORY}
exec rm -f "$1"`;

/** Files over a shell: what POSIX has, and `readlink`. */
export function posixFiles(name: string, shell: Shell): Files {
  const options = (what: string, limits: Limits = {}, more: object = {}) => ({
    what,
    timeout: limits.timeout,
    signal: limits.signal,
    ...more,
  });
  return {
    async readFile(path, { maxBytes, end = false, ...limits }) {
      const what = `reading ${absolute(path)}`;
      const script = end ? 'exec tail -c "$2" "$1"' : 'exec cat "$1"';
      const how = options(what, limits, { idempotent: true, maxOutput: maxBytes });
      return (await must(name, shell, `${PLAIN}${script}`, [path, `${maxBytes}`], how)).stdout;
    },
    async writeFile(path, content, { mode, owner = '', ...limits }) {
      const what = `writing ${absolute(path)}`;
      const bytes = Buffer.from(content);
      const temporary = `.zksh-${randomBytes(8).toString('hex')}.tmp`;
      const args = [path, temporary, `${bytes.length}`, mode.toString(8), owner];
      const how = options(what, limits, { stdin: bytes });
      const ran = await shell(WRITE, args, how);
      if (ran.code === IS_DIRECTORY) throw isDirectory(name, path);
      if (ran.code === CUT_SHORT) throw cutShort(name, path);
      if (ran.code !== 0) throw failed(name, ran, how);
    },
    async stat(path, limits) {
      const how = options(`looking at ${absolute(path)}`, limits, { idempotent: true });
      const ran = await shell(STAT, [path], how);
      if (ran.code !== 0 && /No such file|Not a directory/i.test(ran.stderr)) return undefined;
      const found = parseLs(ran.stdout.toString('utf8'));
      if (ran.code !== 0 || found === undefined) throw failed(name, ran, how);
      return found;
    },
    async list(path, limits) {
      const how = options(`listing ${absolute(path)}`, limits, { idempotent: true, maxOutput: MAX_LISTING });
      const { stdout } = await must(name, shell, LIST, [path], how);
      return stdout.toString('utf8').split('\0').slice(0, -1).sort();
    },
    async makeDirectory(path, { mode, owner = '', ...limits }: Limits & Ownership) {
      const how = options(`making ${absolute(path)}`, limits);
      const bare = path.replace(/(.)\/+$/, '$1');
      const { stdout } = await must(name, shell, MAKE_DIRECTORY, [bare, mode.toString(8), owner], how);
      return stdout.toString('utf8').trim() !== 'there';
    },
    async removeFile(path, limits) {
      const how = options(`removing ${absolute(path)}`, limits);
      const ran = await shell(REMOVE, [path], how);
      if (ran.code === IS_DIRECTORY) throw isDirectory(name, path);
      if (ran.code !== 0) throw failed(name, ran, how);
      return ran.stdout.toString('utf8').trim() !== 'missing';
    },
  };
}

const LETTERS: Readonly<Record<string, FileStat['kind']>> = { '-': 'file', d: 'directory' };

/** The first line of `ls -ld`: mode, links, owner, group, size. A name in it may hold anything, and comes after. */
export function parseLs(line: string): FileStat | undefined {
  const match = /^([-a-zA-Z])([-rwxsStTlL]{9})\S*\s+\d+\s+(\S+)\s+(\S+)\s+(\d+)(,)?/.exec(line);
  if (match === null) return undefined;
  const [, letter = '', bits = '', owner = '', group = '', size = '', device] = match;
  return {
    kind: LETTERS[letter] ?? 'other',
    mode: modeOf(bits),
    owner,
    group,
    size: device === undefined ? Number(size) : 0,
  };
}

function modeOf(bits: string): number {
  const plain = [...bits].reduce((mode, letter) => mode * 2 + (/[rwxst]/.test(letter) ? 1 : 0), 0);
  const special = [2, 5, 8].map((index) => /[sStT]/.test(bits[index] ?? ''));
  return plain + (special[0] ? 0o4000 : 0) + (special[1] ? 0o2000 : 0) + (special[2] ? 0o1000 : 0);
}

export function isDirectory(name: string, path: string): HostError {
  return new HostError(name, `${path} is a directory`, {
    code: 'HOST_NOT_A_FILE',
    exitCode: ExitCode.failure,
    outcome: 'failed',
    hint: `Name a file; the directory is ${dirname(path) === path ? 'the root' : 'left as it is'}.`,
  });
}

function cutShort(name: string, path: string): HostError {
  return new HostError(name, `only a part of ${path} came through, and nothing was replaced`, {
    code: 'HOST_LOST',
    exitCode: ExitCode.connection,
    outcome: 'failed',
    hint: 'The file is as it was; try again.',
  });
}
