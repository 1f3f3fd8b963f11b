import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import type { Wanted } from '../../ensemble/observe.ts';
import type { Asking } from '../../ensemble/observe-member.ts';
import { sampleEnsemble, steadyClock } from '../../ensemble/sampling/sample.ts';
import { keysOf } from '../../output/keys.ts';
import { Screen } from '../../output/screen.ts';
import type { Style } from '../../output/style.ts';
import { InterruptedError } from '../deadline.ts';
import type { Io } from '../io.ts';
import { frame } from './frame.ts';
import { type Effect, pressed } from './keys.ts';
import { sampled, type TopState } from './state.ts';
import { wishesOf } from './wishes.ts';

export interface LiveOptions {
  io: Io;
  style: Style;
  wanted: Wanted;
  asking: Asking;
  /** Ends after so many looks; a person ends it else. */
  count?: number | undefined;
}

/** The age of what is shown goes on between looks. Milliseconds. */
const TICK = 500;

/**
 * Shows an ensemble on the whole of a terminal until a person quits, and gives the terminal back however it ends.
 * Returns what was shown last. Throws what the signal was aborted with, and `InterruptedError` on Ctrl-C.
 */
export function runLive(state: TopState, options: LiveOptions): Promise<TopState> {
  return new LiveTop(state, options).run();
}

class LiveTop {
  #state: TopState;
  readonly #options: LiveOptions;
  readonly #screen: Screen;
  readonly #stop = new AbortController();
  /** Ends the sleep between two looks. */
  #wake: () => void = () => {};
  #end: (error?: unknown) => void = () => {};
  readonly #now = steadyClock();

  constructor(state: TopState, options: LiveOptions) {
    this.#state = state;
    this.#options = options;
    this.#screen = new Screen(options.io.stdout, () => this.#draw());
  }

  async run(): Promise<TopState> {
    const { signal } = this.#options.asking;
    // Every question listens: that is no leak to warn of.
    setMaxListeners(0, this.#stop.signal);
    const abort = () => this.#end(signal?.reason);
    const leave = () => this.#screen.close();
    const ended = new Promise<void>((resolve, reject) => {
      this.#end = (error) => (error === undefined ? resolve() : reject(error));
    });
    ended.catch(() => {});
    signal?.addEventListener('abort', abort, { once: true });
    // Should the process end with no chance for `finally`, the terminal is a person's all the same.
    process.once('exit', leave);
    const stopListening = this.#listen();
    const ticking = setInterval(() => this.#draw(), TICK);
    try {
      this.#screen.open();
      this.#draw();
      const sampling = this.#sample().then(
        () => this.#end(),
        (error: unknown) => this.#end(error),
      );
      if (signal?.aborted === true) abort();
      await ended;
      this.#stop.abort(new InterruptedError());
      this.#wake();
      await sampling;
      return this.#state;
    } finally {
      clearInterval(ticking);
      stopListening();
      this.#screen.close();
      process.removeListener('exit', leave);
      signal?.removeEventListener('abort', abort);
      this.#stop.abort(new InterruptedError());
      this.#wake();
    }
  }

  async #sample(): Promise<void> {
    const top = this;
    const { wanted, asking, count } = this.#options;
    const cadence = {
      get interval() {
        return top.#state.interval;
      },
      count,
      now: this.#now,
      sleep: (milliseconds: number) => this.#sleep(milliseconds),
    };
    const question: Asking = {
      ...asking,
      signal: this.#stop.signal,
      get wishes() {
        return wishesOf(top.#state);
      },
    };
    for await (const sample of sampleEnsemble(wanted, question, cadence)) {
      if (this.#stop.signal.aborted) return;
      this.#state = sampled(this.#state, sample);
      this.#draw();
    }
  }

  /** Until the next look is due or a key asks for it; while paused, until then alone. */
  async #sleep(milliseconds: number): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    this.#stop.signal.throwIfAborted();
    let left = milliseconds;
    do {
      const since = this.#now();
      await wait(Math.max(1, left), undefined, { signal: woken.signal }).catch(() => {});
      left -= this.#now() - since;
      if (this.#state.paused) left = TICK;
    } while (!woken.signal.aborted && left > 0);
    this.#stop.signal.throwIfAborted();
  }

  #draw(): void {
    const { style } = this.#options;
    const { cols, rows } = this.#screen;
    this.#state = { ...this.#state, now: this.#now() };
    this.#screen.draw(frame(this.#state, { cols, rows, style }).map((line) => style.finish(line)));
  }

  /** Keys, where a person can press some. Returns what gives the input back. */
  #listen(): () => void {
    const { stdin } = this.#options.io;
    if (stdin.isTTY !== true || stdin.setRawMode === undefined) return () => {};
    const decoder = new TextDecoder();
    const onData = (chunk: Uint8Array | string): void => {
      const text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true });
      for (const key of keysOf(text)) this.#press(key);
    };
    const onEnd = (): void => this.#end();
    stdin.setRawMode(true);
    stdin.on('data', onData);
    stdin.once('end', onEnd);
    stdin.resume();
    return () => {
      stdin.removeListener('data', onData);
      stdin.removeListener('end', onEnd);
      stdin.setRawMode?.(false);
      stdin.pause();
    };
  }

  #press(key: string): void {
    const { state, effect } = pressed(this.#state, key);
    this.#state = state;
    if (effect !== undefined) this.#effect(effect);
    this.#draw();
  }

  #effect(effect: Effect): void {
    if (effect === 'quit') this.#end();
    else if (effect === 'interrupt') this.#end(new InterruptedError());
    else if (effect === 'refresh') this.#wake();
    else if (effect === 'redraw') this.#screen.forget();
    else this.#suspend();
  }

  /** Ctrl-Z: the terminal is the shell's until it lets us go on. */
  #suspend(): void {
    const { stdin } = this.#options.io;
    this.#screen.close();
    stdin.setRawMode?.(false);
    process.once('SIGCONT', () => {
      if (this.#stop.signal.aborted) return;
      stdin.setRawMode?.(true);
      this.#screen.open();
      this.#draw();
    });
    process.kill(process.pid, 'SIGTSTP');
  }
}
