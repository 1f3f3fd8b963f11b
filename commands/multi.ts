import { readFile } from 'node:fs/promises';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { readDataArgument } from '../src/cli/data-argument.ts';
import { EPHEMERAL_ENDS } from '../src/cli/znode-flags.ts';
import { TransactionError, type TransactionOp, type TransactionResult } from '../src/client/transaction.ts';
import { statJson } from '../src/output/stat.ts';
import type { Style } from '../src/output/style.ts';
import type { View } from '../src/output/view.ts';
import { createModes } from '../src/protocol/create-mode.ts';
import { UsageError, ZkshError } from '../src/protocol/errors.ts';
import { tokenize } from '../src/shell/tokenizer.ts';
import { parseArguments, parseScript, type ScriptedOp, type ScriptReader } from '../src/znodes/multi-script.ts';

type Item = { planned: TransactionOp } | { done: TransactionResult; asked: TransactionOp };

const NAMES = { create: 'create', setData: 'set', delete: 'delete', check: 'check' } as const;
const PAST = { create: 'created', setData: 'set', delete: 'deleted', check: 'checked' } as const;

export default class Multi extends ZkshCommand<Item[], typeof Multi> {
  static override summary = 'write many znodes at once: all of it happens, or nothing';
  static override description = `One operation an argument, or one a line of a file or of stdin, as zkCli writes them:

  create [-e] [-s] [-c] [-t ms] [-b] path [data] [acl]
  set [-v version] [-b] path data
  delete [-v version] path
  check path version

Data may be @file, or base64 with -b; @@ at the start stands for one @. Blank lines and lines that begin with # are skipped. A line that begins with { is
a JSON object instead: {"operation": "set", "path": "/a", "data": "text", "version": 3}.

When the ensemble refuses one operation, nothing is changed, and the error names that operation. More than one set or
delete is shown and asked about first; --yes answers.

JSON: a list of {operation, path, stat}; with --dry-run the operations themselves, in the form that is read.`;
  static override examples = [
    "<%= config.bin %> multi 'check /app/leader 7' 'set /app/state done'",
    "<%= config.bin %> multi 'create /app' 'create /app/config @config.json' 'create /app/state up'",
    '<%= config.bin %> multi --file migration.zk --dry-run',
    'jq -c \'.[] | {operation: "delete", path}\' stale.json | <%= config.bin %> multi --yes',
  ];
  static override strict = false;
  static override dryRun = true;
  static override flags = {
    file: Flags.string({
      char: 'f',
      helpValue: '<file>',
      description: 'read the operations from this file; - is stdin',
    }),
  };

  protected readonly view: View<Item[], Item> = {
    text: (items, style) => items.map((item) => itemText(item, style)).join('\n'),
    columns: [
      { header: 'operation', value: (item) => NAMES[opOf(item).type] },
      { header: 'path', value: (item) => ('done' in item ? item.done.path : item.planned.path) },
      { header: 'version', value: (item) => versionOf(item), kind: 'number' },
    ],
    json: (items) => items.map(itemJson),
  };

  protected async execute(): Promise<Item[]> {
    const scripted = await this.#read();
    if (scripted.length === 0) throw new UsageError('there are no operations', { hint: NO_OPERATIONS });
    const ops = scripted.map(({ op }) => op);
    if (this.flags['dry-run']) return ops.map((planned) => ({ planned }));
    const overwriting = scripted.filter(({ op }) => op.type === 'setData' || op.type === 'delete');
    if (overwriting.length > 0) await this.#confirm(overwriting.map(({ op }) => `${NAMES[op.type]} ${op.path}`));
    const client = await this.client();
    try {
      const results = await client.multi(ops, { signal: this.signal });
      if (this.host.session === undefined && ops.some(isEphemeral)) this.note(EPHEMERAL_ENDS);
      return results.map((done, i) => ({ done, asked: ops[i] ?? done }) as Item);
    } catch (error) {
      throw error instanceof TransactionError ? located(error, scripted[error.index]) : error;
    }
  }

