import type { Interfaces } from '@oclif/core';
import { Command } from '@oclif/core/command';
import { exit } from '@oclif/core/errors';
import type { Client } from '../client/client.ts';
import type { StateChange } from '../client/session-state.ts';
import { render } from '../output/render.ts';
import { streamSink } from '../output/sink.ts';
import { type AnyView, defaultFormat, type Format, type ItemOf } from '../output/view.ts';
import { ExitCode, UsageError } from '../protocol/errors.ts';
import { confirmDestruction, type Destruction } from './confirm.ts';
import { type ChosenContext, chooseContext, connectOptions, effectiveFlags } from './connecting.ts';
import { createEnding, type Ending, endedBecause, listenForSignals, untilEnded } from './deadline.ts';
import { CONNECTION_FLAGS, globalFlags } from './global-flags.ts';
import { type CommandHost, processHost } from './host.ts';
import type { Io } from './io.ts';
import { asksForHelp, asksForJson } from './line-peek.ts';
import { createProgress, type Progress, type ProgressOptions, silentProgress } from './progress.ts';
import { createPrompts, type Prompts } from './prompts.ts';
import { reportError } from './report-error.ts';
import { type ResolveOptions, resolveZnodePath } from './resolve-path.ts';
import type { SecretSources } from './secrets.ts';
import { styleOf } from './stream-style.ts';
import { normalizeZkCliFlags } from './zkcli-flags.ts';

/** How long a command that was ended early waits for its session to be closed. */
const FAREWELL_MS = 250;

/** The flags of a command together with the global ones. */
export type Flags<C extends typeof Command> = Interfaces.InferredFlags<typeof globalFlags & C['flags']>;
export type Args<C extends typeof Command> = Interfaces.InferredArgs<C['args']>;

/**
 * The base of every command. A command implements `execute`, which returns data, and `view`, which says how the data
 * looks; parsing, connecting, printing, errors, signals and exit codes are here.
 *
 * `T` is what `execute` returns (an AsyncIterable is printed item by item); `C` is the command's own class.
 */
export abstract class ZkshCommand<T, C extends typeof Command = typeof Command> extends Command {
  static override baseFlags = globalFlags;
  /** Long options that zkCli writes with one dash, without it: `['file', 'members']`. */
  static zkCliFlags: readonly string[] = [];
  /** Set to true by a command that heeds `--dry-run`; every other refuses it rather than doing the deed. */
  static dryRun = false;

  /** Where the command runs; the shell and tests replace it before `perform`. */
  host: CommandHost = processHost();
  /** What the process exits with when nothing fails; `health` and `diff` set it. */
  protected exitCode: ExitCode = ExitCode.done;
  protected abstract readonly view: AnyView<ItemOf<T>>;

  #parsed: { flags: Flags<C>; args: Args<C>; argv: string[]; typed: ReadonlySet<string> } | undefined;
  #ending: Ending | undefined;
  #chosen: Promise<ChosenContext> | undefined;
  #client: Promise<Client> | undefined;
  #prompts: Prompts | undefined;
  readonly #bars: Progress[] = [];

  /** Does the work and returns the result; prints nothing. */
  protected abstract execute(): Promise<T>;

  protected get io(): Io {
    return this.host.io;
  }

  protected get flags(): Flags<C> {
    return this.#afterParse().flags;
  }

  protected get args(): Args<C> {
    return this.#afterParse().args;
  }

  /** Whether a flag was typed on this line, and did not come from the environment. */
  protected typed(flag: string): boolean {
    return this.#afterParse().typed.has(flag);
  }

  /** All positional arguments, for commands with `static strict = false`. */
  protected get words(): readonly string[] {
    return this.#afterParse().argv;
  }

  /** Aborted by Ctrl-C and by `--timeout`: pass it to every call that waits. */
  protected get signal(): AbortSignal {
    return this.#started().signal;
  }

  /** Questions; they refuse with the missing flag's name where nobody can be asked. */
  protected get prompts(): Prompts {
    this.#prompts ??= this.host.prompts ?? createPrompts(this.io, this.signal);
    return this.#prompts;
  }

