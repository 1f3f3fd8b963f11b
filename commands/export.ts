import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { SinkClosed, streamSink } from '../src/output/sink.ts';
import { statJson } from '../src/output/stat.ts';
import type { Style } from '../src/output/style.ts';
import { escapeControl, escapeJson } from '../src/output/text-safety.ts';
import { byteSize } from '../src/output/times.ts';
import type { View } from '../src/output/view.ts';
import { ExitCode, UsageError } from '../src/protocol/errors.ts';
import { type ExportReport, exportTree } from '../src/znodes/export.ts';
import { type ExportSink, fileSink, gzipped } from '../src/znodes/export-sink.ts';
import { ExportWriter } from '../src/znodes/ndjson-writer.ts';

interface Result extends ExportReport {
  file: string;
  acl: boolean;
  gzip: boolean;
}

/** Znodes named one by one before the rest is only counted. */
const SHOWN = 100;

export default class Export extends ZkshCommand<Result | AsyncIterable<never>, typeof Export> {
  static override summary = 'write a znode with all below it to a file';
  static override description = `Data, ACLs and which znodes are ephemeral, as NDJSON that import and diff read again:

  {"zksh":"export","format":1,"root":"/app","acl":true,"stat":false}
  {"path":"/","data":null,"acl":["world:anyone:cdrwa"]}
  {"path":"/a","data":{"utf8":"text"},"acl":["digest:ann:HASH:cdrwa"]}
  {"path":"/a/b","data":{"base64":"/w=="},"mode":"ephemeral","owner":"72057594037927936","acl":["world:anyone:r"]}
  {"path":"/c","unreadable":"NO_AUTH"}
  {"zksh":"end","znodes":3,"unreadable":1,"bytes":5,"sha256":"..."}

Paths count from the exported znode. Data null was never set, {"utf8":""} is empty. An import takes "mode" container too,
and persistent_with_ttl with "ttl" in milliseconds, but no server tells a client which znodes are such: they are exported
as persistent. "acl" is null where the server hides password hashes from you. Lines come in depth-first order and hold nothing that
changes by itself, so that two exports of the same tree have the same lines. The end tells a whole file from one that
was cut off; its checksum is over all bytes before it.

The file appears when it is whole, readable by you only: it holds all data, and the hashes of digest users. Without
FILE, or with -, it goes to stdout. A name that ends with .gz is packed.

ACLs cost one request a znode, ten times as long as all else. Without them, with --no-acl, an import has to be told
which ACL to give.

Not a snapshot: what changes meanwhile is as it was when it was its turn, and is counted. Znodes that the ACL hides are
named in the file and on stderr, and make the exit code ${ExitCode.refused}. /zookeeper is left out, unless PATH is there. The counters of
sequential znodes are not in it: those that are created after an import are numbered anew.

JSON, of an export to a file: {root, file, znodes, bytes, unreadable, vanished, changed, hiddenAcls, acl, gzip,
sha256}.`;
  static override examples = [
    '<%= config.bin %> export /app app.ndjson.gz',
    '<%= config.bin %> export --no-acl / all.ndjson',
    "<%= config.bin %> export /app | jq -r 'select(.data.utf8 != null) | .path'",
  ];
  static override args = {
    path: Args.string({
      description: 'znode to export, with all below it; the current one when not given, outside the shell /',
    }),
    file: Args.string({ description: 'file to write; stdout when not given, or -' }),
  };
  static override flags = {
    acl: Flags.boolean({ allowNo: true, default: true, description: 'with ACLs; --no-acl is ten times as fast' }),
    stat: Flags.boolean({ description: 'with the stat of every znode, and the time and zxid of the export' }),
    gzip: Flags.boolean({ allowNo: true, description: 'packed; the default when FILE ends with .gz' }),
    'skip-unreadable': Flags.boolean({ description: 'exit 0 also when the ACL hides some znodes' }),
  };

  protected readonly view: View<Result | never> = {
    text: (result, style) => `${style.name(result.file)}: ${summary(result, style)}`,
  };

