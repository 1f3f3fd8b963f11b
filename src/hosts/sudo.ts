/** Whether the commands run as another user: root, or the one named. */
export type Sudo = boolean | string;

/** What goes before a command. Without a terminal nobody can type a password: sudo must not ask for one. */
export function sudoPrefix(sudo: Sudo | undefined): readonly string[] {
  if (sudo === undefined || sudo === false) return [];
  return ['sudo', '-n', ...(sudo === true ? [] : ['-u', sudo]), '--'];
}
