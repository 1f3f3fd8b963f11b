#!/usr/bin/env node
// `npm run docs`: writes commands/README.md and the table in README.md from the commands themselves (of the build).
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * A command class as oclif reads it.
 * @typedef {object} CommandClass
 * @property {string} [summary]
 * @property {string} [description]
 * @property {boolean} [hidden]
 * @property {string[]} [aliases]
 * @property {(string | { command: string, description: string })[]} [examples]
 * @property {Record<string, Flag>} [flags]
 * @property {Record<string, Flag>} [baseFlags]
 * @property {Record<string, Arg>} [args]
 *
 * @typedef {object} Flag
 * @property {string} [char]
 * @property {string} [type]
 * @property {string} [description]
 * @property {string} [summary]
 * @property {string} [helpValue]
 * @property {readonly string[]} [options]
 * @property {unknown} [default]
 * @property {string} [env]
 * @property {string} [helpGroup]
 * @property {boolean} [required]
 * @property {boolean} [multiple]
 * @property {boolean} [hidden]
 *
 * @typedef {object} Arg
 * @property {string} [description]
 * @property {boolean} [required]
 * @property {boolean} [hidden]
 * @property {readonly string[]} [options]
 *
 * @typedef {{ id: string, command: CommandClass }} Entry id with spaces, as it is typed
 */

/** @param {string} text */
const cell = (text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
/** @param {string} text */
const sentence = (text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
/** @param {string} id */
const anchor = (id) => id.toLowerCase().replaceAll(' ', '-');

/** @param {string} text @param {string} id */
function fillIn(text, id) {
  return text.replaceAll(/<%=\s*config\.bin\s*%>/g, 'zksh').replaceAll(/<%=\s*command\.id\s*%>/g, id);
}

/**
 * `-o, --output <format>` as it is typed.
 * @param {string} name
 * @param {Flag} flag
 */
function spelling(name, flag) {
  const value = flag.type === 'boolean' ? '' : ` ${flag.helpValue ?? `<${name}>`}`;
  // zkCli's one-letter flags are flags whose name is the letter.
  const names = name.length === 1 ? [`-${name}`] : [...(flag.char === undefined ? [] : [`-${flag.char}`]), `--${name}`];
  return `${names.join(', ')}${value}`;
}

/** @param {Flag} flag */
function meaning(flag) {
  const notes = [
    ...(flag.required ? ['required'] : []),
    ...(flag.options && !flag.description?.includes(flag.options.join(', '))
      ? [`one of ${flag.options.join(', ')}`]
      : []),
    ...(['string', 'number'].includes(typeof flag.default) ? [`default ${flag.default}`] : []),
  ];
  return cell([flag.summary ?? flag.description ?? '', ...notes].join('; '));
}

/**
 * @param {Record<string, Flag>} flags
 * @param {boolean} withEnv
 */
function flagTable(flags, withEnv) {
  const rows = Object.entries(flags)
    .filter(([, flag]) => flag.hidden !== true)
    .map(([name, flag]) =>
      [`\`${cell(spelling(name, flag))}\``, ...(withEnv ? [`\`${flag.env}\``] : []), meaning(flag)].join(' | '),
    );
  const heads = ['flag', ...(withEnv ? ['environment'] : []), 'meaning'];
  return [heads.join(' | '), heads.map(() => '---').join(' | '), ...rows].map((row) => `| ${row} |`).join('\n');
}

/** @param {Entry} entry */
function usage({ id, command }) {
  const args = Object.entries(command.args ?? {})
    .filter(([, arg]) => arg.hidden !== true)
    .map(([name, arg]) => (arg.required ? name.toUpperCase() : `[${name.toUpperCase()}]`));
  const flags = ownFlags(command);
  const words = [...(flags.length === 0 ? [] : ['[flags]']), ...args];
  return ['zksh', id, ...words].join(' ');
}

/** The flags that are not every command's. @param {CommandClass} command */
function ownFlags(command) {
  const base = command.baseFlags ?? {};
  return Object.entries(command.flags ?? {}).filter(([name, flag]) => !(name in base) && flag.hidden !== true);
}

/** @param {Entry} entry */
function section(entry) {
  const { id, command } = entry;
  const flags = ownFlags(command);
  const args = Object.entries(command.args ?? {}).filter(([, arg]) => arg.hidden !== true && arg.description);
  const parts = [`### ${id}`, sentence(command.summary ?? ''), `\`\`\`sh\n${usage(entry)}\n\`\`\``];
  if (command.description) parts.push(fillIn(command.description, id));
  if (command.aliases?.length)
    parts.push(`Also: ${command.aliases.map((alias) => `\`${alias.replaceAll(':', ' ')}\``).join(', ')}.`);
  if (args.length > 0)
    parts.push(args.map(([name, arg]) => `- \`${name.toUpperCase()}\`: ${arg.description}`).join('\n'));
  if (flags.length > 0) parts.push(flagTable(Object.fromEntries(flags), false));
  if (command.examples?.length)
    parts.push(`\`\`\`sh\n${command.examples.map((one) => example(one, id)).join('\n')}\n\`\`\``);
  return parts.join('\n\n');
}