  protected async execute(): Promise<Result | AsyncIterable<never>> {
    const root = this.resolvePath(this.args.path ?? this.host.cwd ?? '/');
    const file = this.args.file === undefined || this.args.file === '-' ? undefined : this.args.file;
    const gzip = this.flags.gzip ?? file?.endsWith('.gz') ?? false;
    if (file === undefined) this.#checkStdout(gzip);
    const client = await this.client();
    const plain = file === undefined ? this.#stdout() : await fileSink(file);
    const sink = gzip ? gzipped(plain) : plain;
    const terminal = file === undefined && this.io.stdout.isTTY === true;
    const writer = new ExportWriter(sink, terminal ? escapeJson : undefined);
    try {
      const report = await this.#export(writer, client, root);
      await sink.finish();
      if (file !== undefined) return { ...report, file, acl: this.flags.acl, gzip };
      this.note(`exported ${root}: ${summary(report)}`);
    } catch (error) {
      if (!(error instanceof SinkClosed)) throw error;
    } finally {
      await sink.discard();
    }
    return nothing();
  }

  async #export(
    writer: ExportWriter,
    client: Awaited<ReturnType<Export['client']>>,
    root: string,
  ): Promise<ExportReport> {
    const { acl, stat } = this.flags;
    const progress = this.progress({
      label: `exporting ${root}`,
      get unit() {
        return `znodes, ${byteSize(writer.bytes)}`;
      },
    });
    let hidden = 0;
    const tell = (what: string) => {
      hidden += 1;
      if (hidden <= SHOWN) this.warn(what);
      if (!this.flags['skip-unreadable']) this.exitCode = ExitCode.refused;
    };
    try {
      return await exportTree(client, root, writer, {
        signal: this.signal,
        acl,
        stat: stat ? { json: statJson, time: new Date(this.io.now()).toISOString() } : undefined,
        progress: progress.update,
        unreadable: (path, code) => tell(`cannot read ${escapeControl(path)}: ${code}`),
        hiddenAcl: (path) => tell(`the server hides password hashes in the ACL of ${escapeControl(path)}`),
      });
    } finally {
      progress.done();
      if (hidden > SHOWN) this.warn(`and so with ${hidden - SHOWN} more znodes`);
    }
  }

  #checkStdout(gzip: boolean): void {
    const format = this.flags.output ?? this.host.defaults?.output ?? 'raw';
    if (!['raw', 'text', 'ndjson'].includes(format)) {
      throw new UsageError(`an export is NDJSON, it can't be ${format}`, {
        hint: `Name a FILE: then -o ${format} is the form of the report.`,
      });
    }
    if (gzip && this.io.stdout.isTTY === true) {
      throw new UsageError('a packed export would only be noise on a terminal', {
        hint: 'Name a FILE, or redirect it.',
      });
    }
  }

  /** The export itself is the output: its lines are no items to be rendered, and there may be millions. */
  #stdout(): ExportSink {
    const sink = streamSink(this.io.stdout);
    return { write: (bytes) => sink.write(bytes), finish: () => sink.flush(), discard: async () => {} };
  }
}

async function* nothing(): AsyncGenerator<never> {}

function summary({ znodes, bytes, vanished, changed, unreadable, hiddenAcls }: ExportReport, style?: Style): string {
  const some = (count: number, what: string) => (count === 0 ? [] : [`${count.toLocaleString('en-US')} ${what}`]);
  return [
    `${znodes.toLocaleString('en-US')} ${znodes === 1 ? 'znode' : 'znodes'}`,
    `${style?.size(bytes) ?? byteSize(bytes)}${style === undefined || style.tty ? '' : ' bytes'} of data`,
    ...some(unreadable, 'could not be read'),
    ...some(hiddenAcls, 'without their ACLs'),
    ...some(changed, 'changed meanwhile'),
    ...some(vanished, 'vanished meanwhile'),
  ].join(', ');
}