  /** The shell's session, or a connection from flags, context and environment that is closed after the command. */
  protected async client(): Promise<Client> {
    if (this.host.session !== undefined && !this.#ownConnection()) return this.host.session();
    this.#client ??= this.#connect();
    return this.#client;
  }

  /** The connection settings in force, secrets still as references. */
  protected async context(): Promise<ChosenContext> {
    if (this.host.chosen !== undefined && !this.#ownConnection()) return this.host.chosen;
    this.#chosen ??= chooseContext(
      effectiveFlags(this.#globals(), this.#afterParse().typed, this.host.chosen),
      this.io.env,
    );
    return this.#chosen;
  }

  /** The absolute path of a znode as typed: in the shell it counts from the current path. */
  protected resolvePath(typed: string, options?: ResolveOptions): string {
    return resolveZnodePath(typed, this.host.cwd, options);
  }

  /**
   * Returns when the person agrees to a destruction; throws otherwise. Not to be called with `--dry-run`. `where` is
   * what is changed, when that is not what the command is connected to.
   */
  protected async confirm(deed: Destruction, where?: ChosenContext): Promise<void> {
    const { name, context } = where ?? (await this.context());
    await confirmDestruction(deed, {
      io: this.io,
      prompts: this.prompts,
      yes: this.#globals().yes || this.host.defaults?.yes === true,
      iKnow: this.#globals()['i-know'] ?? this.host.defaults?.iKnow,
      protectedContext: context.protected === true ? name : undefined,
    });
  }

  /** A line for the person on stderr; silent with `--quiet`. */
  protected note(text: string): void {
    if (!this.quiet) this.#tell(text);
  }

  /** A bar or spinner on stderr for work longer than a second; silent with `--quiet`. */
  protected progress(options: ProgressOptions): Progress {
    if (this.quiet) return silentProgress;
    const progress = createProgress(this.io, options);
    this.#bars.push(progress);
    return progress;
  }

  /** A person who named no ensemble is told which one is taken. */
  protected noteDefault(servers: string): void {
    if (this.io.stderr.isTTY === true) this.note(`note: no context is current; connecting to ${servers}`);
  }

  /** A warning on stderr. */
  override warn(input: Error | string): Error | string {
    this.#tell(`warning: ${input instanceof Error ? input.message : input}`);
    return input;
  }

  protected get quiet(): boolean {
    return this.#globals().quiet || this.host.defaults?.quiet === true;
  }

  /** Where secrets may come from, for commands that resolve one themselves. */
  protected get secrets(): SecretSources {
    return { env: this.io.env, prompts: this.prompts, warn: (message) => this.warn(message), signal: this.signal };
  }

  /** What oclif's own runner calls. An ExitError is the one thing it does not print. */
  override async run(): Promise<void> {
    const code = await this.runInProcess();
    if (code !== ExitCode.done) exit(code);
  }

  /** Runs in a process of its own, where signals are ours to hear; returns the exit code. */
  async runInProcess(): Promise<ExitCode> {
    const signals = listenForSignals();
    this.host = { ...this.host, signal: signals.signal };
    return this.perform().finally(() => signals.stop());
  }

  /** Runs the command in its host and returns the exit code; prints result or error, throws nothing. */
  async perform(): Promise<ExitCode> {
    try {
      if (asksForHelp(this.argv)) return await this.#help();
      await this.#parse();
      this.#ending = createEnding(this.host.signal, this.#globals().timeout);
      await untilEnded(this.#executeAndRender(), this.#ending.signal);
      return this.exitCode;
    } catch (error) {
      return await this.#report(error);
    } finally {
      this.#ending?.dispose();
      await this.#disconnect();
    }
  }

  /** A bar under way would stand before the text on its line. */
  #tell(text: string): void {
    for (const bar of this.#bars) bar.clear();
    this.io.stderr.write(`${text}\n`);
  }

  async #executeAndRender(): Promise<void> {
    const format = this.#format();
    const result = await this.execute();
    const sink = streamSink(this.io.stdout);
    const style = await styleOf(this.io.stdout, this.io, this.noColor);
    const empty = await render<T>(result, this.view, { format, style, sink });
    // Finding nothing is a success; a script sees it by the empty output, a person is told.
    if (empty && this.view.empty !== undefined && this.io.stderr.isTTY === true) this.note(this.view.empty);
  }

  async #parse(): Promise<void> {
    const ctor = this.ctor as typeof ZkshCommand & C;
    const argv = normalizeZkCliFlags(this.argv, ctor.zkCliFlags);
    const { flags, args, argv: words, raw } = await this.parse(withoutStdin(ctor), argv);
    const typed = new Set(raw.flatMap((token) => (token.type === 'flag' ? [token.flag] : [])));
    const listed = withLists(flags, { ...ctor.baseFlags, ...ctor.flags });
    this.#parsed = { flags: listed as Flags<C>, args: args as Args<C>, argv: words as string[], typed };
    if (this.#globals()['dry-run'] && !ctor.dryRun) {
      throw new UsageError(`${this.#name()} has no dry run`, { hint: 'Leave --dry-run out; nothing was done.' });
    }
  }

  async #help(): Promise<ExitCode> {
    const command = this.config.findCommand(this.id ?? '', { must: true });
    const { commandHelp } = await import('./help-text.ts');
    const sink = streamSink(this.io.stdout);
    await sink.write(`${await commandHelp(this.config, command)}\n`);
    await sink.flush();
    return ExitCode.done;
  }

