import type { ChangeContext } from '../context.ts';

/** A file as it shall be on a host. The text is Latin-1, a character a byte, so that nothing of it is lost. */
export interface FileToWrite {
  path: string;
  text: string;
  mode: number;
}

export interface ServiceAction {
  do: 'restart' | 'start' | 'stop';
  member: bigint;
}

/** What a step does, as data: another process may have to finish it. */
export type Action =
  | ServiceAction
  /** `next` is the membership it is meant to lead to, without its version. */
  /**
   * `next` is the membership it is meant to lead to, without its version; `from` the one it is meant for, where no version
   * says it; `serving` the line of a server that must serve, since it is to have a vote again.
   */
  | {
      do: 'reconfig';
      joining?: string;
      leaving?: string;
      members?: string;
      next: string;
      from?: string;
      serving?: string;
    }
  /** `owner` is `user:group` of all that is made; that of who does it when left out. */
  | {
      do: 'write-files';
      member: bigint;
      directories: readonly string[];
      files: readonly FileToWrite[];
      owner?: string | undefined;
    }
  /** Writes a configuration and restarts with it; `was` is the text that it takes the place of. */
  | { do: 'apply-config'; member: bigint; file: FileToWrite; was: string }
  /** Stops the service, runs a line of /bin/sh on its machine, and starts it: it shall tell the release `to` then. */
  | { do: 'upgrade'; member: bigint; command: string; to: string }
  /** Writes the file that lists the members, in place of the text `was`, and restarts the member with it, or stops it. */
  | { do: 'apply-list'; member: bigint; file: FileToWrite; was: string; deed: 'restart' | 'stop' }
  /** Restarts a member that leads, so that another does; one that does not is left alone. */
  | { do: 'hand-over'; member: bigint }
  /** Looks whether the files are as they shall be in the end. */
  | { do: 'check-lists'; files: readonly (Pick<FileToWrite, 'path' | 'text'> & { member: bigint })[] };

export type ActionOf<Name extends Action['do']> = Extract<Action, { do: Name }>;

/** Facts of the world, written to the journal. `configVersion` is hexadecimal: the version by a reconfiguration of ours. */
type ActionFacts = Readonly<Record<string, string>>;

/** What is known of something that was begun by a process that is gone. `unknown` is a person's to look at. */
interface Happened {
  answer: 'yes' | 'no' | 'unknown';
  evidence: string;
  facts?: ActionFacts | undefined;
}

/** How a kind of action is done, and how it is found out whether it was. */
export interface Doing<A extends Action> {
  /** What must be known later to tell whether it happened; written before it is tried. */
  before(context: ChangeContext, action: A): Promise<ActionFacts>;
  /** Does it. Returns what was seen, as a sentence. */
  perform(
    context: ChangeContext,
    action: A,
    configVersion: bigint | undefined,
  ): Promise<{ evidence: string; facts?: ActionFacts }>;
  happened(context: ChangeContext, action: A, before: ActionFacts): Promise<Happened>;
}
