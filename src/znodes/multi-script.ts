import type { TransactionOp } from '../client/transaction.ts';
import { parseAcl } from '../protocol/acl.ts';
import type { CreateMode } from '../protocol/create-mode.ts';
import { UsageError } from '../protocol/errors.ts';
import { parseTtl } from './create.ts';
import { parseJsonOperation } from './multi-json.ts';

/** One operation of a transaction and where it was written. */
export interface ScriptedOp {
  op: TransactionOp;
  /** As typed, for messages. */
  text: string;
  /** Line of the script, from 1; undefined for one that came as an argument. */
  line: number | undefined;
}

/** What reading a script needs of the place it is read in. */
export interface ScriptReader {
  /** Splits a line into words, quotes resolved; a blank or comment line has none. */
  words(line: string): readonly string[];
  /** The absolute path of a znode as typed. */
  path(typed: string, sequential: boolean): string;
  /** The bytes that a data argument means: `@file`, base64 or the text itself. */
  data(typed: string, base64: boolean): Promise<Uint8Array>;
}

/**
 * Reads a transaction, one operation a line: zkCli's `create`, `set` and `delete`, `check path version`, or a JSON object.
 *
 * @throws UsageError that names the line; nothing is sent then
 */
export async function parseScript(text: string, reader: ScriptReader): Promise<ScriptedOp[]> {
  const ops: ScriptedOp[] = [];
  for (const [i, raw] of text.split(/\r?\n/).entries()) {
    const found = await inContext(`line ${i + 1}`, () => parseLine(raw, reader));
    if (found !== undefined) ops.push({ op: found, text: raw.trim(), line: i + 1 });
  }
  return ops;
}

/** Reads a transaction given as arguments, one operation each. @throws UsageError that names the argument */
export async function parseArguments(args: readonly string[], reader: ScriptReader): Promise<ScriptedOp[]> {
  const ops: ScriptedOp[] = [];
  for (const [i, text] of args.entries()) {
    const op = await inContext(`operation ${i + 1}`, () => parseLine(text, reader));
    if (op === undefined) throw new UsageError(`operation ${i + 1} is empty`, { hint: HINT });
    ops.push({ op, text: text.trim(), line: undefined });
  }
  return ops;
}

const HINT =
  'Operations are: create [-e] [-s] [-c] [-t ms] path [data] [acl], set [-v n] path data, delete [-v n] path, check path version.';

async function parseLine(line: string, reader: ScriptReader): Promise<TransactionOp | undefined> {
  const trimmed = line.trim();
  if (trimmed.startsWith('{')) return parseJsonOperation(trimmed, reader.path);
  const [name, ...rest] = reader.words(trimmed);
  return name === undefined ? undefined : operation(name, rest, reader);
}

async function operation(name: string, words: readonly string[], reader: ScriptReader): Promise<TransactionOp> {
  switch (name) {
    case 'create':
      return createOp(split(name, words, { switches: 'secb', values: 't', least: 1, most: 3 }), reader);
    case 'set':
      return setOp(split(name, words, { switches: 'b', values: 'v', least: 2, most: 2 }), reader);
    case 'delete': {
      const { values, args } = split(name, words, { switches: '', values: 'v', least: 1, most: 1 });
      return { type: 'delete', path: reader.path(args[0] ?? '', false), version: version(values.v) };
    }
    case 'check': {
      const { values, args } = split(name, words, { switches: '', values: 'v', least: 1, most: 2 });
      const wanted = values.v ?? args[1];
      if (wanted === undefined || args.length + Object.keys(values).length > 2) {
        throw new UsageError('check needs a path and one version', { hint: HINT });
      }
      return { type: 'check', path: reader.path(args[0] ?? '', false), version: version(wanted) ?? -1 };
    }
    default:
      throw new UsageError(`${JSON.stringify(name)} is no operation of a transaction`, { hint: HINT });
  }
}

async function createOp({ switches, values, args }: Split, reader: ScriptReader): Promise<TransactionOp> {
  const mode = modeOf(switches, values.t !== undefined);
  const [path = '', data, acl] = args;
  return {
    type: 'create',
    path: reader.path(path, switches.has('s')),
    data: data === undefined ? null : await reader.data(data, switches.has('b')),
    mode,
    ...(acl === undefined ? {} : { acl: parseAcl(acl) }),
    ...(values.t === undefined ? {} : { ttl: Number(parseTtl(values.t)) }),
  };
}

async function setOp({ switches, values, args }: Split, reader: ScriptReader): Promise<TransactionOp> {
  const data = await reader.data(args[1] ?? '', switches.has('b'));
  return { type: 'setData', path: reader.path(args[0] ?? '', false), data, version: version(values.v) };
}

/** zkCli's flags as a mode; the combinations no server knows are refused as zkCli does. */
function modeOf(flags: ReadonlySet<string>, ttl: boolean): CreateMode {
  const [s, e, c] = [flags.has('s'), flags.has('e'), flags.has('c')];
  if (c && (s || e)) throw new UsageError('-c does not go with -s or -e: a container is neither');
  if (ttl && (c || e)) throw new UsageError('-t does not go with -c or -e: only persistent nodes have a time to live');
  if (ttl) return s ? 'persistent_sequential_with_ttl' : 'persistent_with_ttl';
  if (c) return 'container';
  if (e) return s ? 'ephemeral_sequential' : 'ephemeral';
  return s ? 'persistent_sequential' : 'persistent';
}

function version(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = /^(-1|\d{1,10})$/.test(text) ? Number(text) : Number.NaN;
  if (value <= 0x7fffffff) return value;
  throw new UsageError(`a version is a whole number, or -1 for any, not ${JSON.stringify(text)}`);
}

interface Form {
  /** Letters that stand alone. */
  switches: string;
  /** Letters that take the next word. */
  values: string;
  least: number;
  most: number;
}

interface Split {
  switches: ReadonlySet<string>;
  values: { [letter: string]: string | undefined };
  args: readonly string[];
}

/** Flags may stand anywhere, several in one word, as in zkCli; after `--` nothing is a flag. */
function split(name: string, words: readonly string[], form: Form): Split {
  const switches = new Set<string>();
  const values: Record<string, string> = {};
  const args: string[] = [];
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? '';
    if (word === '--') {
      args.push(...words.slice(i + 1));
      break;
    }
    // `-1` after `check /a` is a version.
    if (!word.startsWith('-') || word === '-' || (name === 'check' && word === '-1')) args.push(word);
    else if (word.length === 2 && form.values.includes(word.charAt(1))) {
      i += 1;
      const value = words[i];
      if (value === undefined) throw new UsageError(`${name}: ${word} needs a value`, { hint: HINT });
      values[word.charAt(1)] = value;
    } else {
      for (const letter of word.slice(1)) {
        if (!form.switches.includes(letter)) {
          throw new UsageError(`${name} has no flag ${word}`, { hint: 'Put -- before data that begins with a dash.' });
        }
        switches.add(letter);
      }
    }
  }
  if (args.length < form.least || args.length > form.most) {
    throw new UsageError(`${name} with ${args.length} argument${args.length === 1 ? '' : 's'}`, { hint: HINT });
  }
  return { switches, values, args };
}

async function inContext<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const details = { code: error.code, cause: error, ...(error.hint === undefined ? {} : { hint: error.hint }) };
    throw new UsageError(`${where}: ${error.message}`, details);
  }
}
