const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J';
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';
const CLEAR_LINE = '\x1b[K';
const CLEAR_BELOW = '\x1b[J';

/** A terminal that can be drawn on. */
export type Terminal = NodeJS.WritableStream & { readonly columns?: number; readonly rows?: number };

/**
 * The whole of a terminal, lent until `close`: its alternate screen, without a cursor and without wrapping. Lines are
 * drawn where they differ from what stands there.
 */
export class Screen {
  readonly #terminal: Terminal;
  readonly #onResize: () => void;
  /** What stands on it; undefined when that is not known. */
  #shown: readonly string[] | undefined;
  #open = false;

  /** @param onResize draws anew; `cols` and `rows` have changed */
  constructor(terminal: Terminal, onResize: () => void) {
    this.#terminal = terminal;
    this.#onResize = () => {
      this.#shown = undefined;
      onResize();
    };
  }

  get cols(): number {
    return this.#terminal.columns ?? 80;
  }

  get rows(): number {
    return this.#terminal.rows ?? 24;
  }

  open(): void {
    if (this.#open) return;
    this.#open = true;
    this.#shown = undefined;
    this.#terminal.on('resize', this.#onResize);
    this.#terminal.write(ENTER);
  }

  /** Draws lines that are already fit to be sent and no wider than the screen. A terminal that is behind gets the next. */
  draw(lines: readonly string[]): void {
    if (!this.#open || ('writableNeedDrain' in this.#terminal && this.#terminal.writableNeedDrain === true)) return;
    const fitting = lines.slice(0, this.rows);
    const shown = this.#shown;
    // Cleared first: behind a line as wide as the screen, the cursor stands on its last character.
    const changed = fitting.flatMap((line, i) => (shown?.[i] === line ? [] : [`\x1b[${i + 1};1H${CLEAR_LINE}${line}`]));
    if (fitting.length < (shown?.length ?? this.rows)) changed.push(`\x1b[${fitting.length + 1};1H${CLEAR_BELOW}`);
    this.#shown = fitting;
    if (changed.length > 0) this.#terminal.write(changed.join(''));
  }

  /** Forgets what stands there: the next `draw` draws all of it. */
  forget(): void {
    this.#shown = undefined;
  }

  /** Gives the terminal back as it was. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#terminal.removeListener('resize', this.#onResize);
    this.#terminal.write(LEAVE);
  }
}
