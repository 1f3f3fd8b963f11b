import type { ActionOf, Doing } from './action.ts';
import { service } from './service.ts';

/** Makes another member lead, by a restart of the one that does. */
export const handOver: Doing<ActionOf<'hand-over'>> = {
  before: async () => ({}),
  perform: async (context, { member }, version) => {
    const { leader } = await context.observe();
    if (leader !== undefined && leader.id !== member) return { evidence: `member ${leader.id} leads` };
    return service.perform(context, { do: 'restart', member }, version);
  },
  // Who leads now is looked at anew.
  happened: async (context) => {
    const { leader } = await context.observe();
    return { answer: 'no', evidence: leader === undefined ? 'nobody leads' : `member ${leader.id} leads` };
  },
};
