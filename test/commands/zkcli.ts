import { spawn } from 'node:child_process';
import type { Client } from '../../src/client/client.ts';
import { defaultCacheDir, findZooKeeper } from '../../src/local/installation.ts';
import { formatAcl } from '../../src/protocol/acl.ts';
import { walk } from '../../src/znodes/walk.ts';
import { ZKSH } from '../support/built.ts';

/** What a process printed; `all` is both streams in the order they were written. */
export interface Printed {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The real zkCli, what `zkCli.sh` starts: a command in `argv`, or a script on stdin. Without a release, that of the tests. */
export async function zkCli(servers: string, argv: readonly string[], script = '', version?: string): Promise<Printed> {
  const cacheDir = version === undefined ? `${defaultCacheDir()}-unnamed` : defaultCacheDir();
  const { classPath } = await findZooKeeper({ version, cacheDir });
  const java = ['-Xmx64m', '-cp', classPath.join(':'), 'org.apache.zookeeper.ZooKeeperMain'];
  return run('java', [...java, '-waitforconnection', '-server', servers, ...argv], script);
}

/** zksh as it is built, with the same launcher grammar. */
export async function zksh(servers: string, argv: readonly string[], script = ''): Promise<Printed> {
  const [file, ...before] = ZKSH;
  return run(file, [...before, '-server', servers, ...argv], script);
}

/** zkCli prints part of its results (`Created /a`) on stderr, so a shell puts both into one pipe, in order. */
function run(command: string, argv: readonly string[], stdin: string): Promise<Printed> {
  const merge = command === 'java';
  const line = merge ? ['-c', 'exec "$0" "$@" 2>&1', command, ...argv] : argv;
  const child = spawn(merge ? '/bin/sh' : command, line, { stdio: 'pipe' });
  const printed: Printed = { code: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    printed.stderr += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ ...printed, code }));
  });
}

const NOISE =
  /^(?:$|log4j:|SLF4J|Connecting to |Welcome to ZooKeeper!|JLine support|WATCHER::|WatchedEvent state:(?:SyncConnected|Closed) type:None|[\d-]* ?\d\d:\d\d:\d\d[.,]\d+ .*\b(?:INFO|WARN|DEBUG)\b)/;

/** The lines that are results: without zkCli's greeting and log, and with what no two servers share made equal. */
export function resultLines(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => !NOISE.test(line))
    .map((line) => line.replace(/^([cmp]Zxid|ephemeralOwner) = 0x[1-9a-f][0-9a-f]*$/, '$1 = (number)'))
    .map((line) => line.replace(/^([cm]time) = (.+)$/, (_, name, date) => `${name} = ${shapeOf(date)}`));
}

/** `Mon Nov 23 04:41:40 UTC 2026` without the digits, and without names of days and months. */
function shapeOf(date: string): string {
  return date.replace(/^[A-Z][a-z]{2} [A-Z][a-z]{2}/, 'Day Mon').replaceAll(/\d/g, '9');
}

/** Every znode with its data and ACL, quotas included; ephemerals and the server's own config left out. */
export async function treeOf(client: Client): Promise<string[]> {
  const lines: string[] = [];
  for await (const { path, stat } of walk(client, '/', { stat: true })) {
    if (path === '/zookeeper/config' || (stat?.ephemeralOwner ?? 0n) !== 0n) continue;
    const { data } = await client.getData(path);
    const { acl } = await client.getAcl(path);
    lines.push(`${path} ${data === null ? 'null' : JSON.stringify(data.toString('latin1'))} ${formatAcl(acl)}`);
  }
  return lines.sort();
}
