import type { Action, Doing } from './action.ts';
import { restart } from './restart.ts';

/** How each kind of action is done. */
const DOINGS = { restart } as const satisfies { [A in Action as A['do']]: Doing<A> };

export function doingOf(action: Action): Doing<Action> {
  return DOINGS[action.do] as Doing<Action>;
}
