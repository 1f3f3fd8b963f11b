import { UsageError } from '../protocol/errors.ts';

/** One step from a container to what is in it. */
export interface JsonStep {
  readonly name: string;
  /** Written in brackets without quotes: an index, never a key. */
  readonly index: boolean;
}

const HINT = 'Write a JSON pointer such as /servers/0/port (~1 is a slash, ~0 a tilde), or servers[0].port; "" is all.';
/** One step of a dotted path: a key, a key in quotes, an index or a quoted key in brackets. */
const DOTTED = /(\.)?(?:\[(0|[1-9]\d*|-)\]|\[("(?:[^"\\]|\\.)*")\]|("(?:[^"\\]|\\.)*")|([^.[\]"]+))/y;

/**
 * The steps of a JSON pointer (RFC 6901: empty, or beginning with a slash), or of a dotted path such as
 * `a.b[0]."x.y"`.
 *
 * @throws UsageError `BAD_POINTER`
 */
export function parsePointer(text: string): JsonStep[] {
  if (text === '' || text === '.') return [];
  return text.startsWith('/') ? text.slice(1).split('/').map(pointerStep(text)) : dottedSteps(text);
}

/** Steps as a JSON pointer. */
export function formatPointer(steps: readonly Pick<JsonStep, 'name'>[]): string {
  return steps.map(({ name }) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

const pointerStep = (whole: string) => (token: string) => {
  if (/~(?![01])/.test(token)) throw badPointer(whole, 'a ~ is followed by neither 0 nor 1');
  return { name: token.replaceAll('~1', '/').replaceAll('~0', '~'), index: false };
};

function dottedSteps(text: string): JsonStep[] {
  const steps: JsonStep[] = [];
  DOTTED.lastIndex = 0;
  for (let at = 0; at < text.length; at = DOTTED.lastIndex) {
    const [found, dot, index, bracketed, quoted, plain] = DOTTED.exec(text) ?? [];
    const key = bracketed ?? quoted;
    const name = index ?? (key === undefined ? plain : unquoted(text, key));
    // Between keys stands a dot, before brackets it may; a key right behind a quote is a slip.
    const separated = at === 0 || dot !== undefined || found?.startsWith('[');
    if (name === undefined || !separated) throw badPointer(text, `it cannot be read from character ${at + 1} on`);
    steps.push({ name, index: index !== undefined });
  }
  return steps;
}

function unquoted(whole: string, text: string): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    throw badPointer(whole, `${text} is no string of JSON`);
  }
}

function badPointer(text: string, why: string): UsageError {
  return new UsageError(`bad pointer ${JSON.stringify(text)}: ${why}`, { code: 'BAD_POINTER', hint: HINT });
}
