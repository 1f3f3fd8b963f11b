import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { Fifo } from './fifo.ts';

/** A reader this far behind loses events; it is told instead of filling memory. */
const MAX_BEHIND = 100_000;

interface Reader<E> {
  queue: Fifo<E>;
  ended: boolean;
  error: Error | undefined;
  wake: (() => void) | undefined;
}

/** Hands every event to every reader; each reads at its own pace. */
export class EventHub<E> {
  readonly #readers = new Set<Reader<E>>();
  #over = false;

  emit(event: E): void {
    for (const reader of this.#readers) {
      if (reader.queue.size >= MAX_BEHIND) {
        this.#stop(
          reader,
          new ZkshError(`more than ${MAX_BEHIND} events were waiting to be read`, {
            code: 'EVENTS_LOST',
            exitCode: ExitCode.failure,
            hint: 'Read events as they come, or watch less.',
          }),
        );
        continue;
      }
      reader.queue.push(event);
      reader.wake?.();
    }
  }

  /** No more events: readers end after what they have, with `error` if one is given. */
  end(error?: Error): void {
    this.#over = true;
    for (const reader of this.#readers) this.#stop(reader, error);
  }

  /** Events from this moment on: registered now, not at the first read. Ends when `signal` is aborted. */
  stream(signal?: AbortSignal): AsyncIterableIterator<E> {
    const reader: Reader<E> = {
      queue: new Fifo(),
      ended: this.#over || signal?.aborted === true,
      error: undefined,
      wake: undefined,
    };
    if (!reader.ended) this.#readers.add(reader);
    const stop = () => this.#stop(reader);
    signal?.addEventListener('abort', stop, { once: true });
    const finish = (): IteratorResult<E> => {
      signal?.removeEventListener('abort', stop);
      this.#stop(reader);
      return { done: true, value: undefined };
    };
    return {
      [Symbol.asyncIterator]() {
        return this;
      },
      next: async () => {
        for (;;) {
          const value = reader.queue.shift();
          if (value !== undefined) return { done: false, value };
          if (reader.error !== undefined) {
            const { error } = reader;
            reader.error = undefined;
            finish();
            throw error;
          }
          if (reader.ended) return finish();
          await new Promise<void>((resolve) => {
            reader.wake = resolve;
          });
        }
      },
      return: async () => {
        reader.queue.drain();
        return finish();
      },
    };
  }

  #stop(reader: Reader<E>, error?: Error): void {
    this.#readers.delete(reader);
    reader.ended = true;
    reader.error ??= error;
    reader.wake?.();
  }
}
