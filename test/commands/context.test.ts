import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import ContextAdd from '../../commands/context/add.ts';
import ContextList from '../../commands/context/list.ts';
import ContextRemove from '../../commands/context/remove.ts';
import ContextShow from '../../commands/context/show.ts';
import ContextTest from '../../commands/context/test.ts';
import ContextUse from '../../commands/context/use.ts';
import type { Prompts } from '../../src/cli/prompts.ts';
import type { Client } from '../../src/client/client.ts';
import { ExitCode, ZkshError } from '../../src/protocol/errors.ts';
import { type Place, runCommand } from '../support/run-command.ts';

const folder = mkdtempSync(join(tmpdir(), 'zksh-context-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (Class: unknown, argv: string, place: Place = {}) =>
  runCommand(Class, argv.split(' ').filter(Boolean), { ...place, env: { ZKSH_CONFIG_DIR: folder, ...place.env } });
const saved = () => JSON.parse(readFileSync(join(folder, 'contexts.json'), 'utf8'));

describe('context add', () => {
  it('saves what the connection flags say; the first one becomes current', async () => {
    const { code, stdout } = await run(
      ContextAdd,
      'prod -S zk1:2181,zk2:2181/app --auth digest:env:ZK --ca ca.pem --session-timeout 10s --protected',
    );
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'added context prod (zk1:2181,zk2:2181/app), now current\n',
    });
    expect(saved()).toEqual({
      current: 'prod',
      contexts: {
        prod: {
          servers: 'zk1:2181,zk2:2181/app',
          sessionTimeout: 10_000,
          auth: ['digest:env:ZK'],
          tls: { ca: 'ca.pem' },
          protected: true,
        },
      },
    });
  });

  it('leaves the current context alone unless --use is given', async () => {
    await run(ContextAdd, 'a -S a:1');
    await run(ContextAdd, 'b -S b:1');
    expect(saved().current).toBe('a');
    await run(ContextAdd, 'c -S c:1 --use');
    expect(saved().current).toBe('c');
  });

  it('does not replace a context without --force', async () => {
    await run(ContextAdd, 'a -S a:1');
    expect(await run(ContextAdd, 'a -S b:1')).toMatchObject({ code: 6, stderr: expect.stringContaining('--force') });
    expect(await run(ContextAdd, 'a -S b:1 --force')).toMatchObject({ code: 0 });
    expect(saved().contexts.a.servers).toBe('b:1');
  });

  it.each([
    'a -S h:1 --auth digest:bob:hunter2',
    'a -S h:1 --sasl bob:hunter2',
    'a -S h:1 --keystore k.p12 --keystore-password hunter2',
  ])('stores no secret in clear: %s', async (argv) => {
    const { code, stderr } = await run(ContextAdd, argv);
    expect(code).toBe(2);
    expect(stderr).toContain('does not hold a secret in clear');
    expect(stderr).not.toContain('hunter2');
    expect(() => saved()).toThrow('ENOENT');
  });

  it.each([
    ['-x -S h:1', 'nonexistent flag'],
    ['a/b -S h:1', 'can not name a context'],
    ['a -S h:port', 'is no port'],
    ['a -S http://h:1', 'it is a URL'],
  ])('refuses %s', async (argv, message) => {
    expect(await run(ContextAdd, argv)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  });

  it('does not take the servers from the environment', async () => {
    vi.stubEnv('ZKSH_SERVER', 'env:2181');
    const { code, stderr } = await run(ContextAdd, 'a');
    vi.unstubAllEnvs();
    expect(code).toBe(2);
    expect(stderr).toContain('--server is missing');
  });

  it('asks on a terminal for what is missing', async () => {
    const answers = ['mine', 'zk1:2181', true, '/ca.pem', 'digest', 'bob', 'file:/pw', true];
    const answer = async (): Promise<never> => answers.shift() as never;
    const prompts: Prompts = { input: answer, password: answer, confirm: answer, select: answer };
    expect((await run(ContextAdd, '', { tty: true, prompts })).code).toBe(0);
    expect(answers).toEqual([]);
    expect(saved().contexts.mine).toEqual({
      servers: 'zk1:2181',
      tls: { ca: '/ca.pem' },
      auth: ['digest:bob:file:/pw'],
      protected: true,
    });
  });
});

describe('the other context commands', () => {
  beforeEach(async () => {
    await run(ContextAdd, 'prod -S zk1:2181,zk2:2181 --auth digest:env:ZK --protected --note night');
    await run(ContextAdd, 'dev -S localhost:2181');
  });

  it('list them', async () => {
    expect((await run(ContextList, '-o table')).stdout).toBe(
      'CURRENT  NAME  SERVERS            TLS  PROTECTED  NOTE\n' +
        '*        prod  zk1:2181,zk2:2181  no   yes        night\n' +
        '         dev   localhost:2181     no   no\n',
    );
    expect(JSON.parse((await run(ContextList, '-o json')).stdout)).toMatchSnapshot();
  });

  it('say on a terminal that there are none', async () => {
    rmSync(folder, { recursive: true });
    expect(await run(ContextList, '', { tty: true })).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('no contexts'),
    });
    expect(await run(ContextList, '')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('make one current', async () => {
    expect((await run(ContextUse, 'dev')).stdout).toBe('using context dev (localhost:2181)\n');
    expect(saved().current).toBe('dev');
    expect(await run(ContextUse, 'nope')).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('There are: prod, dev'),
    });
  });

  it('show one, with secrets written by hand into the file masked', async () => {
    const { writeFileSync } = await import('node:fs');
    const contexts = saved();
    contexts.contexts.prod.auth.push('digest:bob:hunter2');
    contexts.contexts.prod.sasl = { mechanism: 'DIGEST-MD5', user: 'bob', secret: 'hunter2' };
    writeFileSync(join(folder, 'contexts.json'), JSON.stringify(contexts));
    const { stdout } = await run(ContextShow, '');
    expect(stdout).not.toContain('hunter2');
    expect(stdout).toContain('auth: digest:env:ZK\nauth: digest:bob:********\nsasl: DIGEST-MD5 bob ********\n');
    const json = (await run(ContextShow, 'prod -o json')).stdout;
    expect(json).not.toContain('hunter2');
    expect({ ...JSON.parse(json), file: 'contexts.json' }).toMatchSnapshot();
  });

  it('forget one, and the current one with it', async () => {
    expect((await run(ContextRemove, 'dev')).stdout).toBe('removed context dev\n');
    expect((await run(ContextRemove, 'prod --i-know prod')).code).toBe(0);
    expect(saved()).toEqual({ contexts: {} });
    expect((await run(ContextShow, '')).code).toBe(3);
  });

  it('forget a protected one only when its name is given', async () => {
    expect(await run(ContextRemove, 'prod --yes')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--i-know prod'),
    });
    expect(saved().contexts.prod).toBeDefined();
  });
});

