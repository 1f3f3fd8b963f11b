/** Keys by the sequences terminals send for them; both cursor key modes. */
const SEQUENCES: Readonly<Record<string, string>> = {
  '[A': 'up',
  OA: 'up',
  '[B': 'down',
  OB: 'down',
  '[C': 'right',
  OC: 'right',
  '[D': 'left',
  OD: 'left',
  '[H': 'home',
  OH: 'home',
  '[1~': 'home',
  '[F': 'end',
  OF: 'end',
  '[4~': 'end',
  '[5~': 'page up',
  '[6~': 'page down',
};

const CONTROLS: Readonly<Record<string, string>> = {
  '\r': 'enter',
  '\n': 'enter',
  '\u007f': 'backspace',
  '\b': 'backspace',
  '\u0003': 'ctrl-c',
  '\u000c': 'ctrl-l',
  '\u001a': 'ctrl-z',
  '\u001b': 'escape',
};

// An escape sequence (CSI or SS3), or one character.
const KEY = /\u001b(\[[0-9;?]*[ -/]*[@-~]|O[A-Za-z])|[\s\S]/gu;

/** The keys in what a terminal in raw mode sent: a character as it is, others by name; what is unknown is left out. */
export function keysOf(text: string): string[] {
  return [...text.matchAll(KEY)].flatMap(([whole, sequence]) => {
    if (sequence !== undefined) return SEQUENCES[sequence] ?? [];
    const named = CONTROLS[whole];
    if (named !== undefined) return named;
    return /^[\u0000-\u001f\u0080-\u009f]$/u.test(whole) ? [] : whole;
  });
}
