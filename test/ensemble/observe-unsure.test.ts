import { expect, it } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import { ensembleStatus } from '../../src/ensemble/ensemble-status.ts';
import { parseAdminChoice } from '../../src/ensemble/members.ts';
import { observeEnsemble, withOutsiders } from '../../src/ensemble/observe.ts';
import { parseServerLine } from '../../src/ensemble/server-line.ts';
import { sharedEnsemble } from '../support/ensembles.ts';

/** Nobody listens there. */
const NOWHERE = { host: '127.0.0.1', port: 1 };

it('looks for a member where it is configured while nobody answers where it was, or is to be', async () => {
  const { members } = await sharedEnsemble('three');
  const listed = members.slice(0, 2).map(({ host, clientPort: port }) => ({ server: { host, port } }));
  const asking = { limit: 3000, connect, options: {}, signal: new AbortController().signal };
  const how = { only: false, tls: false, admin: parseAdminChoice(['off']) };
  const seen = async (more: Parameters<typeof observeEnsemble>[0]['listed']) => {
    const status = ensembleStatus(await observeEnsemble({ ...how, listed: [...listed, ...more] }, asking));
    return status.members.map(({ id, role }) => `${id} ${role === 'unreachable' ? role : 'serves'}`);
  };
  const everybody = ['1 serves', '2 serves', '3 serves'];
  // An ensemble file that is ahead of the configuration, or behind it.
  expect(await seen([{ id: 3n, server: NOWHERE, unsure: true }])).toEqual(everybody);
  const moving = parseServerLine('server.3=127.0.0.1:2:3:participant;127.0.0.1:1');
  expect(await seen(withOutsiders({ ...how, listed: [] }, [moving]))).toEqual(everybody);
  // A person who names a member means that address, and no other.
  expect(await seen([{ id: 3n, server: NOWHERE }])).toEqual(['1 serves', '2 serves', '3 unreachable']);
});
