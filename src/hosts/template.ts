import { UsageError } from '../protocol/errors.ts';
import { shellLine } from './quote.ts';

/** What may stand for the placeholders of a template: one word, or several. */
export type TemplateValues = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * A command line that an operator wrote, with every `{name}` replaced by its value, quoted for the shell: no value is
 * ever more than one word. @throws UsageError `BAD_TEMPLATE`
 */
export function fillTemplate(template: string, values: TemplateValues): string {
  return placesOf(template).reduceRight((text, { name, from, to, quoted }) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) throw unknown(template, name, Object.keys(values));
    if (quoted)
      throw bad(
        template,
        `{${name}} stands inside quotes`,
        'Leave the quotes out: values are quoted as they are put in.',
      );
    return text.slice(0, from) + shellLine(typeof value === 'string' ? [value] : value) + text.slice(to);
  }, template);
}

/** Refuses a template that could not be filled with values of these names. @throws UsageError `BAD_TEMPLATE` */
export function checkTemplate(template: string, names: readonly string[]): void {
  fillTemplate(template, Object.fromEntries(names.map((name) => [name, 'x'])));
}

interface Place {
  name: string;
  from: number;
  to: number;
  quoted: boolean;
}

function placesOf(template: string): Place[] {
  const places: Place[] = [];
  let quote = '';
  for (let i = 0; i < template.length; i += 1) {
    const char = template[i] ?? '';
    const [whole, name] = /^\{([a-z]+)\}/i.exec(template.slice(i)) ?? [];
    // `${name}` is the shell's own variable.
    if (whole !== undefined && name !== undefined && template[i - 1] !== '$') {
      places.push({ name, from: i, to: i + whole.length, quoted: quote !== '' });
      i += whole.length - 1;
    } else if (char === '\\' && quote !== "'") {
      if (template[i + 1] === '{') throw bad(template, 'there is a backslash before {', 'Leave it out.');
      i += 1;
    } else if (char === quote) quote = '';
    else if (quote === '' && /['"`]/.test(char)) quote = char;
  }
  return places;
}

function unknown(template: string, name: string, names: readonly string[]): UsageError {
  return bad(template, `{${name}} stands for nothing here`, `There are ${names.map((one) => `{${one}}`).join(', ')}.`);
}

function bad(template: string, why: string, hint: string): UsageError {
  return new UsageError(`${JSON.stringify(template)}: ${why}`, { code: 'BAD_TEMPLATE', hint });
}
