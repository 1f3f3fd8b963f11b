import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { down, list, up } from '../../src/local/ensemble.ts';
import { bulk } from './bulk.ts';
import { change } from './change.ts';
import { coldStart } from './cold-start.ts';
import { failover } from './failover.ts';
import { describeLoad, describeMachine } from './machine.ts';
import { observe } from './observe.ts';
import { operations } from './operations.ts';
import { printReport } from './print.ts';
import { insertReport } from './readme.ts';
import type { Bench, Report, Section } from './section.ts';

const SECTIONS: readonly Section[] = [coldStart, bulk, operations, failover, observe, change];

const HELP = `npm run bench [-- SECTION… --quick --json FILE --markdown FILE --print]

Sections: ${SECTIONS.map(({ name }) => name).join(', ')}; all without a name.
  --quick          3 short rounds instead of 5: a look, not a measurement
  --json FILE      where results are kept, each section's newest (test/bench/results/latest.json)
  --markdown FILE  also puts all results kept between the bench markers of FILE
  --print          measures nothing, prints what is kept
`;

/** A server compiled hot from the start on, as one is that has run for a day. */
const JVM_FLAGS = ['-XX:TieredStopAtLevel=4', '-Xms1g', '-Xmx1g'];

/** A report, and what it was made on. */
interface Kept {
  readonly when: string;
  readonly machine: string;
  readonly quick: boolean;
  readonly report: Report;
}

type Results = Record<string, Kept>;

/** @returns the exit code; figures never make it other than 0, only a section that could not be run */
export async function main(argv: readonly string[], root: string): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'string', default: join(root, 'test/bench/results/latest.json') },
      markdown: { type: 'string' },
      print: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const unknown = positionals.find((name) => !SECTIONS.some((section) => section.name === name));
  if (values.help || unknown !== undefined) {
    process.stderr.write(`${unknown === undefined ? '' : `There is no section "${unknown}".\n\n`}${HELP}`);
    return unknown === undefined ? 0 : 2;
  }
  const file = resolve(values.json);
  const results = await readResults(file);
  const chosen = SECTIONS.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  let code = 0;
  for (const section of values.print ? [] : chosen) {
    const kept = await measure(section, root, values.quick).catch((error: Error) => {
      process.stderr.write(`${section.name}: ${error.stack}\n`);
    });
    if (kept === undefined) {
      code = 1;
      continue;
    }
    results[section.name] = kept;
    // After each section: the next may take long, or be interrupted.
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${JSON.stringify(results, printable, 2)}\n`);
    process.stdout.write(`${printKept(section, kept)}\n\n`);
  }
  const all = SECTIONS.flatMap((section) => {
    const kept = results[section.name];
    return kept === undefined ? [] : [printKept(section, kept)];
  }).join('\n\n');
  if (values.print) process.stdout.write(`${all}\n`);
  if (values.markdown !== undefined) {
    const target = resolve(values.markdown);
    await writeFile(target, insertReport(await readFile(target, 'utf8').catch(() => undefined), all));
  }
  return code;
}

async function measure(section: Section, root: string, quick: boolean): Promise<Kept> {
  const scratch = await mkdtemp(join(tmpdir(), 'zksh-bench-'));
  const stateDir = join(scratch, 'servers');
  const say = (line: string) => process.stderr.write(`${section.name}: ${line}\n`);
  const stop = async () => {
    for (const { name } of await list(stateDir)) await down({ name, stateDir });
    await rm(scratch, { recursive: true, force: true });
  };
  const onSignal = () => stop().finally(() => process.exit(130));
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  let counter = 0;
  const bench: Bench = {
    root,
    scratch,
    quick,
    rounds: quick ? 3 : 5,
    say,
    servers: (spec) => up({ jvmFlags: JVM_FLAGS, ...spec, name: `bench-${counter++}`, stateDir }, say),
  };
  try {
    const when = new Date().toISOString();
    const load = describeLoad();
    const report = await section.run(bench);
    const notes = load === undefined ? report.notes : [load, ...report.notes];
    return { when, machine: describeMachine(), quick, report: { ...report, notes } };
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
    await stop();
  }
}

function printKept(section: Section, { when, machine, quick, report }: Kept): string {
  const made = `Measured ${when.slice(0, 10)} on ${machine}${quick ? '; a quick look only' : ''}`;
  return printReport(section, { ...report, notes: [made, ...report.notes] });
}

async function readResults(file: string): Promise<Results> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Results;
  } catch {
    return {};
  }
}

/** Measurements need no more than microseconds' digits. */
function printable(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(6)) : value;
}
