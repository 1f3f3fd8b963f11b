/** How the bytes of a znode are shown to a person. */
export type BytesForm = 'auto' | 'utf8' | 'hex' | 'base64';

/** The JSON contract for bytes: text where the bytes are valid UTF-8, base64 otherwise. */
export type JsonBytes = { utf8: string } | { base64: string };

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

// C0 and C1 controls can drive a terminal, the bidirectional overrides can make text read as something else,
// and lone surrogates and line separators break whatever counts lines or columns.
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Writes control characters, bidirectional overrides and lone surrogates as visible escapes; line feeds and tabs too. */
export function escapeControl(text: string): string {
  return text.replace(UNSAFE, escapeOne);
}

/** As `escapeControl`, but line feeds and tabs stay: for text of several lines, such as a znode's data. */
export function escapeControlKeepingLines(text: string): string {
  return text.replace(UNSAFE, (char) => (char === '\n' || char === '\t' ? char : escapeOne(char)));
}

/** JSON for a terminal: what `JSON.stringify` leaves unsafe becomes `\\uXXXX`, so that it means the same to a parser. */
export function escapeJson(json: string): string {
  return json.replace(UNSAFE, (char) => (char === '\n' ? char : `\\u${hex(char.charCodeAt(0), 4)}`));
}

function escapeOne(char: string): string {
  const code = char.charCodeAt(0);
  return SHORT[char] ?? (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`);
}

/** The text of the bytes, or undefined where they are not valid UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Bytes in the form that JSON, NDJSON and YAML output share. */
export function bytesToJson(bytes: Uint8Array): JsonBytes {
  const utf8 = decodeUtf8(bytes);
  return utf8 === undefined ? { base64: toBase64(bytes) } : { utf8 };
}

/** Bytes as text: UTF-8 where valid (with `auto`, a hex dump otherwise), a hex dump, or base64. */
export function bytesToText(bytes: Uint8Array, form: BytesForm = 'auto'): string {
  if (form === 'hex') return hexDump(bytes);
  if (form === 'base64') return toBase64(bytes);
  if (form === 'utf8') return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  return decodeUtf8(bytes) ?? hexDump(bytes);
}

/** How data begins, on one line: so many characters of text, or what is to be said of bytes that are none. */
export function preview(bytes: Uint8Array, characters: number, dots: string): string {
  if (bytes.length === 0) return '(empty)';
  // No character takes more than four bytes; the last one may be cut in two, which `stream` lets pass.
  const head = bytes.subarray(0, characters * 4);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(head, {
      stream: head.length < bytes.length,
    });
  } catch {
    return `(${bytes.length} bytes, no text)`;
  }
  const points = Array.from(text);
  if (points.length <= characters && head.length === bytes.length) return escapeControl(text);
  return escapeControl(points.slice(0, characters).join('')) + dots;
}

/** Standard base64 with padding. */
export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

const DUMP_RULE = `+--------+${'-'.repeat(49)}+${'-'.repeat(16)}+`;
const DUMP_HEAD = [
  `         +${'-'.repeat(49)}+`,
  `         |${Array.from({ length: 16 }, (_, i) => `  ${i.toString(16)}`).join('')} |`,
  DUMP_RULE,
];

/** The table that `get -x` of zkCli prints (Netty's `ByteBufUtil.prettyHexDump`); empty for no bytes. */
export function hexDump(bytes: Uint8Array): string {
  if (bytes.length === 0) return '';
  const lines = [...DUMP_HEAD];
  for (let offset = 0; offset < bytes.length; offset += 16)
    lines.push(dumpLine(bytes.subarray(offset, offset + 16), offset));
  lines.push(DUMP_RULE);
  return lines.join('\n');
}

function dumpLine(row: Uint8Array, offset: number): string {
  const cells = Array.from(row, (byte) => ` ${hex(byte, 2)}`).join('');
  const chars = Array.from(row, (byte) => (byte > 0x1f && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
  return `|${hex(offset, 8)}|${cells.padEnd(48)} |${chars.padEnd(16)}|`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
