import type { Document, LineCounter } from 'yaml';
import { UsageError } from '../protocol/errors.ts';

/** A place in a file: names of fields and indexes of lists. */
export type At = readonly (string | number)[];

/** A YAML file that was read, for messages that name the line. */
export interface YamlSource {
  value: unknown;
  /** An error about what stands at a place, or about the field of that name itself. */
  bad(at: At, why: string, how?: { ofKey?: boolean; hint?: string }): UsageError;
}

const HINT = 'zksh help hosts shows what such a file holds.';

/** @throws UsageError `BAD_ENSEMBLE_FILE` for what is no YAML */
export async function readYaml(text: string, file: string): Promise<YamlSource> {
  const { LineCounter, parseDocument } = await import('yaml');
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line } = lineCounter.linePos(error.pos[0]);
    throw new UsageError(`${file}:${line}: this is not YAML: ${error.message}`, { code: 'BAD_ENSEMBLE_FILE' });
  }
  return {
    value: toValue(document, file),
    bad: (at, why, { ofKey = false, hint = HINT } = {}) => {
      const line = lineOf(document, lineCounter, at, ofKey);
      const field = pathText(at);
      return new UsageError(
        `${file}${line === undefined ? '' : `:${line}`}: ${field === '' ? 'the file' : field} ${why}`,
        {
          code: 'BAD_ENSEMBLE_FILE',
          hint,
        },
      );
    },
  };
}

function toValue(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // Aliases of aliases, which would fill the memory.
    throw new UsageError(`${file}: ${(error as Error).message}`, { code: 'BAD_ENSEMBLE_FILE' });
  }
}

/** `members[0].host.ssh`. */
function pathText(at: At): string {
  return at.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  );
}

interface Ranged {
  range?: [number, number, number] | null;
}

/** Of the nearest thing around it that is there. */
function lineOf(document: Document, lines: LineCounter, at: At, ofKey: boolean): number | undefined {
  for (let length = at.length; length >= 0; length -= 1) {
    const found = length === at.length && ofKey ? keyAt(document, at) : document.getIn(at.slice(0, length), true);
    const start = (found as Ranged | undefined)?.range?.[0];
    if (start !== undefined) return lines.linePos(start).line;
  }
  return undefined;
}

function keyAt(document: Document, at: At): unknown {
  const map = document.getIn(at.slice(0, -1), true) as { items?: { key?: { value?: unknown } }[] } | undefined;
  return map?.items?.find(({ key }) => key?.value === at.at(-1))?.key;
}
