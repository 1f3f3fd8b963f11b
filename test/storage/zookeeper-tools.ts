import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { defaultCacheDir, findZooKeeper } from '../../src/local/installation.ts';

const SERVER = 'org.apache.zookeeper.server';

/** What one of ZooKeeper's own programs of that release prints. */
async function run(version: string, className: string, ...args: string[]): Promise<string> {
  const { classPath } = await findZooKeeper({ version, cacheDir: defaultCacheDir() });
  const command = ['-Xmx256m', '-Dzookeeper.extendedTypesEnabled=true', '-cp', classPath.join(':'), className, ...args];
  const { stdout } = await promisify(execFile)('java', command, { maxBuffer: 1 << 28 });
  return stdout;
}

/** A log's transactions, one a line, as ZooKeeper's log tool of that release prints them. */
export async function toolTransactions(version: string, path: string): Promise<string[]> {
  // 3.5's newer tool fails on data that is null.
  const old = /^3\.[45]\./.test(version);
  const out = await run(version, old ? `${SERVER}.LogFormatter` : `${SERVER}.persistence.TxnLogToolkit`, path);
  // Data of several lines, such as a configuration, is printed as it is.
  const text = out.slice(out.indexOf('\n') + 1).replace(/EOF reached after \d+ txns\.\n$/, '');
  return text
    .split(/\n(?=.{8,40} session 0x)/)
    .map((line) => line.trimEnd().replace(' createTtl', ' createTTL'))
    .filter((line) => / session 0x/.test(line));
}

export interface ToolNode {
  path: string;
  cZxid: bigint;
  mZxid: bigint;
  pZxid: bigint;
  cversion: number;
  dataVersion: number;
  aclVersion: number;
  ephemeralOwner: bigint;
  dataLength: number;
}

/** A snapshot as SnapshotFormatter of that release prints it. */
export async function toolSnapshot(version: string, path: string): Promise<{ nodes: ToolNode[]; sessions: string[] }> {
  const out = await run(version, `${SERVER}.SnapshotFormatter`, path);
  const [tree = '', rest = ''] = out.split('Session Details (sid, timeout, ephemeralCount):\n');
  const nodes = tree
    .split(/^----\n/m)
    .filter((block) => block.includes('  cZxid = '))
    .map((block) => {
      const field = (name: string): string => new RegExp(`^ {2}${name} = (.*)$`, 'm').exec(block)?.[1]?.trim() ?? '';
      return {
        path: block.slice(0, block.indexOf('\n  cZxid')),
        cZxid: BigInt(field('cZxid')),
        mZxid: BigInt(field('mZxid')),
        pZxid: BigInt(field('pZxid')),
        cversion: Number(field('cversion')),
        dataVersion: Number(field('dataVersion')),
        aclVersion: Number(field('aclVersion')),
        ephemeralOwner: BigInt(field('ephemeralOwner')),
        dataLength: Number(field('dataLength')),
      };
    });
  return { nodes, sessions: rest.split('\n').filter((line) => /^0x/.test(line)) };
}
