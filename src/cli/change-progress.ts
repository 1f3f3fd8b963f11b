import type { ChangeEvent } from '../change/run-change.ts';
import type { Io } from './io.ts';
import { createProgress } from './progress.ts';

/** Tells a person how far a change has come: a line a step, and on a terminal what is waited for. */
export function changeProgress(line: (text: string) => void, io: Io): { tell(event: ChangeEvent): void; done(): void } {
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
      if (event.type === 'step') line(`${event.number}/${event.of} ${step.title}: ${step.why}`);
      else if (event.type === 'acted') line(`    ${event.evidence}`);
      else if (event.type === 'done') line(`    proven: ${step.after.length} gates`);
    },
    done: clear,
  };
}
