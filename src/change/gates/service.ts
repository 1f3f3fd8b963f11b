import { ZkshError } from '../../protocol/errors.ts';
import { SERVING } from '../serving.ts';
import { type Gate, label, targetOf, verdict } from './gate.ts';

const DOWN: readonly string[] = ['stopped', 'failed'];

/** What must be known of the machine of a member before it is taken away. */
export const SERVICE = {
  'service-as-seen': {
    name: 'service-as-seen',
    reason:
      'A service that is said to be stopped while its member serves is that of another server: what is started with it would be a second one.',
    attempt: async (view, { host, signal }) => {
      const member = targetOf(view);
      if (member?.id === undefined) return verdict(false, `member ${view.target} is not seen`);
      try {
        const { service } = host(member.id);
        const { state } = await service.status({ signal });
        const said = `its service is ${state} (${service.what})`;
        if (!SERVING.includes(member.role) || !DOWN.includes(state)) return verdict(true, said);
        const other = `${label(member)} serves, and ${said}: see zksh member inventory --check`;
        return { ...verdict(false, other), hopeless: 'otherwise' };
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof ZkshError) return verdict(false, error.message);
        throw error;
      }
    },
  },
} as const satisfies Record<string, Gate>;
