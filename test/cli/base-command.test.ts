import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ZkshCommand } from '../../src/cli/base-command.ts';
import { InterruptedError } from '../../src/cli/deadline.ts';
import type { Client } from '../../src/client/client.ts';
import type { View } from '../../src/output/view.ts';
import { FORMATS } from '../../src/output/view.ts';
import { ExitCode, UsageError, ZkshError } from '../../src/protocol/errors.ts';
import { runCommand } from '../support/run-command.ts';

interface Member {
  id: number;
  zxid: bigint;
}

/** A command with all that a command can have. */
class Sample extends ZkshCommand<Member[], typeof Sample> {
  static override id = 'sample';
  static override args = { path: Args.string({ required: true }), data: Args.string() };
  static override flags = {
    stat: Flags.boolean({ char: 's' }),
    version: Flags.integer({ char: 'v' }),
    file: Flags.string(),
  };
  static override zkCliFlags = ['file'];
  static work: (command: Sample) => Promise<Member[]> = async () => [];
  protected readonly view: View<Member[]> = {
    columns: [
      { header: 'id', value: (member) => member.id, kind: 'number' },
      { header: 'zxid', value: (member) => member.zxid, kind: 'hex' },
    ],
  };
  protected execute(): Promise<Member[]> {
    return Sample.work(this);
  }
  /** Everything a test wants to look at. */
  look() {
    return { flags: this.flags, args: this.args, signal: this.signal, path: () => this.resolvePath(this.args.path) };
  }
  open(): Promise<Client> {
    return this.client();
  }
}

const members: Member[] = [{ id: 1, zxid: 0x100000000n }];

afterEach(() => {
  vi.unstubAllEnvs();
  Sample.work = async () => [];
});

describe('a command', () => {
  it('prints its result on stdout and exits 0', async () => {
    Sample.work = async () => members;
    expect(await runCommand(Sample, ['/a'])).toEqual({ code: 0, stdout: '1\t0x100000000\n', stderr: '' });
  });

  it('prints a table on a terminal', async () => {
    Sample.work = async () => members;
    const { stdout } = await runCommand(Sample, ['/a'], { tty: true });
    expect(stdout).toBe('ID  ZXID\n 1  0x100000000\n');
  });

  it.each([
    ['json', '[\n  {\n    "id": 1,\n    "zxid": "4294967296"\n  }\n]\n'],
    ['ndjson', '{"id":1,"zxid":"4294967296"}\n'],
    ['yaml', '- id: 1\n  zxid: "4294967296"\n'],
    ['csv', 'id,zxid\n1,0x100000000\n'],
    ['text', '1\t0x100000000\n'],
    ['table', 'ID  ZXID\n 1  0x100000000\n'],
  ])('prints %s with -o', async (format, expected) => {
    Sample.work = async () => members;
    expect((await runCommand(Sample, ['/a', '-o', format])).stdout).toBe(expected);
  });

  it('takes every global flag from its environment variable', async () => {
    vi.stubEnv('ZKSH_OUTPUT', 'ndjson');
    Sample.work = async () => members;
    expect((await runCommand(Sample, ['/a'])).stdout).toBe('{"id":1,"zxid":"4294967296"}\n');
  });

  it('takes a flag that may be repeated from its environment variable, one a line', async () => {
    vi.stubEnv('ZKSH_AUTH', 'digest:env:ONE\ndigest:env:TWO\n');
    let auth: readonly string[] | undefined;
    Sample.work = async (command) => {
      auth = command.look().flags.auth;
      return [];
    };
    expect((await runCommand(Sample, ['/a'])).code).toBe(0);
    expect(auth).toEqual(['digest:env:ONE', 'digest:env:TWO']);
  });

  it("takes zkCli's long options with one dash", async () => {
    let file: string | undefined;
    Sample.work = async (command) => {
      file = command.look().flags.file;
      return [];
    };
    expect((await runCommand(Sample, ['-file', 'x', '/a'])).code).toBe(0);
    expect(file).toBe('x');
  });

  it('does not take a missing argument from a piped stdin', async () => {
    let data: string | undefined = 'unset';
    Sample.work = async (command) => {
      data = command.look().args.data;
      return [];
    };
    await runCommand(Sample, ['/a'], { stdin: 'not mine' });
    expect(data).toBeUndefined();
  });

  it.each(FORMATS)('has a form for -o %s', async (format) => {
    Sample.work = async () => members;
    const { code, stdout, stderr } = await runCommand(Sample, ['/a', '-o', format]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).not.toBe('');
  });

  it('refuses --dry-run where it has none, rather than doing the deed', async () => {
    let ran = false;
    Sample.work = async () => {
      ran = true;
      return members;
    };
    expect((await runCommand(Sample, ['/a', '--dry-run'])).code).toBe(2);
    expect(ran).toBe(false);
  });
});

