/** The shell's language on one screen. */
export const SHELL_LANGUAGE: readonly string[] = [
  'Lines',
  '  a ; b          b after a                    a && b         b only when a succeeded',
  '  a | jq .       pipe into a system command   !cmd           run a system command',
  '  a > file       write the output to a file   a >> file      add it to a file',
  '  !!             the last line again          # text         a comment',
  '  "two words"    \'as it is\'    $\'a\\tb\'       a quote counts where a word begins: {"k":1} needs none',
  '  Paths that do not begin with / count from the current znode; .. is its parent.',
  '',
  'Keys',
  '  Tab            complete a command, flag, znode path, context or member',
  '  Up, Down       recall a line; history lists them',
  '  Ctrl-C         stop the running command, or drop the line; the session stays',
  '  Ctrl-D         leave',
];
