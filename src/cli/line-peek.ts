import { FORMATS } from '../output/view.ts';

/** Whether a line asks for help rather than for the deed. */
export function asksForHelp(argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes('--help');
}

/** Whether a line, perhaps one that can't be parsed, asks for JSON: then its error is JSON too. */
export function asksForJson(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): boolean {
  const at = argv.findIndex((token) => /^(-o|--output)(=|$)|^-o./.test(token));
  const token = at === -1 ? (env.ZKSH_OUTPUT ?? '') : (argv[at] ?? '');
  const value = /^(-o|--output)$/.test(token) ? (argv[at + 1] ?? '') : token;
  return FORMATS.some((format) => format.endsWith('json') && value.endsWith(format));
}
