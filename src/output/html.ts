import { escapeControl } from './text-safety.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that is HTML already. Made by `html`; by hand only of what is written in the source. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

type Value = Html | string | number | bigint | undefined | readonly Value[];

/** HTML (or SVG) in which every value is escaped, be it from a server; lists are joined, what is undefined is nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  return new Html(strings.map((text, i) => text + (i < values.length ? asHtml(values[i]) : '')).join(''));
}

function asHtml(value: Value): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.toString();
  if (typeof value === 'object') return value.map(asHtml).join('');
  return escapeControl(`${value}`).replaceAll(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}
