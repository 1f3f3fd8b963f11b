import { UsageError } from '../protocol/errors.ts';

/** A word of a shell line; `value` has its quotes and escapes resolved. Positions are UTF-16 offsets into the line. */
export interface Word {
  readonly kind: 'word';
  readonly value: string;
  readonly start: number;
  readonly end: number;
  /** The quote that is still open where the line ends; only a lenient reading yields such a word. */
  readonly open: Quote | undefined;
}

/** `;`, `&&`, `>` or `>>`. */
export interface Operator {
  readonly kind: 'operator';
  readonly value: ';' | '&&' | '>' | '>>';
  readonly start: number;
  readonly end: number;
}

/** The part of a line a system shell gets: what follows `|` or a leading `!`, untouched. */
export interface SystemText {
  readonly kind: 'system';
  readonly via: '|' | '!';
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

export type Token = Word | Operator | SystemText;
export type Quote = '"' | "'" | "$'";

/** What a backslash takes literally outside quotes. Before anything else it stays, as in zkCli: `C:\temp`, `\d+`. */
const ESCAPABLE = new Set([' ', '\t', '"', "'", '\\', ';', '|', '>', '&', '#', '!', '$']);
const ANSI_ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  v: '\v',
  '0': '\0',
};
const HEX_ESCAPE = /(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\})/y;

/**
 * Splits a shell line into tokens. Where zkCli gives text a meaning, it keeps that meaning: a quote counts only where a
 * word (or a flag's value after `=`) begins, so `set /a {"k":1}` stores the JSON; an operator counts only at the start or
 * the end of a word, so `reconfig -add server.5=h:1:2;3` is one server line.
 *
 * @param lenient reads as far as possible instead of throwing; an unclosed quote then ends with the line
 * @throws UsageError `BAD_SYNTAX` with the column of an unclosed quote or of an operator zksh lacks
 */
export function tokenize(line: string, lenient = false): Token[] {
  const tokens: Token[] = [];
  let at = skipBlanks(line, 0);
  while (at < line.length) {
    const atStart = startsStatement(tokens);
    if (isComment(line, at, atStart)) break;
    const token = readToken(line, at, atStart, lenient);
    tokens.push(token);
    at = skipBlanks(line, token.end);
  }
  return tokens;
}

/** The error for a line that can't be read; names the column (1-based) so that a long line stays findable. */
export function syntaxError(message: string, at: number, hint?: string): UsageError {
  return new UsageError(`${message} at column ${at + 1}`, { code: 'BAD_SYNTAX', ...(hint ? { hint } : {}) });
}

function readToken(line: string, at: number, atStart: boolean, lenient: boolean): Token {
  if (atStart && line[at] === '!') return systemToken(line, at, line.length, '!');
  const operator = operatorAt(line, at);
  if (operator === '||' && !lenient) {
    throw syntaxError('|| is not an operator of zksh', at, 'Use a ; b, a && b, or a | system command.');
  }
  if (operator === '|' || operator === '||') return systemToken(line, at, systemEnd(line, at + 1), '|');
  if (operator) return { kind: 'operator', value: operator, start: at, end: at + operator.length };
  return readWord(line, at, lenient);
}

function systemToken(line: string, start: number, end: number, via: '|' | '!'): SystemText {
  return { kind: 'system', via, value: line.slice(start + 1, end).trim(), start, end };
}

function operatorAt(line: string, at: number): Operator['value'] | '|' | '||' | undefined {
  const two = line.slice(at, at + 2);
  if (two === '&&' || two === '>>' || two === '||') return two;
  const one = line[at];
  return one === ';' || one === '>' || one === '|' ? one : undefined;
}

/** An operator inside a word ends the word only when a blank or the end of the line follows: `ls /; ls /b`. */
function endsWord(line: string, at: number): boolean {
  const operator = operatorAt(line, at);
  return operator !== undefined && isBlank(line[at + operator.length]);
}