  async #connect(): Promise<Client> {
    const { context, byDefault } = await this.context();
    if (byDefault === true) this.noteDefault(context.servers);
    const options = await connectOptions(context, this.secrets);
    const { timeout } = this.#globals();
    if (timeout !== undefined) options.connectTimeout = timeout;
    const ending = this.#started();
    const connect = this.host.connect ?? (await import('../client/connect.ts')).connect;
    ending.connectingSince = performance.now();
    try {
      return await connect(context.servers, {
        ...options,
        signal: ending.signal,
        onState: await this.#whileConnecting(),
      });
    } finally {
      ending.connectingSince = undefined;
    }
  }

  /** A person at a terminal is told why nothing happens yet; an election may take minutes. */
  async #whileConnecting(): Promise<((change: StateChange) => void) | undefined> {
    if (this.io.stderr.isTTY !== true || this.quiet) return undefined;
    return (await import('./still-trying.ts')).tellStillTrying((line) => this.note(line));
  }

  async #disconnect(): Promise<void> {
    try {
      // A server that did not answer in time won't answer a farewell either: its session expires by itself.
      await (await this.#client)?.close(this.#ending?.signal.aborted === true ? { timeout: FAREWELL_MS } : {});
    } catch {
      // It never opened, or the server was gone first: either way the result stands as it was printed.
    }
  }

  async #report(error: unknown): Promise<ExitCode> {
    const globals = this.#parsed === undefined ? undefined : this.#globals();
    const json = globals === undefined ? asksForJson(this.argv, this.io.env) : this.#asked()?.endsWith('json') === true;
    const ended = this.#ending?.signal;
    const code = await reportError(ended?.aborted === true ? endedBecause(error, ended.reason) : error, {
      io: this.io,
      json,
      noColor: this.noColor,
      debug: globals?.debug === true || this.host.defaults?.debug === true,
      command: this.#name(),
    });
    // However the work put it, a person who pressed Ctrl-C gets 130 and a deadline that passed is 7.
    return ended?.aborted === true && code !== ExitCode.done ? exitCodeOf(ended.reason) : code;
  }

  #format(): Format {
    return this.#asked() ?? defaultFormat(this.view, this.io.stdout.isTTY === true);
  }

  protected get noColor(): boolean {
    return this.#parsed?.flags['no-color'] === true || this.host.defaults?.noColor === true;
  }

  /** The format somebody chose; an error is JSON only then. */
  #asked(): Format | undefined {
    return this.#globals().output ?? this.host.defaults?.output;
  }

  /** A line that names its own ensemble or credentials does not run on the shell's session. */
  #ownConnection(): boolean {
    return CONNECTION_FLAGS.some((name) => this.typed(name));
  }

  #globals(): Interfaces.InferredFlags<typeof globalFlags> {
    return this.#afterParse().flags as Interfaces.InferredFlags<typeof globalFlags>;
  }

  #afterParse(): { flags: Flags<C>; args: Args<C>; argv: string[]; typed: ReadonlySet<string> } {
    if (this.#parsed === undefined) throw new Error('flags and arguments exist inside execute() only');
    return this.#parsed;
  }

  #started(): Ending {
    if (this.#ending === undefined) throw new Error('the signal exists inside execute() only');
    return this.#ending;
  }

  #name(): string {
    return (this.id ?? this.ctor.name.toLowerCase()).replaceAll(':', ' ');
  }
}

// oclif fills a missing argument from a piped stdin; in a script that would eat the script.
function withoutStdin<C extends typeof Command>(ctor: C): C {
  for (const arg of Object.values(ctor.args)) arg.ignoreStdin = true;
  return ctor;
}

function exitCodeOf(reason: unknown): ExitCode {
  return typeof reason === 'object' && reason !== null && 'exitCode' in reason
    ? (reason.exitCode as ExitCode)
    : ExitCode.interrupted;
}

/** What may be repeated has one value a line in its environment variable, which oclif gives as one. */
function withLists(
  flags: Readonly<Record<string, unknown>>,
  described: Readonly<Record<string, object>>,
): Record<string, unknown> {
  const listed = ([name, value]: [string, unknown]): [string, unknown] => {
    const { multiple } = (described[name] ?? {}) as { multiple?: boolean };
    if (multiple !== true || value === undefined || Array.isArray(value)) return [name, value];
    return [name, typeof value === 'string' ? value.split('\n').filter((line) => line !== '') : [value]];
  };
  return Object.fromEntries(Object.entries(flags).map(listed));
}
