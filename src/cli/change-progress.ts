import type { ChangeEvent } from '../change/run-change.ts';
import type { Io } from './io.ts';
import { createProgress } from './progress.ts';

/** Tells a person how far a change has come. */
export interface ChangeProgress {
  tell(event: ChangeEvent): void;
  /** A line that is none of a step. */
  say(text: string): void;
  /** Always to be called, also when the change has failed. */
  done(): Promise<void>;
}

/** In a pipe: a line when a step begins, one for what it did, one when it is proven. */
export function changeLines(line: (text: string) => void, io: Io): ChangeProgress {
  let waiting: ReturnType<typeof createProgress> | undefined;
  const clear = (): void => {
    waiting?.done();
    waiting = undefined;
  };
  return {
    tell(event) {
      const { step } = event;
      if (event.type === 'waiting') {
        const [gate, evidence] = event.shut[0] ?? ['', ''];
        waiting ??= createProgress(io, { label: `waiting ${event.when} ${step.title}: ${gate} (${evidence})` });
        waiting.update(0);
        return;
      }
      clear();
      if (event.type === 'step') {
        const of = event.done.length + 1 + event.after.length;
        line(`${event.done.length + 1}/${of} ${step.title}: ${step.why}`);
      } else if (event.type === 'acted') line(`    ${event.evidence}`);
      else if (event.type === 'done') line(`    proven: ${step.after.length} gates`);
    },
    say: line,
    done: async () => clear(),
  };
}
