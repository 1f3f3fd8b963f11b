import { createHash } from 'node:crypto';
import { UsageError } from '../protocol/errors.ts';
import { isAtOrBelow, parentOf } from '../protocol/paths.ts';
import { type ExportEnd, type ExportHeader, OWN_LINE, type UnreadableNode } from './ndjson-format.ts';
import { type Block, blocks, linesOf, truncated, unpacked } from './ndjson-lines.ts';
import { bad, type ExportLine, LineParser } from './ndjson-parse.ts';
import type { TreeNode } from './node-kind.ts';

export interface ReadExportOptions {
  /** How errors name what is read. */
  readonly name: string;
  /** False: an end that is missing, or does not fit the lines, is no error. For files that were edited. */
  readonly verify: boolean;
}

/** An export that is being read. */
export interface ExportReader {
  readonly header: ExportHeader;
  /** The lines in their order, some at a time; to be read once. Throws at the first that is wrong. */
  readonly batches: AsyncGenerator<readonly (TreeNode | UnreadableNode)[]>;
}

/**
 * Reads an export, packed by gzip or not, line by line: every line is checked when it is read, and the whole when the
 * end is there.
 *
 * @throws UsageError `BAD_EXPORT` naming the line, `TRUNCATED_EXPORT`
 */
export async function readExport(source: AsyncIterable<Uint8Array>, options: ReadExportOptions): Promise<ExportReader> {
  const lines = new Lines(options);
  const read = lines.read(blocks(unpacked(source)));
  const first = await read.next();
  // Nothing comes before the header: a file without one has thrown.
  if (lines.header === undefined) throw inFile(bad('it has no header'), options.name);
  return { header: lines.header, batches: resumed(first, read) };
}

async function* resumed<T>(first: IteratorResult<T, void>, rest: AsyncGenerator<T, void>): AsyncGenerator<T, void> {
  try {
    if (first.done !== true) {
      yield first.value;
      yield* rest;
    }
  } finally {
    await rest.return();
  }
}

class Lines {
  readonly #options: ReadExportOptions;
  readonly #parser = new LineParser();
  readonly #hash = createHash('sha256');
  readonly #seen = { znodes: 0, unreadable: 0, bytes: 0 };
  #line = 0;
  #previous: string | undefined;
  #unreadable: string | undefined;
  header: ExportHeader | undefined;
  #end: ExportEnd | undefined;

  constructor(options: ReadExportOptions) {
    this.#options = options;
  }

