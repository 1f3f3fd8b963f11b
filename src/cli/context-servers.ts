import type { Plan } from '../change/plan.ts';
import { clientConnectString } from '../ensemble/committed-config.ts';
import { parseServerLine } from '../ensemble/server-line.ts';
import { contextsFile, updateContexts } from './contexts.ts';
import type { Io } from './io.ts';

/** Lets a context name whom a change brought, and no more whom it took. Returns its connection string when it is another. */
export async function followMembers(plan: Plan, name: string | undefined, io: Io): Promise<string | undefined> {
  if (name === undefined || (plan.joined === undefined && plan.left === undefined)) return undefined;
  let changed: string | undefined;
  await updateContexts(contextsFile(io.env), (before) => {
    const context = before.contexts[name];
    if (context === undefined) return before;
    const servers = serversAfter(context.servers, plan);
    if (servers === context.servers) return before;
    changed = servers;
    return { ...before, contexts: { ...before.contexts, [name]: { ...context, servers } } };
  });
  return changed;
}

/** A connection string with one server more, or one less; one that names but that server stays as it is. */
export function serversAfter(text: string, { joined, left }: Pick<Plan, 'joined' | 'left'>): string {
  const at = text.indexOf('/');
  const [list, chroot] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)];
  const servers = list.split(',').map((server) => server.trim());
  const [come, gone] = [addressOf(joined), addressOf(left)];
  const known = come === undefined || servers.includes(come) ? [] : [come];
  // Who takes the place of another takes it in the list.
  const after = [
    ...servers.flatMap((server) => (server === gone && gone !== come ? known : [server])),
    ...(gone !== undefined && servers.includes(gone) ? [] : known),
  ];
  return after.length === 0 || after.join() === servers.join() ? text : `${after.join(',')}${chroot}`;
}

function addressOf(line: string | undefined): string | undefined {
  if (line === undefined) return undefined;
  const text = clientConnectString({ servers: [parseServerLine(line)], groups: new Map(), weights: new Map() });
  return text === '' ? undefined : text;
}
