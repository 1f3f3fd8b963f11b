import { tokenize } from './tokenizer.ts';

/** What stands where a secret stood; a line that has it can't be run again as it is. */
export const REDACTED = '<redacted>';

const SECRET = `(?:pass(?:word|wd|phrase)?|secret|token|credentials?|superdigest)`;
/** A flag whose next word is a secret: `--password x`, `--key-password x`. */
const SECRET_FLAG = new RegExp(`^--?(?:[\\w.-]*${SECRET}|auth|auth-info)$`, 'i');
/** A secret beside its name, in whatever syntax: flags, Java properties, environment, JSON, YAML, URLs. */
const NAMED_SECRETS = [
  new RegExp(
    `(?<=(?:${SECRET}|[-_]auth|[-_]sasl)["']?\\s*[=:]\\s*)(?:"(?:[^"\\\\]|\\\\.)*"?|\\$?'[^']*'?|[^\\s,}]+)`,
    'gis',
  ),
  /(?<=:\/\/[^\s/@:]*:)[^\s/@]+(?=@)/g,
];
/** Names of a secret kept elsewhere reveal nothing and are worth recalling; --auth and --sasl put a scheme or a user first. */
const REFERENCE = /^["']?(?:[\w.@-]+:){0,2}(?:env:[A-Za-z_]\w*|file:.+|cmd:.+|prompt)["']?$/s;
const AUTH_SCHEMES = new Set(['digest', 'sasl', 'x509', 'ip', 'auth', 'super', 'world']);
/** Words as a POSIX shell sees them; an unclosed quote takes the rest. */
const POSIX_WORDS = /(?:[^\s"'\\]|\\.|"(?:\\.|[^"\\])*"?|'[^']*'?|\\$)+/gs;

const MAX_PASSES = 8;

interface Span {
  readonly start: number;
  readonly end: number;
}

interface ScannedWord extends Span {
  readonly value: string;
}

/**
 * The line with every secret it may hold replaced. The line is read in three ways (as zksh does, as a POSIX shell does
 * and cut at blanks) and what any of them finds goes, because the line may be unfinished, or hold a system command.
 */
export function redact(line: string): string {
  // What is taken out may change how the rest reads, as where it held a quote: read again until nothing more is found.
  let text = line;
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const next = redactOnce(text);
    if (next === text) break;
    text = next;
  }
  return text;
}

function redactOnce(line: string): string {
  const spans = [...zkshWords(line), wordsBy(POSIX_WORDS, line)].flatMap(secretWords);
  spans.push(...secretWords(wordsBy(/\S+/g, line)).map((span) => throughQuote(line, span)));
  for (const pattern of NAMED_SECRETS) {
    for (const match of line.matchAll(pattern)) {
      if (!REFERENCE.test(match[0])) spans.push({ start: match.index, end: match.index + match[0].length });
    }
  }
  return replaceSpans(line, spans);
}

function zkshWords(line: string): ScannedWord[][] {
  const statements: ScannedWord[][] = [[]];
  for (const token of tokenize(line, true)) {
    if (token.kind === 'word') statements.at(-1)?.push(token);
    else statements.push([]);
  }
  return statements;
}

function wordsBy(pattern: RegExp, line: string): ScannedWord[] {
  return Array.from(line.matchAll(pattern), (match) => ({
    value: match[0].replace(/^["']|["']$/g, ''),
    start: match.index,
    end: match.index + match[0].length,
  }));
}

function secretWords(words: readonly ScannedWord[]): Span[] {
  return words.flatMap((word, index) => {
    const next = words[index + 1];
    if (next === undefined) return inlineSecret(word);
    if (word.value.toLowerCase() === 'addauth') return credentials(next, words[index + 2]);
    // `local up --sasl` is a switch; as an option its value is user:password.
    const takesSecret = SECRET_FLAG.test(word.value) || (word.value === '--sasl' && next.value.includes(':'));
    return takesSecret && !REFERENCE.test(next.value) ? [next, ...inlineSecret(word)] : inlineSecret(word);
  });
}

/** `--password=x` with the value in any quotes: what is from the `=` to the end of the word. */
function inlineSecret(word: ScannedWord): Span[] {
  const at = word.value.indexOf('=');
  const flag = word.value.slice(0, at);
  if (at < 0 || !(SECRET_FLAG.test(flag) || flag === '--sasl') || REFERENCE.test(word.value.slice(at + 1))) return [];
  return [{ start: word.start + at + 1, end: word.end }];
}

/** A span that begins with a quote goes on to where that quote closes. */
function throughQuote(line: string, span: Span): Span {
  const quoted = /^\$?(?:"(?:\\.|[^"\\])*"?|(?<=\$)'(?:\\.|[^'\\])*'?|'[^']*'?)/s.exec(line.slice(span.start));
  return quoted ? { start: span.start, end: Math.max(span.end, span.start + quoted[0].length) } : span;
}

/** `addauth SCHEME CREDENTIALS`: the scheme stays, unless it is alone and may be the credentials themselves. */
function credentials(scheme: ScannedWord, secret: ScannedWord | undefined): Span[] {
  const spans = AUTH_SCHEMES.has(scheme.value.toLowerCase()) ? [] : [scheme];
  return secret === undefined || REFERENCE.test(secret.value) ? spans : [...spans, secret];
}

function replaceSpans(line: string, spans: readonly Span[]): string {
  let text = '';
  let from = 0;
  for (const span of [...spans].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (span.end <= from) continue;
    if (span.start >= from) text += line.slice(from, span.start) + REDACTED;
    from = span.end;
  }
  return text + line.slice(from);
}
