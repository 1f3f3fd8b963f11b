import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import Reconfig from '../../commands/reconfig.ts';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { ConnectionLostError } from '../../src/client/errors.ts';
import { readCommittedConfig } from '../../src/ensemble/committed-config.ts';
import { fourLetterWord } from '../../src/ensemble/four-letter-word.ts';
import { useEnsemble } from '../support/ensembles.ts';
import { runCommand } from '../support/run-command.ts';

describe('reconfig', () => {
  const ensemble = useEnsemble({ servers: 3 });
  let lines: string[];
  /** Index of a member that does not lead: changing the leader costs an election and, often, the answer. */
  let follower: number;

  beforeAll(async () => {
    const modes = await Promise.all(
      ensemble().members.map(({ host, clientPort: port }) => fourLetterWord({ host, port, word: 'srvr' })),
    );
    follower = modes.findLastIndex((text) => text.includes('Mode: follower'));
    lines = ensemble().members.map(
      ({ id, quorumPort, electionPort, clientPort }) =>
        `server.${id}=127.0.0.1:${quorumPort}:${electionPort}:participant;127.0.0.1:${clientPort}`,
    );
  });

  const anonymous = (...argv: string[]) => runCommand(Reconfig, [...argv, '-S', ensemble().connectString]);
  const reconfig = (...argv: string[]) =>
    anonymous(...argv, '--auth', `digest:super:file:${ensemble().superAuth.secretFile}`);

  async function version(): Promise<string> {
    const client = await connect(ensemble().connectString);
    const { config } = await readCommittedConfig(client);
    await client.close();
    return config.version?.toString(16) ?? '';
  }

  it('shows with --dry-run what would change, and changes nothing', async () => {
    const before = await version();
    const ran = await anonymous('-remove', '3', '--dry-run');
    expect(ran).toEqual({
      code: 0,
      stdout: [
        `from version ${before}`,
        `  ${lines[0]}`,
        `  ${lines[1]}`,
        `- ${lines[2]}`,
        'voters 3 -> 2, failures they survive 1 -> 0',
        '',
      ].join('\n'),
      stderr: '',
    });
    expect(await version()).toBe(before);
  });

  it('asks before it changes anything, and refuses where nobody can be asked', async () => {
    const before = await version();
    const ran = await reconfig('-remove', '3');
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(`About to change the membership of the ensemble:\n  from version ${before}\n`);
    expect(ran.stderr).toMatch(/--yes is missing\n {2}Give --yes, or run it on a terminal\.\n$/);
    expect(await version()).toBe(before);
  });

  it('makes a member an observer and a participant again, each against the version it read', async () => {
    const before = await version();
    const line = lines[follower]!;
    const observer = line.replace('participant', 'observer');
    const demoted = await reconfig(`-add=${observer}`, '-v', before, '--yes', '-o', 'json');
    // The demoted member closes its connections, perhaps before it has answered.
    expect(demoted.stderr).toMatch(/^(note: the connection was lost before the answer came; .*\n)?$/);
    const json = JSON.parse(demoted.stdout);
    expect(json.fromVersion).toBe(BigInt(`0x${before}`).toString());
    expect(json.changes[follower]).toEqual({ id: `${follower + 1}`, change: 'change', before: line, after: observer });
    expect(json.committed.servers[follower].role).toBe('observer');
    const promoted = await reconfig('-add', line, '-s', '--yes');
    expect(promoted.stdout).toContain(`Committed new configuration:\n${lines.join('\n')}\nversion=`);
    expect(promoted.stdout).toMatch(/numChildren = 0\n$/);
    expect(BigInt(`0x${await version()}`)).toBeGreaterThan(BigInt(`0x${before}`));
  });

  it('takes a member out and puts it back from a file whose version line is the guard', async () => {
    expect((await reconfig('-remove', `${follower + 1}`, '--yes')).code).toBe(0);
    const folder = await mkdtemp(join(tmpdir(), 'zksh-reconfig-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'members');
    await writeFile(file, `# three again\n${lines.join('\n')}\nversion=1\n`);
    const stale = await reconfig('-file', file, '--yes');
    expect(stale.code).toBe(6);
    expect(stale.stderr).toBe(
      `error: the configuration is not the one this change was meant for: it is ${await version()}, not 1\n` +
        '  Nothing was changed. Look at it with config, then decide again.\n',
    );
    await writeFile(file, `# three again\n${lines.join('\n')}\nversion=${await version()}\n`);
    const back = await reconfig('-file', file, '--yes');
    expect([back.code, back.stderr]).toEqual([0, '']);
    expect(back.stdout).toContain(lines[follower]);
  });

  it('refuses without the super user, naming what is missing', async () => {
    const ran = await anonymous('-add', lines[2]!, '--yes');
    expect(ran).toEqual({
      code: 4,
      stdout: '',
      stderr:
        'error: reconfig: not permitted by the ACL of /zookeeper/config\n' +
        '  Authenticate as the super user: --auth digest:super:file:PATH, or addauth in the shell.\n',
    });
  });

  it.each([
    [[], 2, 'nothing to change: give -add or -remove, or -file or -members'],
    [['-add', 'server.9=h:1:2', '--yes'], 2, 'server.9 has no client port'],
    [['-add', 'server.9=h:1:x;3', '--yes'], 2, '"x" is not a port'],
    [['-remove', '9', '--yes'], 3, 'there is no member 9 to remove'],
    [['-remove', '1,2,3', '--yes'], 2, 'nobody would be left to vote'],
    [['-remove', '3', '-members', 'server.1=h:1:2;3'], 2, '--remove'],
    [['-remove', '3', '-v', '-1', '--yes'], 2, '"-1" is no version of a configuration'],
    [['-remove', '3', '-v', 'now', '--yes'], 2, '"now" is no version of a configuration'],
    [['-remove', '3', '-v', 'abc', '--yes'], 6, 'the configuration is not the one this change was meant for'],
    [['-file', '/nonexistent'], 2, 'cannot read /nonexistent'],
  ])('refuses %j with exit code %i', async (argv, code, message) => {
    const ran = await reconfig(...argv);
    expect(ran.stderr).toContain(message);
    expect(ran.code).toBe(code);
  });

  it('looks at what is committed when the answer is lost', async () => {
    const client = await connect(ensemble().connectString);
    onTestFinished(() => client.close());
    await client.addAuth('digest', `super:${ensemble().superSecret}`);
    const lossy = new Proxy(client, {
      get(target, name) {
        const value = Reflect.get(target, name);
        if (name !== 'reconfig') return typeof value === 'function' ? value.bind(target) : value;
        return async (change: Parameters<Client['reconfig']>[0]) => {
          await target.reconfig(change);
          throw new ConnectionLostError('reconfig', 'unknown', new Error('cut'));
        };
      },
    });
    const ran = await runCommand(Reconfig, ['-add', lines[0]!, '--yes'], { session: async () => lossy, cwd: '/' });
    expect(ran.stderr).toBe(
      'note: the connection was lost before the answer came; the new configuration is committed all the same\n',
    );
    expect(ran.code).toBe(0);
  });
});
