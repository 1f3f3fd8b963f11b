import { UsageError } from '../protocol/errors.ts';

/** zkCli.sh's launcher options, which stand before the command, in our words; null = we do that anyway. */
const ZKCLI: Readonly<Record<string, { flag: string | null; value: boolean }>> = {
  '-server': { flag: '--server', value: true },
  '-timeout': { flag: '--session-timeout', value: true },
  '-r': { flag: '--read-only', value: false },
  '-client-configuration': { flag: '--client-configuration', value: true },
  // zkCli without it sends the command before it is connected; zksh always waits.
  '-waitforconnection': { flag: null, value: false },
};

/** Our own flags that stand without a value; every other `--flag` before the command takes the next word. */
export const SWITCHES: readonly string[] = [
  '--quiet',
  '--no-color',
  '--debug',
  '--read-only',
  '--tls',
  '--no-verify-hostname',
  '--yes',
  '--dry-run',
  '--keep-going',
];
const SHORT_WITH_VALUE = ['-S', '-C', '-o', '-f'];
const SHORT_SWITCHES = ['-q', '-y'];
/** Answered before anything else, with or without a command. */
const IMMEDIATE = ['--help', '--version', '-h', '-?'];

/**
 * Puts what a person typed after `zksh` into oclif's order: the command first, the options that stood before it after
 * it. Accepts zkCli.sh's launcher grammar and our global flags there; no command at all means the shell.
 */
export function zkcliArgv(argv: readonly string[]): string[] {
  const before: string[] = [];
  let i = 0;
  for (let word = argv[i]; word?.startsWith('-') === true; word = argv[i]) {
    if (IMMEDIATE.includes(word)) return [word, ...argv.slice(i + 1)];
    if (word === '--') {
      i += 1;
      break;
    }
    i += takeOption(word, argv[i + 1], before);
  }
  const command = i < argv.length ? argv.slice(i) : ['shell'];
  const end = command.indexOf('--');
  return end === -1 ? [...command, ...before] : [...command.slice(0, end), ...before, ...command.slice(end)];
}

/** Translates one option and its value onto `out`; returns how many words it took. */
function takeOption(word: string, next: string | undefined, out: string[]): 1 | 2 {
  const zkcli = Object.hasOwn(ZKCLI, word) ? ZKCLI[word] : undefined;
  if (zkcli !== undefined) {
    if (zkcli.value) out.push(...pair(zkcli.flag ?? word, word, next));
    else if (zkcli.flag !== null) out.push(zkcli.flag);
    return zkcli.value ? 2 : 1;
  }
  if (SWITCHES.includes(word) || SHORT_SWITCHES.includes(word) || /^--[^=]+=/.test(word) || /^-[SCo]./.test(word)) {
    out.push(word);
    return 1;
  }
  if (word.startsWith('--') || SHORT_WITH_VALUE.includes(word)) {
    out.push(...pair(word, word, next));
    return 2;
  }
  throw new UsageError(`unknown option ${word}`, {
    hint: 'Before the command stand -server, -timeout, -r, -client-configuration, -waitforconnection or flags of zksh help.',
  });
}

function pair(flag: string, word: string, value: string | undefined): [string, string] {
  if (value === undefined) throw new UsageError(`${word} needs a value`);
  return [flag, value];
}