describe('context test', () => {
  const client = { exists: async () => ({}), close: async () => {}, state: 'CONNECTED', negotiatedTimeout: 4000 };
  const connect = async (servers: string): Promise<Client> => {
    if (servers.startsWith('bad')) {
      throw new ZkshError(`cannot connect to ${servers}`, { code: 'CANNOT_CONNECT', exitCode: ExitCode.connection });
    }
    return client as unknown as Client;
  };

  it.each([
    ['good:1,fine:2/app', 0],
    ['good:1,bad:2', 8],
    ['bad:1,bad:2', 5],
  ])('tries each server of %s and exits %i', async (servers, code) => {
    await run(ContextAdd, `x -S ${servers}`);
    expect((await run(ContextTest, 'x', { connect })).code).toBe(code);
  });

  it('shows all servers also when one is silent for the whole --timeout', async () => {
    const silent = async (servers: string, { connectTimeout = 0 }: { connectTimeout?: number | undefined } = {}) => {
      if (servers.startsWith('silent')) {
        await new Promise((resolve) => setTimeout(resolve, connectTimeout + 50));
        throw new ZkshError('no answer', { code: 'CANNOT_CONNECT', exitCode: ExitCode.connection });
      }
      return connect(servers);
    };
    const { code, stdout } = await run(ContextTest, '-S good:1,silent:2 --timeout 20ms -o json', { connect: silent });
    expect(code).toBe(8);
    expect(JSON.parse(stdout)).toMatchObject([{ ok: true }, { ok: false, problem: 'no answer' }]);
  });

  it('says of each what came of it', async () => {
    const { stdout } = await run(ContextTest, '-S good:1,bad:2 -o json', { connect });
    expect(JSON.parse(stdout)).toEqual([
      { server: 'good:1', ok: true, state: 'CONNECTED', elapsed: 0, sessionTimeout: 4000 },
      { server: 'bad:2', ok: false, code: 'CANNOT_CONNECT', problem: 'cannot connect to bad:2' },
    ]);
  });
});
