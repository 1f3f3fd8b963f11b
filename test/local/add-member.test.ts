import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { connect } from '../../src/client/connect.ts';
import { parseDynamicConfig } from '../../src/ensemble/dynamic-config.ts';
import { fourLetterWord } from '../../src/ensemble/four-letter-word.ts';
import { parseServerStatus } from '../../src/ensemble/server-status.ts';
import { add, type LocalEnsemble, restart } from '../../src/local/ensemble.ts';
import { sharedEnsemble, useEnsemble } from '../support/ensembles.ts';

async function modes({ members }: LocalEnsemble): Promise<(string | undefined)[]> {
  const answers = members.map(({ host, clientPort: port }) => fourLetterWord({ host, port, word: 'srvr' }));
  return (await Promise.all(answers)).map((text) => parseServerStatus(text).mode);
}

describe('a local ensemble that grows', () => {
  const ensemble = useEnsemble({ servers: 2 });

  it('takes a new voter in, and the committed configuration names it', async () => {
    const grown = await add(ensemble());
    expect(grown.members.map(({ id, role, state }) => ({ id, role, state }))[2]).toEqual({
      id: 3,
      role: 'participant',
      state: 'running',
    });
    expect((await modes(grown)).sort()).toEqual(['follower', 'follower', 'leader']);
    const client = await connect(grown.connectString);
    const { data } = await client.getConfig();
    await client.close();
    const { servers } = parseDynamicConfig(data!.toString('utf8'));
    expect(servers.map(({ id, role }) => `${id} ${role}`)).toEqual(['1 participant', '2 participant', '3 participant']);
  });

  it('takes a new observer in', async () => {
    const grown = await add(ensemble(), { role: 'observer' });
    expect(grown.members[3]).toMatchObject({ id: 4, role: 'observer', state: 'running' });
    expect((await modes(grown))[3]).toBe('observer');
  });

  it('keeps its new members over a restart', async () => {
    const again = await restart(ensemble(), 3);
    expect((await modes(again))[2]).toMatch(/leader|follower/);
    expect(await readFile(`${again.members[2]!.dir}/data/myid`, 'utf8')).toBe('3\n');
  });
});

describe('a standalone server', () => {
  it('takes nobody in', async () => {
    const { name, stateDir } = await sharedEnsemble('standalone');
    await expect(add({ name, stateDir })).rejects.toMatchObject({ code: 'FIXED_MEMBERSHIP', exitCode: 2 });
  });
});
