import type { FORMATS } from '../output/view.ts';
import { ExitCode } from '../protocol/errors.ts';
import { globalFlags } from './global-flags.ts';
import { HOSTS_HELP } from './hosts-help.ts';

/** A page of help that belongs to no command. */
export interface HelpTopic {
  summary: string;
  /** Sections: a heading in capitals, then lines. */
  text(): string;
}

const EXIT_CODES: Readonly<Record<keyof typeof ExitCode, string>> = {
  done: 'done',
  failure: 'another failure',
  usage: 'usage: an unknown command or flag, a bad path, version, ACL or file; nothing was sent',
  notFound: 'no such node or thing',
  refused: 'authentication or ACL refused',
  connection: 'cannot connect, connection lost, session expired',
  conflict: 'conflict: bad version, node exists, not empty, lock held',
  timeout: 'timeout: --timeout passed, or the servers took too long',
  unhealthy: 'unhealthy, refused by a safety gate, or a difference found',
  interrupted: 'interrupted by Ctrl-C or a signal',
};

const FORMAT_NOTES: Readonly<Record<(typeof FORMATS)[number], string>> = {
  table: 'aligned columns; on a terminal cut to its width, with relative times and colour',
  text: "plain lines; for zkCli's commands the lines that zkCli.sh prints",
  json: 'one JSON value, for a stream one list',
  ndjson: 'one JSON value a line, each written as soon as it is known',
  yaml: 'the same values as JSON, as YAML',
  csv: 'RFC 4180 with a header and LF line ends',
  raw: "bytes as they are, with nothing added, such as a znode's data",
};

const ENVIRONMENT: readonly [string, string][] = [
  ['NO_COLOR', 'no colour, when set to anything'],
  ['FORCE_COLOR', 'colour also in a pipe; 0 for none'],
  ['ZKSH_CONFIG_DIR', 'where contexts.json is; default $XDG_CONFIG_HOME/zksh, or ~/.config/zksh'],
  ['ZOOKEEPER_HOME', 'a ZooKeeper for "zksh local"'],
  ['EDITOR, VISUAL', 'editor for "zksh edit"'],
  ['TZ', 'time zone of the dates in stat lines'],
];

/** The pages of `zksh help TOPIC`. */
export const HELP_TOPICS: Readonly<Record<string, HelpTopic>> = {
  'exit-codes': {
    summary: 'what a command exits with',
    text: () =>
      section(
        'EXIT CODES',
        Object.entries(EXIT_CODES).map(([name, says]) => [String(ExitCode[name as keyof typeof ExitCode]), says]),
      ),
  },
  environment: {
    summary: 'environment variables',
    text: () =>
      [
        section(
          'FLAGS',
          Object.entries(globalFlags).map(([name, flag]) => [flag.env ?? '', `--${name}: ${flag.description ?? ''}`]),
        ),
        section('OTHERS', ENVIRONMENT),
        'A flag on the command line beats its variable; a variable beats the context.',
      ].join('\n\n'),
  },
  output: {
    summary: 'formats, terminals and pipes',
    text: () =>
      [
        section('FORMATS (-o)', Object.entries(FORMAT_NOTES)),
        `CONTRACTS
  Field names in JSON are stable. 64-bit numbers (zxids, session ids) are decimal strings in JSON and 0x… in text.
  Bytes are {"utf8": "…"} where they are valid UTF-8, else {"base64": "…"}. Times are RFC 3339 in UTC.
  stdout carries the result, stderr everything else. With -o json or ndjson an error is one JSON object on stderr:
  {"error": {"code", "message", "hint", "exitCode"}}; codes are stable.`,
        `TERMINAL AND PIPE
  On a terminal: colour, relative times, units, control characters escaped, rows cut to the width.
  In a pipe: full values, tab-separated, no colour. A reader that goes away (| head) is a success.`,
      ].join('\n\n'),
  },
  secrets: {
    summary: 'how to give passwords',
    text: () =>
      [
        section('A SECRET IS NAMED, NOT TYPED', [
          ['env:NAME', 'the environment variable NAME'],
          ['file:PATH', 'the content of a file, without the line end'],
          ['cmd:COMMAND', 'what the command prints'],
          ['prompt', 'asked for on the terminal'],
        ]),
        section('WHERE', [
          ['--auth digest:env:NAME', 'NAME holds user:password'],
          ['--auth digest:bob:file:PATH', 'the file holds the password'],
          ['--sasl bob:prompt', 'SASL DIGEST-MD5'],
          ['--keystore-password env:NAME', 'and the other passwords of TLS'],
        ]),
        'A secret in clear works on a command line, with a warning; a context does not store it.',
      ].join('\n\n'),
  },
  hosts: {
    summary: 'how the machines of members are reached: the ensemble file',
    text: () => HOSTS_HELP,
  },
  flags: {
    summary: 'flags of every command',
    text: () => ['OUTPUT', 'CONNECTION', 'TLS', 'SAFETY'].map((group) => section(group, flagsOf(group))).join('\n\n'),
  },
};

function flagsOf(group: string): [string, string][] {
  return Object.entries(globalFlags)
    .filter(([, flag]) => flag.helpGroup === group)
    .map(([name, flag]) => {
      const value = 'helpValue' in flag && flag.helpValue !== undefined ? ` ${flag.helpValue}` : '';
      return [`${flag.char === undefined ? '   ' : `-${flag.char},`} --${name}${value}`, flag.description ?? ''];
    });
}

function section(heading: string, rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return [heading, ...rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`)].join('\n');
}
