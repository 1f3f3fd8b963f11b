const BEGIN = '<!-- bench: written by npm run bench -- --markdown -->';
const END = '<!-- /bench -->';

/** Puts the report between the markers of a document; a document without them, or none, becomes the report alone. */
export function insertReport(document: string | undefined, report: string): string {
  const block = `${BEGIN}\n\n${report}\n\n${END}`;
  const from = document?.indexOf(BEGIN) ?? -1;
  const to = document?.indexOf(END, from) ?? -1;
  if (document === undefined || from < 0 || to < 0) return `${block}\n`;
  return document.slice(0, from) + block + document.slice(to + END.length);
}
