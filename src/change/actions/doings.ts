import type { ChangeContext } from '../context.ts';
import type { Action, Doing } from './action.ts';
import { applyConfig, writeFiles } from './files.ts';
import { handOver } from './hand-over.ts';
import { applyList, checkLists } from './lists.ts';
import { reconfig } from './reconfig.ts';
import { service } from './service.ts';
import { upgrade } from './upgrade.ts';

/** How each kind of action is done. */
const DOINGS = {
  restart: service,
  start: service,
  stop: service,
  reconfig,
  'write-files': writeFiles,
  'apply-config': applyConfig,
  upgrade,
  'apply-list': applyList,
  'check-lists': checkLists,
  'hand-over': handOver,
} as const;

export function doingOf(action: Action): Doing<Action> {
  return DOINGS[action.do] as Doing<Action>;
}

/** Does them one after the other. Returns what was seen. */
export async function performAll(actions: readonly Action[], context: ChangeContext): Promise<string[]> {
  const seen: string[] = [];
  for (const action of actions) seen.push((await doingOf(action).perform(context, action, undefined)).evidence);
  return seen;
}