describe('the exit code', () => {
  it.each(Object.entries(ExitCode))('is that of the error: %s', async (_name, exitCode) => {
    Sample.work = async () => {
      throw new ZkshError('it failed on /a', { code: 'X', exitCode });
    };
    expect((await runCommand(Sample, ['/a'])).code).toBe(exitCode);
  });

  it.each([
    ['no required argument', []],
    ['an unknown flag', ['/a', '--what']],
    ['an argument too many', ['/a', 'b', 'c']],
    ['a flag without its value', ['/a', '-v']],
    ['a flag value of the wrong type', ['/a', '-v', 'x']],
    ['an unknown format', ['/a', '-o', 'xml']],
    ['a bad duration', ['/a', '--timeout', 'soon']],
    ['a flag given twice', ['/a', '-v', '1', '-v', '2']],
  ])('is 2 for %s', async (_what, argv) => {
    const { code, stdout, stderr } = await runCommand(Sample, argv);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^error: [^\n]+\n {2}[^\n]+\n$/);
  });

  it('is 7 when --timeout passes, however deaf the work is', async () => {
    Sample.work = () => new Promise(() => {});
    const { code, stderr } = await runCommand(Sample, ['/a', '--timeout', '1ms']);
    expect(code).toBe(7);
    expect(stderr).toContain('not finished within 1 ms');
  });

  it('is 130 when the host interrupts, and the work is told', async () => {
    const controller = new AbortController();
    let told = false;
    Sample.work = (command) =>
      new Promise((_resolve, reject) => {
        const { signal } = command.look();
        signal.addEventListener('abort', () => {
          told = true;
          reject(signal.reason);
        });
        controller.abort(new InterruptedError());
      });
    const { code, stderr } = await runCommand(Sample, ['/a'], { signal: controller.signal });
    expect({ code, told, stderr }).toEqual({ code: 130, told: true, stderr: 'error: interrupted\n' });
  });

  it('is 1 for an error of nobody, which is called a bug and shows its stack', async () => {
    Sample.work = async () => {
      throw new TypeError('undefined is not a function');
    };
    const { code, stderr } = await runCommand(Sample, ['/a']);
    expect(code).toBe(1);
    expect(stderr).toContain('error: unexpected: undefined is not a function');
    expect(stderr).toContain('This is a bug in zksh');
    expect(stderr).toContain('base-command.test.ts');
  });
});

describe('an error', () => {
  const fail = async (): Promise<never> => {
    throw new UsageError('bad path "a\u001b[31m"', { code: 'BAD_PATH', hint: 'Write it as /a.' });
  };

  it('is one line and a hint on stderr, without a stack', async () => {
    Sample.work = fail;
    const { stdout, stderr } = await runCommand(Sample, ['/a']);
    expect(stdout).toBe('');
    expect(stderr).toBe('error: bad path "a\u001b[31m"\n  Write it as /a.\n');
  });

  it('has its control characters escaped on a terminal', async () => {
    Sample.work = fail;
    expect((await runCommand(Sample, ['/a'], { tty: true })).stderr).toContain('bad path "a\\x1b[31m"');
  });

  it('is one JSON object on stderr with -o json', async () => {
    Sample.work = fail;
    const { stdout, stderr } = await runCommand(Sample, ['/a', '-o', 'json']);
    expect(stdout).toBe('');
    expect(JSON.parse(stderr)).toEqual({
      error: { code: 'BAD_PATH', message: 'bad path "a\u001b[31m"', hint: 'Write it as /a.', exitCode: 2 },
    });
  });

  it('is JSON too when the line itself could not be parsed', async () => {
    const { stderr } = await runCommand(Sample, ['/a', '--what', '-o', 'json']);
    expect(JSON.parse(stderr)).toEqual({
      error: { code: 'BAD_USAGE', message: 'nonexistent flag: --what', hint: 'See zksh help sample.', exitCode: 2 },
    });
  });

  it('shows its stack with --debug', async () => {
    Sample.work = fail;
    expect((await runCommand(Sample, ['/a', '--debug'])).stderr).toContain('base-command.test.ts');
  });
});

