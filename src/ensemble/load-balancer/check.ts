import type { MemberStatus } from '../ensemble-status.ts';
import type { Backend, Balance } from './balancing.ts';

/** How a load balancer sees that a member serves. */
export interface Check {
  /** `srvr` and `isro` are four-letter words, `admin` an answer of the AdminServer, `tcp` an open port. */
  readonly kind: 'srvr' | 'isro' | 'admin' | 'tcp';
  /** Sent to the client port. */
  readonly send: string | undefined;
  /** A regular expression that the answer of a member that serves matches. */
  readonly expect: string | undefined;
  readonly notes: readonly string[];
}

/** What a member is asked besides the usual, to see which checks it answers. */
export const CHECK_WORDS: readonly string[] = ['srvr', 'isro'];

const SRVR = 'Mode: (leader|follower|observer|standalone)';
const SRVR_READ_ONLY = 'Mode: (leader|follower|observer|standalone|read-only)';

/** The best check that every member answers; ruok is none, for a server says imok whether it serves or not. */
export function chooseCheck(
  answering: readonly MemberStatus[],
  { readOnly, tls }: Pick<Balance, 'readOnly' | 'tls'>,
  backends: readonly Pick<Backend, 'admin'>[],
): Check {
  const all = (word: string): boolean =>
    !tls && answering.length > 0 && answering.every(({ observation }) => observation.further.words.has(word));
  if (all('srvr')) return { kind: 'srvr', send: 'srvr', expect: readOnly ? SRVR_READ_ONLY : SRVR, notes: [] };
  if (all('isro')) return { kind: 'isro', send: 'isro', expect: readOnly ? '^r[wo]' : '^rw', notes: [] };
  const why = tls ? 'The client ports speak TLS' : 'Not every member that was asked answers srvr';
  if (backends.length > 0 && backends.every(({ admin }) => admin !== undefined)) {
    // One that does not serve answers with an error, and so without that field.
    const expect = readOnly ? '"read_only" *: *(true|false)' : '"read_only" *: *false';
    return { kind: 'admin', send: undefined, expect, notes: [`${why}: the AdminServer is asked instead.`] };
  }
  return {
    ...{ kind: 'tcp', send: undefined, expect: undefined },
    notes: [
      `${why}, and no AdminServer was found at each: only the port is checked, and a member that listens without a quorum gets clients.`,
    ],
  };
}
