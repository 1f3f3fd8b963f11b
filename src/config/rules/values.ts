import { type Setting, shown } from '../member.ts';
import { guide, type Parameter } from '../parameters/parameter.ts';
import { findParameter, knownTo, PARAMETERS } from '../parameters/table.ts';
import { checkValue, type ValueProblem } from '../value.ts';
import { type Hit, type Rule, type Subject, when } from './rule.ts';

const EFFECTS: Readonly<Record<ValueProblem['effect'], string>> = {
  boot: 'the server does not start',
  default: 'the server goes on without it, and says nothing',
  fail: 'what needs it fails',
};

/** Rules about single lines: names and values. */
export const VALUE_RULES: readonly Rule[] = [
  {
    id: 'malformed-escape',
    severity: 'error',
    needs: 'text',
    refuses: true,
    summary: 'a \\u without four hexadecimal digits',
    why: 'java.util.Properties refuses the whole file. A backslash begins an escape: in a path it is written twice.',
    check: ({ member }) =>
      [member.file, ...(member.dynamic === undefined ? [] : [member.dynamic])].flatMap(({ path, pieces }) =>
        pieces
          .filter(({ kind }) => kind === 'malformed')
          .map(({ line, raw }) => ({
            at: placeOf(path, line),
            message: `${JSON.stringify(raw.trim())} cannot be read`,
          })),
      ),
  },
  {
    id: 'bad-value',
    severity: 'error',
    needs: 'names',
    refuses: true,
    summary: 'a value that keeps the server from starting',
    why: 'QuorumPeerConfig reads the value as a number, a port, a boolean or one of a few words, and refuses the whole configuration otherwise.',
    reference: guide('adv'),
    check: (subject) => valueHits(subject, ({ kind, effect }) => kind === 'type' && effect === 'boot'),
  },
  {
    id: 'ignored-value',
    severity: 'warning',
    needs: 'values',
    summary: 'a value that the server cannot read and passes over',
    why: 'The line looks as if it did something, but the server takes the default, or fails only when it needs the value.',
    reference: guide('adv'),
    check: (subject) => valueHits(subject, ({ kind, effect }) => kind === 'type' && effect !== 'boot'),
  },
  {
    id: 'out-of-range',
    severity: 'warning',
    needs: 'values',
    summary: 'a number that is out of bounds',
    why: 'The server refuses it, corrects it, or misbehaves: such a value was never meant.',
    reference: guide('adv'),
    check: (subject) => valueHits(subject, ({ kind }) => kind === 'range'),
  },
  {
    id: 'unknown-parameter',
    severity: 'warning',
    needs: 'names',
    summary: 'a parameter that no release from 3.4 to 3.9 knows',
    why: 'The server takes any name and hands it on as the system property zookeeper.NAME, which nobody reads: a misspelt parameter leaves the default in force without a word.',
    reference: guide('adv'),
    check: (subject) =>
      uniqueSettings(subject)
        .filter(({ key }) => findParameter(key) === undefined && elsewhere(key) === undefined)
        .map((at) => {
          const near = subject.nearest(at.key, NAMES);
          const meant = near.length === 0 ? '' : `: did you mean ${near.join(' or ')}?`;
          return { at, message: `no server knows ${at.key}${meant}`, fix: near[0] };
        }),
  },
  {
    id: 'name-without-effect',
    severity: 'warning',
    needs: 'names',
    summary: 'a parameter under a name that does nothing in zoo.cfg',
    why: 'A key is read by its own name or as the system property zookeeper.KEY. A key that begins with zookeeper., and some names of the documentation, are neither.',
    reference: guide('adv'),
    check: (subject) =>
      uniqueSettings(subject).flatMap((at) => {
        const right = findParameter(at.key) === undefined ? elsewhere(at.key) : undefined;
        return right === undefined ? [] : [{ at, message: `${at.key} does nothing; the key is ${right}`, fix: right }];
      }),
  },
  {
    id: 'system-property-only',
    severity: 'warning',
    needs: 'names',
    summary: 'a parameter that only a system property can set',
    why: 'Its system property has no zookeeper. before it, but every line of zoo.cfg that QuorumPeerConfig does not know becomes one that has.',
    reference: guide('unsafe'),
    check: (subject) =>
      uniqueSettings(subject)
        .filter(({ key }) => findParameter(key)?.readBy === 'property')
        .map((at) => ({
          at,
          message: `${at.key} does nothing in zoo.cfg`,
          fix: `SERVER_JVMFLAGS="-D${at.key}=${at.value}" in java.env`,
        })),
  },
  {
    id: 'unknown-to-release',
    severity: 'warning',
    needs: 'values',
    summary: 'a parameter that the release named by --version does not know',
    why: 'The line does nothing there: it came with a later release, or is gone.',
    check: (subject) =>
      subject.releaseKnown
        ? uniqueSettings(subject).flatMap((at) => {
            const parameter = findParameter(at.key);
            if (parameter === undefined || knownTo(parameter, subject.release)) return [];
            return [{ at, message: `${at.key} is known ${periodOf(parameter)} only` }];
          })
        : [],
  },
  {
    id: 'duplicate-key',
    severity: 'warning',
    needs: 'text',
    summary: 'a key that stands in the file twice',
    why: 'The last one counts, whatever a reader believes who finds the first. Of two server lines with one id, one member is lost.',
    check: ({ member }) =>
      member.file.settings.flatMap((at, index, all) => {
        const last = all.findLast(({ key }) => key === at.key);
        const first = all.findIndex(({ key }) => key === at.key) === index;
        if (!first || last === undefined || last === at) return [];
        return [{ at, message: `${at.key} stands in line ${at.line} and again in line ${last.line}, which counts` }];
      }),
  },
  {
    id: 'backslash-lost',
    severity: 'warning',
    needs: 'text',
    summary: 'a backslash in a path, which is lost',
    why: 'A backslash begins an escape of java.util.Properties: C:\\data becomes C:data. Write / or two backslashes.',
    check: (subject) =>
      uniqueSettings(subject).flatMap((at) => {
        const written = at.entry.raw.slice(at.entry.before.length, at.entry.raw.length - at.entry.after.length);
        const lost = /\\[^\\\r\n]/.test(written.replaceAll('\\\\', '').replace(/\\(?:\r\n|[\r\n])/g, ''));
        if (findParameter(at.key)?.type.kind !== 'path' || !lost) return [];
        return [
          { at, message: `${at.key} is read as ${JSON.stringify(at.value)}`, fix: written.replaceAll('\\', '/') },
        ];
      }),
  },
  {
    id: 'not-latin-1',
    severity: 'warning',
    needs: 'text',
    summary: 'a letter beyond ASCII in a value',
    why: 'java.util.Properties reads the file as Latin-1: what was written as UTF-8 becomes other letters. Write it as \\uXXXX.',
    check: (subject) =>
      uniqueSettings(subject)
        .filter(({ entry }) => /[\x80-\xff]/.test(entry.raw))
        .map((at) => ({ at, message: `the server reads ${at.key} as ${JSON.stringify(shown(at.key, at.value))}` })),
  },
  {
    id: 'comment-in-value',
    severity: 'warning',
    needs: 'text',
    summary: 'a comment behind a value',
    why: 'A comment stands on a line of its own; behind a value it is part of the value.',
    check: (subject) =>
      uniqueSettings(subject).flatMap((at) => {
        const kind = findParameter(at.key)?.type.kind;
        const text = kind === 'path' || kind === 'text' || kind === 'address' || kind === 'class';
        return when(text && /\s#/.test(at.value), () => ({
          at,
          message: `${at.key} is read as ${JSON.stringify(shown(at.key, at.value))}`,
        }));
      }),
  },
];

