import { connect } from '../../src/client/connect.ts';
import { parseConnectString } from '../../src/client/connect-string.ts';
import { observeEnsemble } from '../../src/ensemble/observe.ts';
import type { Asking, MemberObservation } from '../../src/ensemble/observe-member.ts';
import type { TestEnsemble } from './ensembles.ts';

/** How tests ask members; `options` and `secure` are those of a secure port where a test has one. */
export function askingOf(more: Partial<Asking> = {}): Asking {
  return { limit: 5000, connect, options: {}, ...more };
}

/** Members as they are seen now, by the AdminServers of the ensemble too. */
export async function observed(
  servers: string,
  asking: Asking,
  ensemble?: Pick<TestEnsemble, 'members'>,
): Promise<readonly MemberObservation[]> {
  const admins = (ensemble?.members ?? []).map(({ id, adminPort }): [string, string] => [`${id}`, `${adminPort}`]);
  const { members } = await observeEnsemble(
    {
      listed: parseConnectString(servers).hosts.map((server) => ({ server })),
      only: false,
      tls: asking.options.tls !== undefined,
      admin: { off: ensemble === undefined, everywhere: undefined, of: new Map(admins) },
    },
    asking,
  );
  return members;
}
