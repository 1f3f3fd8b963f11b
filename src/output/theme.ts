/** What a piece of text means; the theme alone decides how that looks. */
export const ROLES = [
  'good',
  'warn',
  'bad',
  'dim',
  'title',
  'path',
  'key',
  'number',
  'time',
  'name',
  'ephemeral',
] as const;

export type Role = (typeof ROLES)[number];

/** Turns a text into its coloured form. */
export type Paint = (role: Role, text: string) => string;

/** The one place that knows colours. The sixteen basic ones only, so that a person's terminal theme applies. */
export async function loadTheme(): Promise<Paint> {
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  const theme = {
    good: chalk.green,
    warn: chalk.yellow,
    bad: chalk.red,
    dim: chalk.dim,
    title: chalk.bold,
    path: chalk.cyan,
    key: chalk.blue,
    number: chalk.yellow,
    time: chalk.dim,
    name: chalk.bold,
    ephemeral: chalk.magenta,
  } as const satisfies Record<Role, (text: string) => string>;
  return (role, text) => theme[role](text);
}

/** What decides about colour. */
export interface ColourWish {
  env: Readonly<Record<string, string | undefined>>;
  isTty: boolean;
  /** `--no-color` was given. */
  off?: boolean | undefined;
}

/** Colour or not: `--no-color` beats FORCE_COLOR, which beats NO_COLOR, which beats what the stream is. */
export function wantsColour({ env, isTty, off }: ColourWish): boolean {
  if (off === true) return false;
  const force = env.FORCE_COLOR;
  if (force !== undefined) return force !== '0' && force !== 'false';
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== '') return false;
  return isTty && env.TERM !== 'dumb';
}
