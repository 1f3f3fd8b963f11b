/**
 * Rewrites the long options that zkCli's commands take with one dash (`reconfig -file f -members=m`) to two, since oclif
 * would read `-file` as `-f` with the value `ile`. `words` are the command's own; nothing after `--` is touched.
 */
export function normalizeZkCliFlags(argv: readonly string[], words: readonly string[]): string[] {
  const end = argv.indexOf('--');
  return argv.map((token, i) => {
    if (end !== -1 && i >= end) return token;
    const [, word] = /^-([A-Za-z]{2,})(?:=|$)/.exec(token) ?? [];
    return word !== undefined && words.includes(word) ? `-${token}` : token;
  });
}
