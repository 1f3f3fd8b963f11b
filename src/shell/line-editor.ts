import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline';
import { Writable } from 'node:stream';
import type { InputStream, OutputStream } from '../cli/io.ts';

/** What a person did at the prompt. */
export type Entry =
  | { readonly kind: 'line'; readonly text: string }
  /** Ctrl-C; `empty` when there was nothing to drop. */
  | { readonly kind: 'dropped'; readonly empty: boolean }
  /** Ctrl-D, or the terminal is gone. */
  | { readonly kind: 'end' };

/** What Tab may do: put `text` in place of what is between `from` and the cursor, or show the candidates. */
export interface Completion {
  readonly from: number;
  readonly text: string;
  /** Shown when `text` adds nothing. */
  readonly candidates: readonly string[];
}

export interface EditorOptions {
  readonly input: InputStream;
  readonly output: OutputStream;
  /** Recallable lines, oldest first. */
  history(): readonly string[];
  prompt(): string;
  /** May take its time: typing goes on meanwhile, and an answer that comes too late is dropped. */
  complete(line: string, cursor: number): Promise<Completion | undefined>;
  /** Lays out candidates for a terminal of this width. */
  layOut(candidates: readonly string[], columns: number): string;
}

const HISTORY_SIZE = 1000;
/** Milliseconds that keys wait for a completion, so that Tab and Enter in quick succession mean what they say. */
const UNNOTICED = 150;

/**
 * Reads lines from a terminal. Every line has a readline interface of its own that is closed before the line runs:
 * one kept open would swallow what a question inside a command is answered, and die of it.
 */
export class LineEditor {
  readonly #options: EditorOptions;
  /** Lines that came in one paste and have not been read yet, and the unfinished line after them. */
  #pasted: string[] = [];
  #unfinished = '';
  #interface: Interface | undefined;
  #gate: Gate | undefined;

  constructor(options: EditorOptions) {
    this.#options = options;
  }

  /** Shows the prompt and waits for a line. */
  async read(): Promise<Entry> {
    const { output, prompt } = this.#options;
    const pasted = this.#pasted.shift();
    if (pasted === undefined) return this.#readTyped();
    output.write(`${prompt()}${pasted}\n`);
    return { kind: 'line', text: pasted };
  }

  /** True while a person is at the prompt. */
  get reading(): boolean {
    return this.#interface !== undefined;
  }

  /** Prints above the line being typed, which keeps its text and cursor. */
  print(text: string): void {
    const editing = this.#interface;
    const { output } = this.#options;
    if (editing === undefined) {
      output.write(`${text}\n`);
      return;
    }
    const { rows } = editing.getCursorPos();
    moveCursor(output as Writable, 0, -rows);
    cursorTo(output as Writable, 0);
    clearScreenDown(output as Writable);
    // readline goes up as many rows as the typed line had before it draws that again.
    output.write(`${text}\n${'\n'.repeat(rows)}`);
    this.refresh();
  }

  /**
   * Brings the cursor to the beginning of a row after a command, which may have ended its output in the middle of one:
   * readline clears the row it puts the prompt on. A row's worth of blanks wraps only where something stood before.
   */
  startRow(): void {
    const { output } = this.#options;
    output.write(`${' '.repeat(output.columns ?? 80)}\r`);
    clearScreenDown(output as Writable);
  }

  /** Draws the prompt again, since it shows something else now. */
  refresh(): void {
    const editing = this.#interface;
    if (editing === undefined) return;
    editing.setPrompt(this.#options.prompt());
    editing.prompt(true);
  }

  /** Ends the line being read, as if the terminal were gone. */
  close(): void {
    this.#interface?.close();
  }

  #readTyped(): Promise<Entry> {
    const { input, output, history } = this.#options;
    const gate = new Gate(output);
    const editing = createInterface({
      input,
      output: gate,
      terminal: true,
      history: history().slice(-HISTORY_SIZE).reverse(),
      historySize: HISTORY_SIZE,
      completer: (_line: string, done: (error: null, result: [string[], string]) => void) => {
        // readline stops listening until it is answered: what takes longer than nobody notices comes when it comes.
        // A closed interface that is answered would listen again, and swallow what is meant for the next one.
        const goOn = once(() => this.#interface === editing && done(null, [[], '']));
        setTimeout(goOn, UNNOTICED).unref();
        this.#complete(editing)
          .catch(() => {})
          .finally(goOn);
      },
    });
    this.#interface = editing;
    this.#gate = gate;
    return new Promise<Entry>((resolve) => {
      const settle = (entry: Entry) => {
        if (this.#interface !== editing) return;
        this.#interface = undefined;
        editing.close();
        gate.release();
        resolve(entry);
      };
      editing.once('line', (text) => {
        this.#takeRest(editing, gate, () => settle({ kind: 'line', text }));
      });
      editing.on('SIGINT', () => {
        const empty = editing.line === '';
        output.write(empty ? '\n' : '^C\n');
        settle({ kind: 'dropped', empty });
      });
      editing.once('close', () => settle({ kind: 'end' }));
      editing.setPrompt(this.#options.prompt());
      editing.prompt();
      editing.write(this.#unfinished);
      this.#unfinished = '';
    });
  }

  /** A paste brings more lines in the same moment; they are kept, unseen, until it is their turn. */
  #takeRest(editing: Interface, gate: Gate, done: () => void): void {
    gate.muted = true;
    editing.on('line', (more) => this.#pasted.push(more));
    setImmediate(() => {
      this.#unfinished = editing.line;
      done();
    });
  }

  async #complete(editing: Interface): Promise<void> {
    const { line, cursor } = editing;
    const completion = await this.#options.complete(line, cursor);
    if (completion === undefined || this.#interface !== editing || this.#gate?.muted === true) return;
    if (editing.line !== line || editing.cursor !== cursor) return;
    const { from, text, candidates } = completion;
    const typed = line.slice(from, cursor);
    if (text === typed) {
      if (candidates.length > 1) this.print(this.#options.layOut(candidates, this.#options.output.columns ?? 80));
      return;
    }
    const keep = text.startsWith(typed);
    if (!keep) for (const _char of typed) editing.write(null as never, { name: 'backspace' });
    editing.write(keep ? text.slice(typed.length) : text);
  }
}

function once(work: () => unknown): () => void {
  let done = false;
  return () => {
    if (!done) work();
    done = true;
  };
}

/** The terminal as readline sees it, which can be made to keep quiet. */
class Gate extends Writable {
  readonly #output: OutputStream;
  readonly #onResize = () => this.emit('resize');
  muted = false;

  constructor(output: OutputStream) {
    super({ decodeStrings: false });
    this.#output = output;
    output.on('resize', this.#onResize);
  }

  get columns(): number {
    return this.#output.columns ?? 80;
  }

  override write(chunk: string): boolean {
    return this.muted || this.#output.write(chunk);
  }

  release(): void {
    this.#output.removeListener('resize', this.#onResize);
  }
}
