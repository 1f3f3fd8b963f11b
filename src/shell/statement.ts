import { type Operator, type SystemText, syntaxError, tokenize, type Word } from './tokenizer.ts';

/** Where a statement's standard output goes when not to the shell's own. */
export type Sink =
  | { readonly kind: 'pipe'; readonly command: string }
  | { readonly kind: 'file'; readonly path: string; readonly append: boolean };

/** One statement of a line: a zksh command with its words, or a system command. */
export type Statement = {
  /** `&&`: runs only when the statement before it succeeded. */
  readonly after: ';' | '&&';
  /** As typed, for messages. */
  readonly text: string;
} & (
  | { readonly kind: 'command'; readonly words: readonly string[]; readonly sink: Sink | undefined }
  | { readonly kind: 'system'; readonly command: string }
);

/**
 * Reads a line into its statements; an empty or comment line has none.
 * @throws UsageError `BAD_SYNTAX` with the column
 */
export function parseLine(line: string): Statement[] {
  const statements: Statement[] = [];
  const tokens = tokenize(line);
  let after: ';' | '&&' = ';';
  let from = 0;
  while (from < tokens.length) {
    let to = from;
    while (to < tokens.length && !separator(tokens[to])) to += 1;
    const end = separator(tokens[to]);
    const first = tokens[from];
    if (first === undefined || first === end) throw syntaxError(`nothing before ${end?.value}`, end?.start ?? 0);
    statements.push(statementOf(line, tokens.slice(from, to), after));
    if (end?.value === '&&' && to === tokens.length - 1) throw syntaxError('nothing after &&', end.start);
    after = end?.value ?? ';';
    from = to + 1;
  }
  return statements;
}

type Separator = Operator & { readonly value: ';' | '&&' };

function separator(token: Word | Operator | SystemText | undefined): Separator | undefined {
  if (token?.kind !== 'operator' || token.value === '>' || token.value === '>>') return undefined;
  return token as Separator;
}

function statementOf(line: string, tokens: (Word | Operator | SystemText)[], after: ';' | '&&'): Statement {
  const start = tokens[0]?.start ?? 0;
  const text = line.slice(start, tokens.at(-1)?.end).trim();
  const words: string[] = [];
  let sink: Sink | undefined;
  for (let index = 0; index < tokens.length; index += 1) {
    const token = tokens[index];
    if (token === undefined) break;
    if (token.kind === 'system' && token.value === '') throw syntaxError(`no command after ${token.via}`, token.start);
    if (token.kind === 'system' && token.via === '!' && token.value.startsWith('!')) {
      throw syntaxError('!! stands at the beginning of a line only', token.start);
    }
    if (token.kind === 'system' && token.via === '!') return { kind: 'system', after, text, command: token.value };
    if (token.kind === 'word') {
      words.push(token.value);
      continue;
    }
    if (words.length === 0)
      throw syntaxError(`no command before ${token.kind === 'system' ? '|' : token.value}`, token.start);
    if (sink) throw syntaxError('the output can go to one place only', token.start, 'Use one | or one >.');
    if (token.kind === 'system') {
      sink = { kind: 'pipe', command: token.value };
      continue;
    }
    const file = tokens[index + 1];
    if (file?.kind !== 'word') throw syntaxError(`no file name after ${token.value}`, token.start);
    sink = { kind: 'file', path: file.value, append: token.value === '>>' };
    index += 1;
  }
  return { kind: 'command', after, text, words, sink };
}
