import { InterruptedError } from '../cli/deadline.ts';
import { reportError } from '../cli/report-error.ts';
import { escapeControl } from '../output/text-safety.ts';
import type { Role } from '../output/theme.ts';
import { ExitCode } from '../protocol/errors.ts';
import type { WatchEvent } from '../protocol/events.ts';
import { complete, layOut } from './completion.ts';
import { History, historyFile } from './history.ts';
import { runLine } from './interpreter.ts';
import { LineEditor } from './line-editor.ts';
import { watchEvent } from './notices.ts';
import { promptText } from './prompt.ts';
import { newScope, type ShellScope, type Surroundings, showsEvent } from './scope.ts';
import { ShellSession } from './session.ts';

const LEAVING_HINT = 'Ctrl-D or quit leaves the shell.';

/** A shell for a person: reads, runs, tells what happens to the session, until they leave. */
export async function runInteractive(options: Surroundings): Promise<number> {
  const shell = await InteractiveShell.create(options);
  return shell.run();
}

class InteractiveShell {
  readonly #options: Surroundings;
  readonly #scope: ShellScope;
  readonly #editor: LineEditor;
  /** Told while a question or another program had the terminal. */
  #held: string[] = [];
  /** Aborts the running line. */
  #running: AbortController | undefined;

  static async create(options: Surroundings): Promise<InteractiveShell> {
    return new InteractiveShell(options, await History.load(historyFile(options.io.env)));
  }

  private constructor(options: Surroundings, history: History) {
    const { io, target, connectTimeout } = options;
    const session = new ShellSession(
      target,
      { patient: true, connectTimeout },
      {
        notice: (text, role) => this.#tell(escapeControl(text), role),
        changed: () => this.#editor.refresh(),
        event: (event) => this.#event(event),
        gaveUp: () => {},
      },
    );
    this.#options = options;
    this.#scope = newScope(options, session, history, io, true);
    this.#editor = new LineEditor({
      input: io.stdin,
      output: io.stdout,
      history: () => history.lines,
      prompt: () => this.#prompt(),
      complete: (line, cursor) => complete(line, cursor, this.#scope),
      layOut,
    });
  }

  async run(): Promise<number> {
    const { session, history } = this.#scope;
    const stopListening = this.#listen();
    try {
      this.#welcome();
      await session.open();
      await this.#loop();
      return this.#scope.quit?.code ?? ExitCode.done;
    } finally {
      stopListening();
      await session.close();
      await history.flush();
    }
  }

  async #loop(): Promise<void> {
    while (this.#scope.quit === undefined) {
      this.#releaseHeld();
      const entry = await this.#editor.read();
      if (entry.kind === 'end') {
        this.#scope.io.stdout.write('\n');
        return;
      }
      if (entry.kind === 'dropped') {
        if (entry.empty) this.#editor.print(LEAVING_HINT);
        continue;
      }
      await this.#runTyped(entry.text);
    }
  }

  async #runTyped(typed: string): Promise<void> {
    const { history, io } = this.#scope;
    let line: string;
    try {
      line = history.expand(typed);
    } catch (error) {
      await reportError(error, { io, json: false, noColor: this.#options.defaults.noColor, debug: false });
      return;
    }
    if (line !== typed) io.stdout.write(`${line}\n`);
    history.add(line);
    this.#running = new AbortController();
    await runLine(line, this.#scope, this.#running.signal, true);
    this.#running = undefined;
    this.#editor.startRow();
  }

  /** Ctrl-C stops what runs; at the prompt, in raw mode, the editor sees it as a key. Other signals end the shell. */
  #listen(): () => void {
    const interrupt = () => {
      // The terminal has echoed ^C: what is said next begins a line.
      if (this.#running?.signal.aborted === false && !this.#scope.terminalLent) this.#scope.io.stderr.write('\n');
      this.#running?.abort(new InterruptedError());
    };
    const end = () => {
      this.#scope.quit = { code: ExitCode.interrupted };
      this.#running?.abort(new InterruptedError());
      this.#editor.close();
    };
    process.on('SIGINT', interrupt);
    for (const name of ['SIGTERM', 'SIGHUP'] as const) process.on(name, end);
    return () => {
      process.removeListener('SIGINT', interrupt);
      for (const name of ['SIGTERM', 'SIGHUP'] as const) process.removeListener(name, end);
    };
  }

  #welcome(): void {
    const { config, session, history } = this.#scope;
    if (this.#options.defaults.quiet === true) return;
    this.#tell(`zksh ${config.version}; help lists the commands, Tab completes, Ctrl-D leaves`, 'dim');
    this.#tell(`connecting to ${escapeControl(session.target.chosen.context.servers)}`, 'dim');
    if (history.failure !== undefined) this.#tell(`the history is not kept: ${history.failure.message}`, 'warn');
  }

  #event(event: WatchEvent): void {
    if (showsEvent(this.#scope, event)) this.#tell(escapeControl(watchEvent(event)), 'title');
  }

  #tell(text: string, role: Role): void {
    const { io, terminalLent } = this.#scope;
    const painted = this.#options.paint?.(role, text) ?? text;
    // In raw mode without our editor a question is being answered: a line in between would tear it apart.
    const asking = !this.#editor.reading && 'isRaw' in io.stdin && io.stdin.isRaw === true;
    if (terminalLent || asking) this.#held.push(painted);
    else this.#editor.print(painted);
  }

  #releaseHeld(): void {
    for (const text of this.#held.splice(0)) this.#editor.print(text);
  }

  #prompt(): string {
    const { cwd, session } = this.#scope;
    const { name, context } = session.target.chosen;
    return promptText({ context: name, servers: context.servers, state: session.state, cwd }, this.#options.paint);
  }
}
