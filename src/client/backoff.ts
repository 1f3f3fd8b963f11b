/** Milliseconds of the pause after the second round of failed attempts; the first retry comes at once. */
const FIRST_PAUSE = 25;
const MAX_PAUSE = 1000;
const GROWTH = 1.5;

/**
 * How long to wait before going through the servers again.
 *
 * Growth is gentle because the usual wait is an election of a few hundred milliseconds, and doubling would overshoot
 * its end by as much again; jitter keeps a thousand clients from returning together.
 *
 * @param rounds how often every server was tried in vain
 * @param random in [0, 1)
 * @returns milliseconds
 */
export function pauseAfter(rounds: number, random: number): number {
  if (rounds === 0) return 0;
  const pause = Math.min(MAX_PAUSE, FIRST_PAUSE * GROWTH ** (rounds - 1));
  return pause * (0.5 + random / 2);
}

/** A timeout below two ticks is only asked for: no server grants it, and it must not cut the handshake short. */
const LEAST_ATTEMPT = 1000;

/**
 * How long one server may take to give a session before the next is tried. Short at first, so that a black-holed
 * member costs little; longer each round, so that a slow ensemble is reached in the end.
 *
 * @returns milliseconds
 */
export function attemptTimeout(rounds: number, servers: number, sessionTimeout: number): number {
  const most = Math.max(LEAST_ATTEMPT, (sessionTimeout * 2) / 3);
  const first = Math.max(LEAST_ATTEMPT, Math.min(2000, most / servers));
  return Math.min(most, first * 2 ** Math.min(rounds, 10));
}
