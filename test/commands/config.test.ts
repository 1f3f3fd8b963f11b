import { beforeAll, describe, expect, it } from 'vitest';
import Config from '../../commands/config.ts';
import { connect } from '../../src/client/connect.ts';
import { sharedEnsemble, type TestEnsemble } from '../support/ensembles.ts';
import { runCommand } from '../support/run-command.ts';

describe('config', () => {
  let ensemble: TestEnsemble;
  beforeAll(async () => {
    ensemble = await sharedEnsemble('three');
  });
  const config = (...argv: string[]) => runCommand(Config, [...argv, '-S', ensemble.connectString]);

  it('prints the dynamic configuration as zkCli does', async () => {
    const { code, stdout, stderr } = await config();
    const lines = ensemble.members.map(
      ({ id, quorumPort, electionPort, clientPort }) =>
        `server.${id}=127.0.0.1:${quorumPort}:${electionPort}:participant;127.0.0.1:${clientPort}`,
    );
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.trim().split('\n')).toEqual([...lines, expect.stringMatching(/^version=[0-9a-f]+$/)]);
  });

  it('prints with -c the version and a connection string that connects', async () => {
    const { stdout } = await config('-c');
    const [version, servers = ''] = stdout.trim().split(' ');
    expect(version).toMatch(/^[0-9a-f]+$/);
    expect(servers.split(',').sort()).toEqual(ensemble.connectString.split(',').sort());
    await (await connect(servers)).close();
  });

  it('prints the Stat with -s', async () => {
    expect((await config('-s')).stdout).toMatch(/\nversion=[0-9a-f]+\ncZxid = 0x0\n[\s\S]*\nnumChildren = 0\n$/);
  });

  it('prints every member as JSON, the version in both notations', async () => {
    const json = JSON.parse((await config('-o', 'json')).stdout);
    expect(json.version).toBe(BigInt(`0x${json.versionHex}`).toString());
    expect(json.servers[0]).toEqual({
      id: '1',
      addresses: [
        {
          host: '127.0.0.1',
          quorumPort: ensemble.members[0]?.quorumPort,
          electionPort: ensemble.members[0]?.electionPort,
        },
      ],
      role: 'participant',
      client: { host: '127.0.0.1', port: ensemble.members[0]?.clientPort },
    });
  });

  it('prints a table of members', async () => {
    const { stdout } = await config('-o', 'csv');
    const [header, first] = stdout.split('\n');
    const { quorumPort, electionPort, clientPort } = ensemble.members[0]!;
    expect(header).toBe('id,role,server,client');
    expect(first).toBe(`1,participant,127.0.0.1:${quorumPort}:${electionPort},127.0.0.1:${clientPort}`);
  });

  it('has nothing to print of a standalone server', async () => {
    const { connectString } = await sharedEnsemble('standalone');
    expect(await runCommand(Config, ['-S', connectString])).toEqual({ code: 0, stdout: '\n', stderr: '' });
    expect(JSON.parse((await runCommand(Config, ['-S', connectString, '-o', 'json'])).stdout).servers).toEqual([]);
  });

  it('says that a watch outside the shell is of no use, and leaves one inside', async () => {
    expect((await config('-w')).stderr).toMatch(/^note: the watch ends with this command/);
    const client = await connect(ensemble.connectString);
    await runCommand(Config, ['-w'], { session: async () => client, cwd: '/' });
    expect(client.held.watches).toEqual(['/zookeeper/config']);
    await client.close();
  });
});
