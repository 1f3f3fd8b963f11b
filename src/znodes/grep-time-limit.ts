import { createContext, Script } from 'node:vm';

/** Work that is sure to come to an end, whatever regular expression it tries. */
export interface TimeLimit {
  /** Runs it and returns true; false when it took longer than so many milliseconds. It must not be asynchronous. */
  run(work: () => void, milliseconds: number): boolean;
}

/**
 * A regular expression such as `(a+)+$` takes years on the wrong text, and no timer or Ctrl-C is heard meanwhile. V8 ends
 * it when it runs inside a script that has a time limit.
 */
export function createTimeLimit(): TimeLimit {
  const globals: { work(): void } = { work: () => {} };
  const context = createContext(globals);
  const script = new Script('work()');
  return {
    run(work, milliseconds) {
      globals.work = work;
      try {
        script.runInContext(context, { timeout: milliseconds });
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return false;
        throw error;
      }
    },
  };
}
