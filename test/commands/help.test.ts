import { fileURLToPath } from 'node:url';
import type { Plugin } from '@oclif/core/config';
import { describe, expect, it } from 'vitest';
import Completion from '../../commands/completion.ts';
import Help from '../../commands/help.ts';
import Version from '../../commands/version.ts';
import { ExitCode } from '../../src/protocol/errors.ts';
import { allCommands } from '../project/commands.ts';
import { runCommand } from '../support/run-command.ts';

/** A configuration with the real commands, made from their sources as the manifest is. */
async function configOf() {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const commands = (await allCommands()).map(({ id, command }) => ({
    flags: {},
    args: {},
    aliases: [],
    hiddenAliases: [],
    ...(command as object),
    id: id.replaceAll(' ', ':'),
    hidden: command.hidden === true,
    summary: command.summary,
    description: command.description,
    examples: command.examples ?? [],
  }));
  for (const command of commands) {
    command.flags = Object.fromEntries(
      Object.entries((command as { flags: object }).flags).map(([name, flag]) => [name, { ...(flag as object), name }]),
    );
    command.args = Object.fromEntries(
      Object.entries((command as { args: object }).args).map(([name, arg]) => [name, { ...(arg as object), name }]),
    );
  }
  // As in oclif, every word on the way to a command is a topic, and so is the command.
  const topics = [
    ...new Set(commands.flatMap(({ id }) => id.split(':').map((_, i, words) => words.slice(0, i + 1).join(':')))),
  ];
  return {
    root,
    name: 'zksh',
    bin: 'zksh',
    version: '0.0.0',
    userAgent: 'zksh',
    pjson: { oclif: {} },
    plugins: new Map<string, Plugin>(),
    topicSeparator: ' ',
    commands,
    topics: topics.map((name) => ({ name, description: `${name} commands` })),
    findCommand: (id: string) => commands.find((command) => command.id === id),
    findTopic: (name: string) => (topics.includes(name) ? { name, description: '' } : undefined),
    scopedEnvVar: () => undefined,
  } as never;
}
const config = await configOf();
const help = (argv: string[]) => runCommand(Help, argv, { config });

describe('help', () => {
  it('lists commands, topics and pages', async () => {
    const { code, stdout } = await help([]);
    expect(code).toBe(0);
    for (const word of ['COMMANDS', 'TOPICS', 'PAGES', 'getAcl', 'context', 'exit-codes'])
      expect(stdout).toContain(word);
    expect(stdout).not.toContain('complete ');
  });

  it('shows a command with its own flags and leaves the shared ones to their page', async () => {
    const { stdout } = await help(['context', 'add']);
    expect(stdout).toContain('$ zksh context add [NAME]');
    expect(stdout).toContain('--protected');
    expect(stdout).not.toContain('--truststore');
    expect(stdout).toContain('zksh help flags');
  });

  it('can be shown again: it does not change what it shows', async () => {
    const first = await help(['context', 'add']);
    expect(await help(['context', 'add'])).toEqual(first);
    expect((await help([])).stdout).toContain('context');
  });

  it('shows a topic', async () => {
    expect((await help(['context'])).stdout).toContain('context use');
  });

  it('explains every exit code', async () => {
    const { stdout } = await help(['exit-codes']);
    for (const code of Object.values(ExitCode)) expect(stdout).toMatch(new RegExp(`^ {2}${code} +\\S`, 'm'));
    expect(stdout).toMatchSnapshot();
  });

  it.each(['environment', 'output', 'secrets', 'flags'])('has a page on %s', async (page) => {
    const { code, stdout } = await help([page]);
    expect(code).toBe(0);
    expect(stdout.length).toBeGreaterThan(200);
  });

  it('of something unknown is a usage error with a suggestion', async () => {
    expect(await help(['gte'])).toMatchObject({ code: 2, stderr: expect.stringContaining('Did you mean get') });
  });
});

describe('version', () => {
  it('is that of zksh and Node, without a connection', async () => {
    const { stdout } = await runCommand(Version, [], { config });
    expect(stdout).toMatch(/^zksh 0\.0\.0\nnode \d+\.\d+\.\d+ on \S+\n$/);
  });
});

describe('completion', () => {
  it.each(['bash', 'zsh', 'fish'])('prints a script for %s that knows every command', async (shell) => {
    const { code, stdout } = await runCommand(Completion, [shell], { config });
    expect(code).toBe(0);
    expect(stdout).toContain('getAllChildrenNumber');
    expect(stdout).toContain('context');
  });

  it('knows no other shell', async () => {
    expect((await runCommand(Completion, ['tcsh'], { config })).code).toBe(2);
  });
});
