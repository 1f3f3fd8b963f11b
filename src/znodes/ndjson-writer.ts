import { createHash } from 'node:crypto';
import {
  type ExportEnd,
  type ExportHeader,
  endLine,
  type HiddenAclNode,
  headerLine,
  nodeLine,
  unreadableLine,
} from './ndjson-format.ts';
import type { TreeNode } from './node-kind.ts';

/** Where the bytes of an export go. */
export interface ByteSink {
  /** Waits while what takes the bytes is behind. */
  write(bytes: Buffer): Promise<void>;
}

/** Lines go out together at this many characters: few system calls, and little memory. */
const BLOCK = 128 * 1024;

/** Writes an export line by line, and counts what its last line says. */
export class ExportWriter {
  readonly #sink: ByteSink;
  readonly #finish: (line: string) => string;
  readonly #hash = createHash('sha256');
  #pending = '';
  #znodes = 0;
  #unreadable = 0;
  #bytes = 0;

  /** @param finish what becomes of the text before it is written; a terminal must not see what drives it */
  constructor(sink: ByteSink, finish: (text: string) => string = (text) => text) {
    this.#sink = sink;
    this.#finish = finish;
  }

  get znodes(): number {
    return this.#znodes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  header(header: ExportHeader): void {
    this.#pending += headerLine(header);
  }

  /** Adds a line. When this returns true, call {@link flush} before the next: lines are held until then. */
  node(node: TreeNode | HiddenAclNode, stat?: string): boolean {
    this.#pending += nodeLine(node, stat);
    this.#znodes += 1;
    this.#bytes += node.data?.length ?? 0;
    return this.#pending.length >= BLOCK;
  }

  unreadable(path: string, code: string): void {
    this.#pending += unreadableLine({ path, unreadable: code });
    this.#unreadable += 1;
  }

  async flush(): Promise<void> {
    if (this.#pending === '') return;
    const bytes = Buffer.from(this.#finish(this.#pending));
    this.#pending = '';
    this.#hash.update(bytes);
    await this.#sink.write(bytes);
  }

  async end(): Promise<ExportEnd> {
    await this.flush();
    const end = {
      znodes: this.#znodes,
      unreadable: this.#unreadable,
      bytes: this.#bytes,
      sha256: this.#hash.digest('hex'),
    };
    await this.#sink.write(Buffer.from(endLine(end)));
    return end;
  }
}
