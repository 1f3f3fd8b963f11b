import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { parseByteCount } from '../src/cli/byte-count.ts';
import { WalkLosses } from '../src/cli/walk-losses.ts';
import type { Role } from '../src/output/theme.ts';
import type { View } from '../src/output/view.ts';
import { UsageError } from '../src/protocol/errors.ts';
import { type WideZnode, wide } from '../src/znodes/wide.ts';

/** Beside the limit that its reply is held against. */
interface Measured extends WideZnode {
  maxBuffer: number;
}

/** CLIENT_MAX_PACKET_LENGTH_DEFAULT of ZKClientConfig.java. */
const MAX_BUFFER = '0xfffff';
/** From this part of the limit on, somebody should know. */
const NEAR = 0.75;

export default class Wide extends ZkshCommand<Measured[], typeof Wide> {
  static override summary = 'find the znodes with the most children, and how near they are to what clients can list';
  static override description =
    `The answer to a listing is one message: a Java client, zkCli too, gives up the connection when it is larger than its
jute.maxbuffer, 1 MiB less a byte unless set, and never gets to see the children. The children can't be deleted then
either, by that client, since it does not know their names; zksh lists up to 64 MiB.

The size is that of the answer to getChildren2: 88 bytes, and for each child 4 and its name's in UTF-8.

JSON: a list of {path, children, nameBytes, replyBytes, maxBuffer, used}; used is replyBytes divided by maxBuffer.`;
  static override examples = [
    '<%= config.bin %> wide',
    '<%= config.bin %> wide /queues --top 5 --min 1000',
    '<%= config.bin %> wide / --max-buffer 4MiB -o ndjson',
  ];
  static override args = {
    path: Args.string({ description: 'where to look; the current path when not given, outside the shell /' }),
  };
  static override flags = {
    top: Flags.integer({ min: 0, default: 20, helpValue: '<n>', description: 'how many znodes, 0 for all' }),
    min: Flags.integer({ min: 1, default: 1, helpValue: '<n>', description: 'leave out znodes with fewer children' }),
    'max-buffer': Flags.string({
      default: MAX_BUFFER,
      helpValue: '<bytes>',
      description: 'jute.maxbuffer of the clients',
    }),
  };

  protected readonly view: View<Measured[], Measured> = {
    columns: [
      { header: 'children', kind: 'number', value: ({ children }) => children },
      { header: 'reply', kind: 'size', value: ({ replyBytes }) => replyBytes },
      {
        header: 'of limit',
        kind: 'number',
        value: (znode) => percent(usedOf(znode)),
        role: (znode) => roleOf(usedOf(znode)),
      },
      { header: 'path', value: ({ path }) => path, role: (znode) => roleOf(usedOf(znode)) ?? 'path' },
    ],
    json: (znodes) => znodes.map((znode) => ({ ...znode, used: Number(usedOf(znode).toFixed(4)) })),
    empty: 'no znode has so many children',
  };

  protected async execute(): Promise<Measured[]> {
    const path = this.resolvePath(this.args.path ?? this.host.cwd ?? '/');
    const maxBuffer = parseByteCount(this.flags['max-buffer']);
    if (maxBuffer < 1) throw new UsageError('a jute.maxbuffer of 0 lets nothing pass', { code: 'BAD_SIZE' });
    const client = await this.client();
    const losses = new WalkLosses({ note: (text) => this.note(text), warn: (text) => this.warn(text) });
    const looking = this.progress({ label: `looking at ${path}`, unit: 'znodes' });
    const { min, top } = this.flags;
    const found: Measured[] = [];
    try {
      const options = { ...losses, min, signal: this.signal, progress: looking.update };
      const znodes = wide(client, path, { ...options, top: top === 0 ? Number.POSITIVE_INFINITY : top });
      for await (const znode of znodes) found.push({ ...znode, maxBuffer });
    } finally {
      looking.done();
    }
    this.exitCode = losses.tell() ?? this.exitCode;
    return found;
  }
}

function usedOf({ replyBytes, maxBuffer }: Measured): number {
  return replyBytes / maxBuffer;
}

function percent(used: number): string {
  return `${used < 0.1 ? (used * 100).toFixed(1) : Math.floor(used * 100)}%`;
}

function roleOf(used: number): Role | undefined {
  if (used > 1) return 'bad';
  return used >= NEAR ? 'warn' : undefined;
}
