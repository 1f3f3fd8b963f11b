import { describe, expect, it } from 'vitest';
import Quorum from '../../commands/quorum.ts';
import { connect } from '../../src/client/connect.ts';
import { kill } from '../../src/local/control.ts';
import { ephemeralEnsemble, sharedEnsemble } from '../support/ensembles.ts';
import { runCommand } from '../support/run-command.ts';

interface Scenario {
  what: string;
  voters: string[];
  live: string[];
  quorum: boolean;
  tolerance: number;
  critical: string[];
}

async function ask(servers: string, ...argv: string[]) {
  const line = ['-S', servers, '--admin', 'off', '-o', 'json', ...argv];
  const { code, stdout, stderr } = await runCommand(Quorum, line);
  if (stdout === '') throw new Error(stderr);
  const report = JSON.parse(stdout) as {
    kind: string;
    assumed: boolean;
    synced?: number;
    members: { id: string; role: string; votes: boolean; weight: string }[];
    scenarios: Scenario[];
  };
  return { code, ...report };
}

describe('quorum', () => {
  it('tells of three members what they bear, and what they would without two or with one more', async () => {
    const { connectString } = await sharedEnsemble('three');
    const now = await ask(connectString);
    expect(now).toMatchObject({ code: 0, kind: 'majority', assumed: false, synced: 2 });
    expect(now.scenarios).toMatchObject([{ what: 'now', live: ['1', '2', '3'], quorum: true, tolerance: 1 }]);
    const less = await ask(connectString, '--without', '2,3');
    expect(less.code).toBe(8);
    expect(less.scenarios.map(({ what, quorum }) => ({ what, quorum }))).toEqual([
      { what: 'now', quorum: true },
      { what: 'stopped', quorum: false },
      { what: 'removed', quorum: true },
    ]);
    expect((await ask(connectString, '--with', '4')).scenarios[1]).toMatchObject({ what: 'added', tolerance: 1 });
  });

  it('is refused where --members leaves voters out: they would count as lost', async () => {
    const { members } = await sharedEnsemble('three');
    const only = members.slice(0, 2).map(({ host, clientPort }) => `${host}:${clientPort}`);
    const { code, stdout, stderr } = await runCommand(Quorum, ['--members', only.join(','), '--admin', 'off']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('the quorum is not known without asking 3, which vote too');
  });

  it('shows a person the members above the scenarios', async () => {
    const { connectString } = await sharedEnsemble('three');
    const argv = ['-S', connectString, '--admin', 'off', '--without', '1'];
    const { code, stdout } = await runCommand(Quorum, argv, { tty: true });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ID +HOST +ROLE +VOTES$/m);
    expect(stdout).toMatch(/^now +3 +3 +yes +1 +1 and 2$/m);
    expect(stdout).toMatch(/^stopped +3 +2 +yes +0 +2 or 3$/m);
    expect(stdout).toMatch(/^removed +2 +2 +yes +0 +2 or 3$/m);
    const piped = await runCommand(Quorum, argv);
    expect(piped.stdout).toBe(
      'now\t3\t3\tyes\t1\t1 and 2\nstopped\t3\t2\tyes\t0\t2 or 3\nremoved\t2\t2\tyes\t0\t2 or 3\n',
    );
  });

  it('has no quorum to tell of on a standalone server, and no member 9', async () => {
    const alone = await runCommand(Quorum, ['-S', (await sharedEnsemble('standalone')).connectString]);
    expect(alone).toMatchObject({ code: 1, stderr: expect.stringContaining('this is a standalone server') });
    const { connectString } = await sharedEnsemble('three');
    expect((await runCommand(Quorum, ['-S', connectString, '--without', '9'])).code).toBe(3);
    expect((await runCommand(Quorum, ['-S', connectString, '--without', 'two'])).code).toBe(2);
  });

  it('counts weights as the servers do: the loss of the heavy one ends it, of both others not', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3 });
    const auth = [{ scheme: 'digest', auth: `super:${ensemble.superSecret}` }];
    const client = await connect(ensemble.connectString, { auth });
    const { data } = await client.getConfig();
    const lines = data?.toString('utf8').split('\n') ?? [];
    const version = BigInt(`0x${lines.find((line) => line.startsWith('version='))?.slice(8)}`);
    const servers = lines.filter((line) => line.startsWith('server.'));
    const members = [...servers, 'group.1=1:2:3', 'weight.1=3', 'weight.2=1', 'weight.3=1'].join(',');
    await client.reconfig({ members, fromVersion: version });
    await client.close();

    const now = await ask(ensemble.connectString);
    expect(now).toMatchObject({ kind: 'hierarchical', members: [{ weight: '3' }, { weight: '1' }, { weight: '1' }] });
    expect(now.scenarios).toMatchObject([{ tolerance: 0, critical: ['1'] }]);
    expect((await ask(ensemble.connectString, '--without', '2,3')).scenarios[1]).toMatchObject({ quorum: true });

    await kill(ensemble, 2);
    await kill(ensemble, 3);
    // Server 1 alone outweighs them: it elects itself and serves, where a majority of three would not be had.
    const alone = () => ask(`127.0.0.1:${ensemble.members[0]!.clientPort}`, '--wait', '1s');
    await expect.poll(async () => (await alone()).members[0]?.role, { timeout: 40_000 }).toBe('leader');
    expect((await alone()).scenarios).toMatchObject([{ what: 'now', live: ['1'], quorum: true }]);
  });
});