  #confirm(deeds: readonly string[]): Promise<void> {
    const what = `overwrite or delete ${deeds.length === 1 ? 'a znode' : `${deeds.length} znodes`} in one transaction`;
    return this.confirm({ what, details: deeds, protectedOnly: deeds.length === 1 });
  }

  async #read(): Promise<ScriptedOp[]> {
    const reader: ScriptReader = {
      words: wordsOf,
      path: (typed, sequential) => this.resolvePath(typed, { sequential }),
      data: (typed, base64) =>
        readDataArgument(typed, {
          base64,
          literal: false,
          stdin: this.io.stdin,
          stdinTaken: true,
          signal: this.signal,
        }),
    };
    const { file } = this.flags;
    if (file !== undefined && this.words.length > 0) {
      throw new UsageError('the operations come either from --file or as arguments');
    }
    if (file !== undefined && file !== '-') return parseScript((await readNamed(file, this.signal)).toString(), reader);
    const stdin = file === '-' || (this.words.length === 1 && this.words[0] === '-');
    if (this.words.length > 0 && !stdin) return parseArguments(this.words, reader);
    // The shell's stdin is the script or the person: only a dash may take it.
    if (!stdin && (this.host.session !== undefined || this.io.stdin.isTTY === true)) return [];
    return parseScript(await this.#stdin(), reader);
  }

  async #stdin(): Promise<string> {
    const chunks: Buffer[] = [];
    for await (const chunk of this.io.stdin) chunks.push(Buffer.from(chunk));
    return Buffer.concat(chunks).toString('utf8');
  }
}

const NO_OPERATIONS = "Give them as arguments (multi 'set /a 1' 'delete /b'), with --file, or on stdin.";

function wordsOf(line: string): string[] {
  return tokenize(line).map((token) => {
    if (token.kind === 'word') return token.value;
    throw new UsageError(`${token.kind === 'system' ? token.via : token.value} has no meaning in a transaction`, {
      hint: 'Quote it if it is data.',
    });
  });
}

async function readNamed(name: string, signal: AbortSignal): Promise<Buffer> {
  try {
    return await readFile(name, { signal });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new UsageError(`cannot read ${name}: ${(error as Error).message}`, { code: 'BAD_FILE', cause: error });
  }
}

function located(error: TransactionError, scripted: ScriptedOp | undefined): ZkshError {
  const { code, exitCode, hint } = error;
  if (scripted?.line === undefined) return error;
  return new ZkshError(`${error.message} (line ${scripted.line})`, { code, exitCode, hint, cause: error });
}

function isEphemeral(op: TransactionOp): boolean {
  return op.type === 'create' && createModes[op.mode ?? 'persistent'].ephemeral;
}

function opOf(item: Item): TransactionOp {
  return 'done' in item ? item.asked : item.planned;
}

function versionOf(item: Item): number | undefined {
  if ('done' in item && 'stat' in item.done && item.done.stat !== undefined) return item.done.stat.version;
  const op = opOf(item);
  return 'version' in op && op.version !== -1 ? op.version : undefined;
}

function itemText(item: Item, style: Style): string {
  const op = opOf(item);
  const version = versionOf(item);
  const suffix = version === undefined ? '' : `, version ${version}`;
  if ('done' in item) return `${PAST[op.type]} ${style.name(item.done.path)}${suffix}`;
  return `would ${NAMES[op.type]} ${style.name(op.path)}${version === undefined ? '' : ` if its version is ${version}`}`;
}

/** A plan's JSON is what the command reads again. */
function itemJson(item: Item): unknown {
  if ('planned' in item) {
    const { type, ...rest } = item.planned;
    return { operation: NAMES[type], ...rest };
  }
  const { done } = item;
  const stat = 'stat' in done && done.stat !== undefined ? statJson(done.stat) : undefined;
  return { operation: NAMES[done.type], path: done.path, stat };
}
