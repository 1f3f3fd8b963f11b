import type { Wishes } from '../../ensemble/further.ts';
import type { TopState } from './state.ts';

/**
 * What to ask besides: the connections, while they are shown. Their list costs a server something, so the four-letter word
 * is sent only when an AdminServer is found wanting.
 */
export function wishesOf({ show, help, connections }: TopState): Wishes {
  if (show === 'members' || help) return {};
  return { admin: ['connections'], words: connections?.wantsWord === true ? ['cons'] : [] };
}
