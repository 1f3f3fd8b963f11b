import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import AddWatch from '../../commands/addWatch.ts';
import RemoveWatches from '../../commands/removewatches.ts';
import type { Client } from '../../src/client/client.ts';
import { connect } from '../../src/client/connect.ts';
import { sharedEnsemble } from '../support/ensembles.ts';
import { runCommand } from '../support/run-command.ts';

let client: Client;

beforeEach(async () => {
  client = await connect((await sharedEnsemble('standalone')).connectString);
});
afterEach(() => client.close());

const inShell = (Class: unknown, ...argv: string[]) =>
  runCommand(Class, argv, { session: async () => client, cwd: '/watches-command' });

describe('addWatch', () => {
  it('leaves a persistent recursive watch in the session, silently as in zkCli', async () => {
    expect(await inShell(AddWatch, 'below')).toEqual({ code: 0, stdout: '', stderr: '' });
    await client.checkWatches('/watches-command/below', 'any');
    expect(client.held.watches).toEqual(['/watches-command/below']);
  });

  it.each([
    ['PERSISTENT', 'persistent'],
    ['persistent_recursive', 'persistentRecursive'],
  ])('takes the mode %s', async (typed, mode) => {
    const ran = await inShell(AddWatch, '-m', typed, '/watches-command', '-o', 'json');
    expect(JSON.parse(ran.stdout)).toEqual({ path: '/watches-command', mode });
  });

  it('refuses a mode there is not', async () => {
    const ran = await inShell(AddWatch, '-m', 'ONCE', '/x');
    expect([ran.code, ran.stderr]).toEqual([
      2,
      'error: --mode: "ONCE" is no mode of a watch\n  It is PERSISTENT or PERSISTENT_RECURSIVE.\n',
    ]);
  });
});

describe('removewatches', () => {
  it('takes off the kind that is named', async () => {
    await client.exists('/watches-command', { watch: true });
    await client.addWatch('/watches-command/p', 'persistent');
    expect((await inShell(RemoveWatches, '/watches-command', '-c')).code).toBe(3);
    expect(await inShell(RemoveWatches, '/watches-command', '-d')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(client.held.watches).toEqual(['/watches-command/p']);
    const ran = await inShell(RemoveWatches, 'p', '-o', 'json');
    expect(JSON.parse(ran.stdout)).toEqual({ path: '/watches-command/p', type: 'any' });
    expect(client.held.watches).toEqual([]);
  });

  it('fails when there is no such watch, unlike a script would notice with zkCli', async () => {
    const ran = await inShell(RemoveWatches, '/watches-command');
    expect([ran.code, ran.stderr]).toEqual([3, 'error: removeWatches "/watches-command": there is no such watch\n']);
  });
});

describe('outside the shell', () => {
  it.each([
    ['addWatch', AddWatch, 'zksh watch stays and shows the events.'],
    ['removewatches', RemoveWatches, 'Outside it, a watch is gone when its command ends.'],
  ])('%s says why it is of no use', async (name, Class, hint) => {
    expect(await runCommand(Class, ['/x'])).toEqual({
      code: 2,
      stdout: '',
      stderr: `error: ${name} works in the shell only: a watch lives as long as its session\n  ${hint}\n`,
    });
  });
});