function readWord(line: string, start: number, lenient: boolean): Word {
  let value = '';
  let at = start;
  let quotable = true;
  while (at < line.length && !isBlank(line[at]) && (at === start || !endsWord(line, at))) {
    const quote = quotable ? quoteAt(line, at) : undefined;
    if (quote) {
      const quoted = readQuoted(line, at, quote);
      value += quoted.value;
      if (!quoted.closed) {
        if (lenient) return { kind: 'word', value, start, end: line.length, open: quote };
        throw syntaxError(`unclosed ${quote} quote`, at, 'Close the quote, or put a backslash before it.');
      }
      at = quoted.end;
      continue;
    }
    const escaped = line[at] === '\\' && ESCAPABLE.has(line[at + 1] ?? '');
    if (escaped) at += 1;
    value += line[at];
    quotable = !escaped && line[at] === '=' && line[start] === '-';
    at += 1;
  }
  return { kind: 'word', value, start, end: at, open: undefined };
}

function quoteAt(line: string, at: number): Quote | undefined {
  const one = line[at];
  if (one === '"' || one === "'") return one;
  return one === '$' && line[at + 1] === "'" ? "$'" : undefined;
}

function readQuoted(line: string, start: number, quote: Quote): { value: string; end: number; closed: boolean } {
  const closing = quote === '"' ? '"' : "'";
  let value = '';
  let at = start + quote.length;
  while (at < line.length) {
    if (line[at] === closing) return { value, end: at + 1, closed: true };
    const escaped = line[at] === '\\' ? readEscape(line, at, quote) : undefined;
    value += escaped ? escaped.value : line[at];
    at = escaped ? escaped.end : at + 1;
  }
  return { value, end: at, closed: false };
}

function readEscape(line: string, at: number, quote: Quote): { value: string; end: number } | undefined {
  const next = line[at + 1];
  if (next === undefined || quote === "'") return undefined;
  if (next === '"' || next === '\\') return { value: next, end: at + 2 };
  if (quote === '"') return undefined;
  if (next === "'") return { value: next, end: at + 2 };
  const plain = ANSI_ESCAPES[next];
  if (plain !== undefined) return { value: plain, end: at + 2 };
  HEX_ESCAPE.lastIndex = at + 1;
  const hex = HEX_ESCAPE.exec(line);
  const code = hex ? Number.parseInt(hex[1] ?? hex[2] ?? hex[3] ?? '', 16) : Number.POSITIVE_INFINITY;
  return code <= 0x10ffff ? { value: String.fromCodePoint(code), end: HEX_ESCAPE.lastIndex } : undefined;
}

/** Where the text for a system shell ends: at its own top-level `;` or `&&`, quotes and parentheses skipped. */
function systemEnd(line: string, from: number): number {
  let quote: string | undefined;
  let depth = 0;
  for (let at = from; at < line.length; at += 1) {
    const one = line[at];
    if (one === '\\' && quote !== "'") at += 1;
    else if (quote) quote = one === quote ? undefined : quote;
    else if (one === '"' || one === "'" || one === '`') quote = one;
    else if (one === '(' || one === '{') depth += 1;
    else if (one === ')' || one === '}') depth -= 1;
    else if (depth <= 0 && (one === ';' || line.startsWith('&&', at))) return at;
  }
  return line.length;
}

/** A `#` inside a statement needs a blank after it: `set /colour #ff0000` stores a colour, as zkCli does. */
function isComment(line: string, at: number, atStart: boolean): boolean {
  return line[at] === '#' && (atStart || isBlank(line[at + 1]));
}

function startsStatement(tokens: readonly Token[]): boolean {
  const last = tokens.at(-1);
  return last === undefined || (last.kind === 'operator' && (last.value === ';' || last.value === '&&'));
}

function skipBlanks(line: string, from: number): number {
  let at = from;
  while (at < line.length && isBlank(line[at])) at += 1;
  return at;
}

function isBlank(char: string | undefined): boolean {
  return char === undefined || char === ' ' || char === '\t' || char === '\r' || char === '\n';
}
