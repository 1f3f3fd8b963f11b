import type { Action, Doing } from './action.ts';
import { applyConfig, writeFiles } from './files.ts';
import { reconfig } from './reconfig.ts';
import { service } from './service.ts';

/** How each kind of action is done. */
const DOINGS = {
  restart: service,
  start: service,
  stop: service,
  reconfig,
  'write-files': writeFiles,
  'apply-config': applyConfig,
} as const;

export function doingOf(action: Action): Doing<Action> {
  return DOINGS[action.do] as Doing<Action>;
}