  async *read(source: AsyncGenerator<Block>): AsyncGenerator<readonly (TreeNode | UnreadableNode)[], void> {
    try {
      for await (const block of source) yield this.#block(block);
      if (this.#line === 0) throw truncated('it is empty');
      if (this.#end === undefined && this.#options.verify) {
        throw truncated(`it ends after line ${this.#line} without the line that ends an export`);
      }
    } catch (error) {
      throw error instanceof UsageError ? inFile(error, this.#options.name) : error;
    }
  }

  #block(block: Block): (TreeNode | UnreadableNode)[] {
    const nodes: (TreeNode | UnreadableNode)[] = [];
    const lines = linesOf(block, this.#line + 1);
    let own = 0;
    for (const text of lines) {
      this.#line += 1;
      if (text === '') {
        if (this.#end === undefined) throw this.#wrong(bad('it is empty'));
        continue;
      }
      const line = this.#parse(text, block.whole);
      if (this.#end !== undefined) throw this.#wrong(bad('it stands after the line that ends the export'));
      if (line.type === 'node') nodes.push(this.#node(line.node));
      else if (line.type === 'header') this.#header(line.header);
      else {
        own = ownLine(block.bytes, text);
        this.#hash.update(block.bytes.subarray(0, own));
        this.#finish(line.end);
      }
    }
    if (this.#end === undefined) this.#hash.update(block.bytes);
    return nodes;
  }

  #parse(text: string, whole: boolean): ExportLine {
    try {
      return this.#parser.parse(text);
    } catch (error) {
      if (!whole && this.#options.verify) throw truncated(`it ends in the middle of line ${this.#line}`);
      throw this.#wrong(error as Error);
    }
  }

  #header(header: ExportHeader): void {
    if (this.#line > 1) throw this.#wrong(bad('the header of an export stands in the middle of another'));
    this.header = header;
    this.#parser.acl = header.acl;
  }

  #node(node: TreeNode | UnreadableNode): TreeNode | UnreadableNode {
    if (this.header === undefined) throw this.#wrong(bad('it is not the header of an export of zksh'));
    const why = misplaced(node.path, this.#previous, this.#unreadable);
    if (why !== undefined) throw this.#wrong(bad(why));
    this.#previous = node.path;
    if ('unreadable' in node) {
      this.#unreadable = node.path;
      this.#seen.unreadable += 1;
      return node;
    }
    this.#seen.znodes += 1;
    this.#seen.bytes += node.data?.length ?? 0;
    return node;
  }

  #finish(end: ExportEnd): void {
    if (this.header === undefined) throw this.#wrong(bad('it is not the header of an export of zksh'));
    this.#end = end;
    if (!this.#options.verify) return;
    for (const name of ['znodes', 'unreadable', 'bytes'] as const) {
      if (this.#seen[name] !== end[name])
        throw damaged(`its end counts ${end[name]} ${name}, there are ${this.#seen[name]}`);
    }
    if (this.#hash.digest('hex') !== end.sha256) throw damaged('its lines do not have the checksum in its end');
  }

  #wrong(error: Error): Error {
    if (!(error instanceof UsageError)) return error;
    const { message, code, hint } = error;
    return new UsageError(`line ${this.#line}: ${message}`, {
      code,
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    });
  }
}

/**
 * The end of an export, provided that it is the end of these very lines: then they are as they were written, and need
 * not be looked at one by one. Undefined where it is not, or there is none.
 */
export async function intactEnd(source: AsyncIterable<Uint8Array>): Promise<ExportEnd | undefined> {
  const hash = createHash('sha256');
  let held: Buffer = Buffer.alloc(0);
  for await (const { bytes, whole } of blocks(unpacked(source))) {
    if (whole) hash.update(held);
    // The last line may be without its line feed.
    held = whole ? bytes : Buffer.concat([held, bytes]);
  }
  const last = held.lastIndexOf('\n', held.length - 2) + 1;
  hash.update(held.subarray(0, last));
  const line = held.toString('utf8', last).trimEnd();
  if (!line.startsWith(OWN_LINE)) return undefined;
  const read = new LineParser().parse(line);
  return read.type === 'end' && read.end.sha256 === hash.digest('hex') ? read.end : undefined;
}

/** Where the last line of ours begins. */
function ownLine(bytes: Buffer, text: string): number {
  return bytes.lastIndexOf(text.startsWith(OWN_LINE) ? OWN_LINE : text);
}

/**
 * Why a path can't follow the one before it: lines are in depth-first order, and each has its parent before it. Anything
 * else would need the whole file in memory to be imported or compared.
 */
function misplaced(path: string, previous: string | undefined, unreadable: string | undefined): string | undefined {
  if (previous === undefined) return path === '/' ? undefined : `the first znode must be "/", not ${quoted(path)}`;
  if (path === '/') return 'the znode "/" stands twice';
  if (unreadable !== undefined && isAtOrBelow(path, unreadable))
    return `${quoted(path)} is below what was not readable`;
  const parent = parentOf(path);
  if (parent === previous) return undefined;
  const before = parent === '/' ? 1 : parent.length + 1;
  if (!isAtOrBelow(previous, parent)) return `${quoted(path)} does not come after its parent, in depth-first order`;
  const end = previous.indexOf('/', before);
  const sibling = end < 0 ? previous.slice(before) : previous.slice(before, end);
  const own = path.slice(before);
  if (own === sibling) return `${quoted(path)} stands twice`;
  return own > sibling ? undefined : `${quoted(path)} is out of order, it sorts before ${quoted(sibling)}`;
}

const quoted = JSON.stringify as (text: string) => string;

function damaged(why: string): UsageError {
  return new UsageError(why, {
    code: 'BAD_EXPORT',
    hint: 'It was damaged or edited. Where it was edited on purpose, give --no-verify.',
  });
}

function inFile(error: UsageError, name: string): UsageError {
  const { message, code, hint } = error;
  return new UsageError(`${name}: ${message}`, { code, ...(hint === undefined ? {} : { hint }), cause: error });
}
