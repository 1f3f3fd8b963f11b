/** One thing to do, on the machine of one member. */
export type RecoveryStep = {
  /** `recover` makes what is left serve again; `grow` brings the others back, one at a time. */
  readonly phase: 'recover' | 'grow';
  readonly member: bigint;
  /** Why it is done, a clause. */
  readonly why: string;
} & (
  | { readonly kind: 'stop' | 'start' }
  | { readonly kind: 'run'; readonly command: string }
  /** The whole content of a file; of one whose place is not known, what it is. */
  | { readonly kind: 'write'; readonly path: string | undefined; readonly file: string; readonly content: string }
  /** Lines of a zoo.cfg: keys that go, then keys that get a value. */
  | {
      readonly kind: 'edit';
      readonly path: string | undefined;
      readonly file: string;
      readonly remove: readonly string[];
      readonly set: Readonly<Record<string, string>>;
    }
  /** A data directory with nothing in it but myid: what was there is moved away. */
  | { readonly kind: 'empty'; readonly path: string | undefined; readonly myid: string }
  | { readonly kind: 'wait'; readonly command: string; readonly until: string }
);

export type StepBody = RecoveryStep extends infer S ? (S extends RecoveryStep ? Omit<S, 'phase'> : never) : never;

export function inPhase(phase: RecoveryStep['phase'], steps: readonly StepBody[]): RecoveryStep[] {
  return steps.map((step) => ({ ...step, phase }) as RecoveryStep);
}