const NAMES = PARAMETERS.map(({ name }) => name);
const BY_PROPERTY = new Map(
  PARAMETERS.flatMap(({ name, property }) => (property === undefined ? [] : [[property, name]])),
);
const BY_DOCUMENTED = new Map(
  PARAMETERS.flatMap(({ name, documentedAs }) => (documentedAs === undefined ? [] : [[documentedAs, name]])),
);

/** The key that a name without effect stands for. */
function elsewhere(key: string): string | undefined {
  const bare = key.replace(/^zookeeper\./, '');
  return BY_DOCUMENTED.get(key) ?? BY_PROPERTY.get(key) ?? (bare !== key && findParameter(bare) ? bare : undefined);
}

function valueHits(subject: Subject, wanted: (problem: ValueProblem) => boolean): Hit[] {
  return uniqueSettings(subject).flatMap((at) => {
    const parameter = findParameter(at.key);
    if (parameter === undefined || parameter.change === 'reconfig') return [];
    const problem = checkValue(parameter, at.value, subject.release);
    if (problem === undefined || !wanted(problem)) return [];
    const effect = problem.kind === 'type' ? `; ${EFFECTS[problem.effect]}` : unitNote(parameter);
    return [{ at, message: `${at.key}: ${problem.message}${effect}` }];
  });
}

function unitNote({ type }: Parameter): string {
  return 'unit' in type && type.unit !== undefined ? ` (${type.unit})` : '';
}

/** The settings that count: each key once. */
function uniqueSettings({ member }: Subject): Setting[] {
  return [...new Map(member.file.settings.map((setting) => [setting.key, setting])).values()];
}

function periodOf({ since, until }: Parameter): string {
  return until === undefined ? `since ${since.join(' and ')}` : `from ${since.join(' and ')} to ${until}`;
}

function placeOf(file: string, line: number): Setting {
  const entry = { key: '', value: '', line, raw: '', before: '', after: '' };
  return { key: '', value: '', file, line, entry };
}
