/** Where a value stands in the text it was read from: offsets in UTF-16 units, `end` is behind it. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** A value of a JSON text. Only its place is kept, so that numbers and strings stay as they were written. */
export type JsonNode = JsonScalar | JsonContainer;

interface JsonScalar extends Span {
  readonly type: 'string' | 'number' | 'boolean' | 'null';
}

export interface JsonContainer extends Span {
  readonly type: 'object' | 'array';
  readonly items: readonly JsonItem[];
}

/** A member of an object, or an element of an array, which has no key. */
export interface JsonItem {
  readonly key: string | undefined;
  /** Of the key, or of the value where there is none. */
  readonly start: number;
  /** Behind the key; as `start` where there is none. */
  readonly keyEnd: number;
  readonly value: JsonNode;
}

/** A text together with the value it holds. */
export interface JsonDocument {
  readonly text: string;
  readonly root: JsonNode;
}

/** A text is no JSON. The message says what stands where. */
export class JsonSyntaxError extends Error {
  readonly offset: number;

  constructor(text: string, offset: number, what: string) {
    super(`${what} (${position(text, offset)})`);
    this.name = 'JsonSyntaxError';
    this.offset = offset;
  }
}

/** `line 3, column 7`, both counted from 1. */
export function position(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

/** Deeper values than anybody writes by hand or by program would only serve to overflow the stack. */
const MAX_DEPTH = 500;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** What in a string stands for itself. */
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const HEX4 = /[0-9a-fA-F]{4}/y;
const WORD = /[A-Za-z0-9_+.-]*/y;
const WORDS: readonly (readonly [string, JsonScalar['type']])[] = [
  ['true', 'boolean'],
  ['false', 'boolean'],
  ['null', 'null'],
];

/** Reads a text that is one JSON value (RFC 8259, nothing more). @throws JsonSyntaxError */
export function scanJson(text: string): JsonDocument {
  const scanner = new Scanner(text);
  return { text, root: scanner.document() };
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonNode {
    if (this.#text.startsWith('\ufeff')) throw new JsonSyntaxError(this.#text, 0, 'a byte order mark stands before it');
    this.#blanks();
    const root = this.#value(0);
    this.#blanks();
    if (this.#at < this.#text.length) throw this.#unexpected('the end');
    return root;
  }

  #value(depth: number): JsonNode {
    const start = this.#at;
    const char = this.#text[start];
    if (char === '{' || char === '[') return this.#container(char, depth);
    if (char === '"') {
      this.#string();
      return { type: 'string', start, end: this.#at };
    }
    for (const [word, type] of WORDS) if (this.#text.startsWith(word, start)) return this.#scalar(type, word.length);
    NUMBER.lastIndex = start;
    const number = NUMBER.exec(this.#text)?.[0];
    if (number === undefined) throw this.#unexpected('a value');
    return this.#scalar('number', number.length);
  }

  /** `01`, `1.` and `nullify` begin well. */
  #scalar(type: JsonScalar['type'], length: number): JsonScalar {
    const start = this.#at;
    WORD.lastIndex = start;
    if ((WORD.exec(this.#text)?.[0].length ?? 0) > length) throw this.#unexpected('a value');
    this.#at += length;
    return { type, start, end: this.#at };
  }

  #container(open: '{' | '[', depth: number): JsonContainer {
    const start = this.#at;
    const [type, close] = open === '{' ? (['object', '}'] as const) : (['array', ']'] as const);
    if (depth >= MAX_DEPTH) throw new JsonSyntaxError(this.#text, start, `it is nested more than ${MAX_DEPTH} deep`);
    const items: JsonItem[] = [];
    this.#at += 1;
    this.#blanks();
    while (items.length > 0 || this.#text[this.#at] !== close) {
      items.push(this.#item(type, depth));
      this.#blanks();
      if (this.#text[this.#at] === close) break;
      this.#expect(',', `a comma or ${close}`);
      this.#blanks();
    }
    this.#at += 1;
    return { type, start, end: this.#at, items };
  }

  #item(type: JsonContainer['type'], depth: number): JsonItem {
    const start = this.#at;
    if (type === 'array') return { key: undefined, start, keyEnd: start, value: this.#value(depth + 1) };
    if (this.#text[start] !== '"') throw this.#unexpected('a key in double quotes');
    this.#string();
    const keyEnd = this.#at;
    this.#blanks();
    this.#expect(':', 'a colon');
    this.#blanks();
    const key = JSON.parse(this.#text.slice(start, keyEnd)) as string;
    return { key, start, keyEnd, value: this.#value(depth + 1) };
  }

  #string(): void {
    const start = this.#at;
    this.#at += 1;
    for (;;) {
      PLAIN.lastIndex = this.#at;
      PLAIN.test(this.#text);
      this.#at = PLAIN.lastIndex;
      const char = this.#text[this.#at];
      if (char === '"') break;
      if (char === undefined) throw new JsonSyntaxError(this.#text, start, 'a string has no end');
      if (char !== '\\') throw new JsonSyntaxError(this.#text, this.#at, 'a control character stands in a string');
      this.#escape();
    }
    this.#at += 1;
  }

  #escape(): void {
    const letter = this.#text[this.#at + 1];
    HEX4.lastIndex = this.#at + 2;
    const known = letter === 'u' ? HEX4.test(this.#text) : letter !== undefined && '"\\/bfnrt'.includes(letter);
    if (!known) throw new JsonSyntaxError(this.#text, this.#at, 'a backslash begins no escape of JSON');
    this.#at += letter === 'u' ? 6 : 2;
  }

  #blanks(): void {
    while (isBlank(this.#text.charCodeAt(this.#at))) this.#at += 1;
  }

  #expect(char: string, what: string): void {
    if (this.#text[this.#at] !== char) throw this.#unexpected(what);
    this.#at += 1;
  }

  #unexpected(wanted: string): JsonSyntaxError {
    const code = this.#text.codePointAt(this.#at);
    const found = code === undefined ? 'it ends' : `${JSON.stringify(String.fromCodePoint(code))} stands`;
    return new JsonSyntaxError(this.#text, this.#at, `${found} where ${wanted} should be`);
  }
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

/** A value's own text, as it was written. */
export function textOf({ text }: Pick<JsonDocument, 'text'>, { start, end }: Span): string {
  return text.slice(start, end);
}

/** The first key at or below a value that its object has twice: programs read such JSON in different ways. */
export function duplicateKey(node: JsonNode): JsonItem | undefined {
  if (!('items' in node)) return undefined;
  const keys = new Set<string>();
  for (const item of node.items) {
    if (item.key !== undefined && keys.has(item.key)) return item;
    if (item.key !== undefined) keys.add(item.key);
    const inside = duplicateKey(item.value);
    if (inside !== undefined) return inside;
  }
  return undefined;
}
