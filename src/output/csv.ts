const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;

/** One record of RFC 4180 CSV without its line end. A record of one empty field is quoted, so that it is not a blank line. */
export function csvRecord(fields: readonly string[]): string {
  if (fields.length === 1 && fields[0] === '') return '""';
  return fields.map((field) => (NEEDS_QUOTES.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',');
}
