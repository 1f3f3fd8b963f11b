import type { ZkshError } from '../protocol/errors.ts';
import type { WatchEvent } from '../protocol/events.ts';
import type { Attempt } from './errors.ts';

/** Where a session stands, for the client's own use. */
export type SessionPhase =
  | 'idle'
  | 'connecting'
  | 'handshaking'
  | 'authenticating'
  | 'connected'
  | 'connectedReadOnly'
  | 'expired'
  | 'authFailed'
  | 'closed';

/**
 * Where a session stands, for its users.
 *
 * - `CONNECTED`: a server of the quorum serves it. Fires when the handshake and all credentials are through.
 * - `READ_ONLY`: a server cut off from the quorum serves reads; only with `readOnly`. A read-write server is looked for.
 * - `SUSPENDED`: no server serves it at the moment. Fires when a connection is lost; the session, its ephemerals and
 *   watches may still live. Calls wait.
 * - `LOST`: it is over: expired, refused or closed. Fires once and is final.
 */
export type SessionState = 'CONNECTED' | 'READ_ONLY' | 'SUSPENDED' | 'LOST';

/** The session's standing changed, or a round of attempts to reconnect was in vain. */
export interface StateChange {
  type: 'state' | 'retrying';
  state: SessionState;
  sessionId: bigint;
  /** `host:port` of the server in use. */
  server: string | undefined;
  /** Why the connection, or the session, was lost. */
  cause: ZkshError | undefined;
  /** What each server said on the last round; empty while connected. */
  attempts: readonly Attempt[];
  /** Milliseconds since a server last served the session. */
  suspendedFor: number;
}

export interface SessionListener {
  changed(change: StateChange): void;
  /** A watch went off; paths as the server has them. */
  fired(event: WatchEvent): void;
}

const ENDS: readonly SessionPhase[] = ['expired', 'authFailed', 'closed'];

/** Every edge there is. A connection may be lost, or the session closed, at any time before the end. */
const EDGES: Readonly<Record<SessionPhase, readonly SessionPhase[]>> = {
  idle: ['connecting', 'closed'],
  connecting: ['handshaking', 'closed'],
  handshaking: ['authenticating', 'connecting', 'expired', 'closed'],
  authenticating: ['connected', 'connectedReadOnly', 'connecting', 'authFailed', 'closed'],
  connected: ['connecting', 'expired', 'closed'],
  connectedReadOnly: ['connecting', 'expired', 'closed'],
  expired: [],
  authFailed: [],
  closed: [],
};

const PUBLIC: Readonly<Record<SessionPhase, SessionState>> = {
  idle: 'SUSPENDED',
  connecting: 'SUSPENDED',
  handshaking: 'SUSPENDED',
  authenticating: 'SUSPENDED',
  connected: 'CONNECTED',
  connectedReadOnly: 'READ_ONLY',
  expired: 'LOST',
  authFailed: 'LOST',
  closed: 'LOST',
};

/** True for a phase nothing follows. */
export function isOver(phase: SessionPhase): boolean {
  return ENDS.includes(phase);
}

/** True when `to` may follow `from`. */
export function mayFollow(from: SessionPhase, to: SessionPhase): boolean {
  return EDGES[from].includes(to);
}

export function publicState(phase: SessionPhase): SessionState {
  return PUBLIC[phase];
}
