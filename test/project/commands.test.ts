import { describe, expect, it } from 'vitest';
import { globalFlags } from '../../src/cli/global-flags.ts';
import { allCommands } from './commands.ts';

const commands = (await allCommands()).filter(({ command }) => command.hidden !== true);

/** A fragment for a table: lower case unless it starts with a name such as TLS or ACL, and no full stop at its end. */
const FRAGMENT = /^(?![A-Z][a-z])[\s\S]*[^.\s]$/;

describe.each(commands)('zksh $id', ({ id, command }) => {
  it('has a summary of one line', () => {
    expect(command.summary ?? '').toMatch(/^\S.{4,98}$/);
    expect(command.summary).not.toMatch(/\.$/);
  });

  it('has a description', () => {
    expect((command.description ?? '').length).toBeGreaterThan(20);
  });

  it('has an example that calls it', () => {
    const examples = (command.examples ?? []).map((one) => (typeof one === 'string' ? one : one.command));
    const calls = examples.map((text) =>
      text.replaceAll(/<%=\s*(?:config\.bin|command\.id)\s*%>/g, (tag) => (tag.includes('bin') ? 'zksh' : id)),
    );
    // No command at all means the shell.
    expect(calls.filter((call) => call.includes(id === 'shell' ? 'zksh' : id))).not.toEqual([]);
  });

  it('describes its flags and arguments in fragments', () => {
    const own = [...Object.entries(command.flags ?? {}), ...Object.entries(command.args ?? {})];
    const bad = own.filter(([, one]) => !FRAGMENT.test(one.description ?? ''));
    expect(bad.map(([name, one]) => `${name}: ${one.description}`)).toEqual([]);
  });

  it('leaves the global flags alone', () => {
    const taken = new Set(
      Object.values(globalFlags).flatMap((flag) => ('char' in flag && flag.char ? [flag.char] : [])),
    );
    const own = Object.entries(command.flags ?? {}).filter(([name]) => !(name in globalFlags));
    expect(own.filter(([, flag]) => flag.char !== undefined && taken.has(flag.char as never))).toEqual([]);
  });
});

describe('the global flags', () => {
  it.each(Object.entries(globalFlags))('--%s has an environment variable of its name', (name, flag) => {
    expect(flag.env).toBe(`ZKSH_${name.toUpperCase().replaceAll('-', '_')}`);
  });

  it.each(Object.entries(globalFlags))('--%s is described in a fragment', (_, flag) => {
    expect(flag.description).toMatch(FRAGMENT);
  });
});

describe('the command line as a contract', () => {
  it('is what commands.json says: change it on purpose, with vitest -u', async () => {
    const contract = (await allCommands()).map(({ id, command }) => ({
      id,
      hidden: command.hidden === true ? true : undefined,
      aliases: command.aliases,
      args: Object.entries(command.args ?? {}).map(([name, arg]) => (arg.required ? name : `[${name}]`)),
      flags: Object.entries(command.flags ?? {})
        .filter(([name]) => !(name in globalFlags))
        .map(([name, flag]) => contractOf(name, flag)),
    }));
    const globals = Object.entries(globalFlags).map(([name, flag]) => contractOf(name, flag));
    await expect(`${JSON.stringify({ globals, commands: contract }, null, 2)}\n`).toMatchFileSnapshot('commands.json');
  });
});

function contractOf(name: string, flag: object): string {
  const { char, type, options, required, multiple } = flag as {
    char?: string;
    type?: string;
    options?: readonly string[];
    required?: boolean;
    multiple?: boolean;
  };
  return [
    name.length === 1 ? `-${name}` : `--${name}`,
    char === undefined ? '' : `-${char}`,
    type === 'boolean' ? '' : `<${options?.join('|') ?? 'value'}>`,
    required ? 'required' : '',
    multiple ? 'repeatable' : '',
  ]
    .filter((word) => word !== '')
    .join(' ');
}
