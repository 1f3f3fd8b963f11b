import { ExitCode, ZkshError } from '../protocol/errors.ts';

/** Where results go: a stream with back-pressure. */
export interface Sink {
  /** Waits when the stream is behind. Throws `SinkClosed` when the reader is gone. */
  write(chunk: string | Uint8Array): Promise<void>;
  /** Waits until everything written has been handed over. */
  flush(): Promise<void>;
}

/** The reader of the output has gone away (`zksh ls -R / | head`): a success, not an error. */
export class SinkClosed extends ZkshError {
  constructor(cause?: unknown) {
    super('the reader of the output is gone', { code: 'SINK_CLOSED', exitCode: ExitCode.done, cause });
  }
}

/** Collected text is handed over at this many characters even while the producer is still busy. */
const BATCH = 32 * 1024;

/**
 * A sink on a writable stream. Text written within one turn of the event loop becomes one write, so that a hundred
 * thousand small items cost a few hundred system calls, yet an item that comes alone is out at once.
 */
export function streamSink(stream: NodeJS.WritableStream): Sink {
  let pending = '';
  let failure: unknown;
  let scheduled: NodeJS.Immediate | undefined;
  let last: Promise<void> = Promise.resolve();

  const send = (chunk: string | Uint8Array): Promise<void> => {
    last = writeOne(stream, chunk);
    last.catch((error: unknown) => {
      failure ??= error;
    });
    return last;
  };
  const drain = (): Promise<void> => {
    if (scheduled !== undefined) clearImmediate(scheduled);
    scheduled = undefined;
    if (pending === '') return last;
    const text = pending;
    pending = '';
    return send(text);
  };
  return {
    async write(chunk) {
      if (failure !== undefined) throw failure;
      if (typeof chunk !== 'string') {
        await drain();
        return send(chunk);
      }
      pending += chunk;
      if (pending.length >= BATCH) return drain();
      scheduled ??= setImmediate(drain);
    },
    async flush() {
      await drain();
      if (failure !== undefined) throw failure;
    },
  };
}

function writeOne(stream: NodeJS.WritableStream, chunk: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => reject(asSinkError(error));
    stream.once('error', fail);
    stream.write(chunk, (error?: Error | null) => {
      // A failing stream emits 'error' after this call: the listener stays for it.
      if (error === undefined || error === null) {
        stream.removeListener('error', fail);
        resolve();
      } else fail(error);
    });
  });
}

function asSinkError(error: NodeJS.ErrnoException): ZkshError {
  if (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED' || error.code === 'ERR_STREAM_WRITE_AFTER_END') {
    return new SinkClosed(error);
  }
  return new ZkshError(`could not write the output: ${error.message}`, {
    code: 'OUTPUT_FAILED',
    exitCode: ExitCode.failure,
    hint: 'check that the disk is not full and the output can be written',
    cause: error,
  });
}