describe('the connection of a command', () => {
  const client = { close: async () => {} } as unknown as Client;

  const connectedTo = async (argv: string[], place: Parameters<typeof runCommand>[2] = {}) => {
    const calls: string[] = [];
    Sample.work = async (command) => {
      await command.open();
      await command.open();
      return [];
    };
    const connect = async (servers: string) => {
      calls.push(servers);
      return client;
    };
    const { code, stderr } = await runCommand(Sample, ['/a', ...argv], { connect, ...place });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return calls;
  };

  it('is made once, to the servers of -S', async () => {
    expect(await connectedTo(['-S', 'zk1:2181,zk2:2181/app'])).toEqual(['zk1:2181,zk2:2181/app']);
  });

  it('is to localhost:2181 when nothing is said', async () => {
    expect(await connectedTo([], { env: { ZKSH_CONFIG_DIR: '/nonexistent' } })).toEqual(['localhost:2181']);
  });

  it('tells a person at a terminal that it goes to the default', async () => {
    Sample.work = async (command) => {
      await command.open();
      return [];
    };
    const place = { connect: async () => client, tty: true, env: { ZKSH_CONFIG_DIR: '/nonexistent' } };
    const told = 'note: no context is current; connecting to localhost:2181\n';
    expect((await runCommand(Sample, ['/a'], place)).stderr).toContain(told);
    expect((await runCommand(Sample, ['/a', '-S', 'zk1:2181'], place)).stderr).not.toContain('note:');
  });

  it("is the shell's session inside the shell", async () => {
    expect(await connectedTo([], { session: async () => client })).toEqual([]);
  });

  it('is its own when a line of the shell names a server, and not when the environment does', async () => {
    expect(await connectedTo(['-S', 'other:2181'], { session: async () => client })).toEqual(['other:2181']);
    vi.stubEnv('ZKSH_SERVER', 'elsewhere:2181');
    expect(await connectedTo([], { session: async () => client })).toEqual([]);
  });

  it('is not waited for when the time was up: a silent server says no farewell', async () => {
    const asked: unknown[] = [];
    Sample.work = async (command) => {
      await command.open();
      return new Promise(() => {});
    };
    const close = async (options: unknown) => void asked.push(options);
    const connect = async () => ({ ...client, close }) as unknown as Client;
    expect((await runCommand(Sample, ['/a', '--timeout', '50ms'], { connect })).code).toBe(7);
    expect(asked).toEqual([{ timeout: 250 }]);
  });

  it('is closed after the command, also when it failed', async () => {
    let closed = 0;
    Sample.work = async (command) => {
      await command.open();
      throw new UsageError('no');
    };
    const connect = async () =>
      ({
        close: async () => {
          closed += 1;
        },
      }) as unknown as Client;
    await runCommand(Sample, ['/a', '-S', 'x:1'], { connect });
    expect(closed).toBe(1);
  });
});

describe('a path', () => {
  const resolved = async (typed: string, cwd?: string): Promise<string> => {
    let path = '';
    Sample.work = async (command) => {
      path = command.look().path();
      return [];
    };
    const { stderr } = await runCommand(Sample, ['--', typed], { cwd });
    return path === '' ? stderr : path;
  };

  it('is taken literally outside the shell', async () => {
    expect(await resolved('/a/b')).toBe('/a/b');
    expect(await resolved('/a/')).toContain('it ends with /');
    expect(await resolved('/a/../b')).toContain('.. is not a name');
  });

  it('must be absolute outside the shell', async () => {
    expect(await resolved('a')).toContain('write /a');
  });

  it.each([
    ['x', '/a', '/a/x'],
    ['x', '/', '/x'],
    ['.', '/a', '/a'],
    ['..', '/a/b', '/a'],
    ['../../..', '/a', '/'],
    ['../c/', '/a/b', '/a/c'],
    ['/z', '/a', '/z'],
  ])('%s counts from %s in the shell: %s', async (typed, cwd, expected) => {
    expect(await resolved(typed, cwd)).toBe(expected);
  });

  it('with an empty name is refused everywhere', async () => {
    expect(await resolved('/a//b')).toContain('empty name');
    expect(await resolved('a//b', '/c')).toContain('empty name');
  });
});