/**
 * @param {string | { command: string, description: string }} one
 * @param {string} id
 */
function example(one, id) {
  if (typeof one === 'string') return fillIn(one, id);
  return `# ${one.description}\n${fillIn(one.command, id)}`;
}

/** @param {readonly Entry[]} entries */
function visible(entries) {
  return entries
    .filter(({ command }) => command.hidden !== true)
    .sort((a, b) => (a.id.toLowerCase() < b.id.toLowerCase() ? -1 : 1));
}

/**
 * The reference: what every command has in common, then each command.
 * @param {readonly Entry[]} entries
 */
export function reference(entries) {
  const shown = visible(entries);
  const base = shown[0]?.command.baseFlags ?? {};
  return [
    '<!-- Written by `npm run docs` from the commands; edit those. -->',
    '# The commands of zksh',
    'The same commands work as `zksh COMMAND` and in the shell. Error codes are explained in [errors.md](errors.md).',
    '## Flags of every command',
    flagTable(base, true),
    '## Commands',
    ...shown.map(section),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
}

/**
 * The table of all commands for the README, one line a command.
 * @param {readonly Entry[]} entries
 */
export function table(entries) {
  const rows = visible(entries).map(
    ({ id, command }) => `| [${id}](commands/README.md#${anchor(id)}) | ${cell(command.summary ?? '')} |`,
  );
  return ['| command | what it does |', '| --- | --- |', ...rows].join('\n');
}

/**
 * The errors a server answers with, in the order of their numbers; what the client reports itself is listed by hand.
 * @param {readonly { errno: number, code: string, says: string, exitCode: number }[]} codes
 * @param {string} page that lists the others
 */
export function serverErrors(codes, page) {
  const listed = page.split('## From the server')[0] ?? '';
  const rows = codes
    .filter(({ code }) => !listed.includes(`\`${code}\``))
    .map(({ errno, code, says, exitCode }) => `| \`${code}\` | ${exitCode} | ${says} (${errno}) |`);
  return ['| code | exit | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

/**
 * Puts generated text between its two markers.
 * @param {string} page
 * @param {string} name of the markers
 * @param {string} text
 */
export function between(page, name, text) {
  const start = `<!-- ${name} -->`;
  const end = `<!-- /${name} -->`;
  const [before, rest] = page.split(start);
  const after = rest?.split(end)[1];
  if (rest === undefined || after === undefined) throw new Error(`the page lacks ${start} … ${end}`);
  return `${before}${start}\n${text}\n${end}${after}`;
}

/** The commands of the build. @param {string} root @returns {Promise<Entry[]>} */
async function builtCommands(root) {
  const { Config } = await import('@oclif/core/config');
  const { settings } = await import('@oclif/core/settings');
  settings.enableAutoTranspile = false;
  const config = await Config.load({ root, ignoreManifest: true });
  // The config lists a command's aliases as commands of their own, its plugin does not.
  const commands = [...config.plugins.values()].flatMap((plugin) => plugin.commands);
  const load = commands.map(async (one) => ({
    id: one.id.replaceAll(':', ' '),
    command: /** @type {CommandClass} */ (/** @type {unknown} */ (await one.load())),
  }));
  return Promise.all(load);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  /** @param {string} file @param {(page: string) => string} change */
  const rewrite = (file, change) => writeFileSync(`${root}${file}`, change(readFileSync(`${root}${file}`, 'utf8')));
  const entries = await builtCommands(root);
  const { serverErrorCodes } = await import(new URL('../dist/src/protocol/server-errors.js', import.meta.url).href);
  writeFileSync(`${root}commands/README.md`, reference(entries));
  rewrite('README.md', (page) => between(page, 'commands', table(entries)));
  rewrite('commands/errors.md', (page) => between(page, 'server errors', serverErrors(serverErrorCodes, page)));
}
