import type { Step } from '../change/plan.ts';
import { shortDuration } from '../output/times.ts';
import type { ChangeProgress } from './change-progress.ts';
import type { Io } from './io.ts';
import { styleOf } from './stream-style.ts';

type End = 'done' | 'stopped' | 'not begun';

/** A line of the list. Which step it is may change: who leads is asked again before each. */
interface Row {
  ended: Promise<End>;
  end(how: End): void;
  /** Writes the title, and what stands below it while it is under way. */
  show(title: string, detail?: string): void;
}

/** On a terminal: every step of the change in one list that is drawn anew in its place, on stderr. */
export async function changeList(io: Io, noColor: boolean): Promise<ChangeProgress> {
  const {
    createWritable,
    Listr,
    ListrDefaultRendererLogLevels: Level,
    ListrLogger,
    ProcessOutput,
  } = await import('listr2');
  const style = await styleOf(io.stderr, io, noColor);
  // What others write to stderr meanwhile is held back until the list stands; stdout is left alone.
  const processOutput = new ProcessOutput(
    io.stderr as NodeJS.WriteStream,
    createWritable(() => {}) as NodeJS.WriteStream,
  );
  const painted =
    (role: 'good' | 'warn' | 'bad' | 'dim') =>
    (text = '') =>
      style.finish(style.paint(role, text));
  const dim = painted('dim');
  const name = (text: string): string => style.finish(style.name(text));
  let rows: Row[] = [];
  let run: Promise<unknown> | undefined;
  let current: { row: Row; title: string; detail: string; began: number } | undefined;
  let said = '';

  function begin(steps: readonly Step[]): void {
    const endings = steps.map(ending);
    const list = new Listr(
      endings.map(({ ended }, i) => ({
        title: name(steps[i]?.title ?? ''),
        task: async (_, task) => {
          const how = await ended;
          if (how === 'stopped') throw new Error(how);
          if (how === 'not begun') task.skip();
        },
      })),
      {
        renderer: 'default',
        forceTTY: true,
        // The rest is shown as not begun.
        exitOnError: false,
        // Ctrl-C is the command's: it stops between two steps.
        registerSignalListeners: false,
        rendererOptions: {
          logger: new ListrLogger({ processOutput }),
          collapseErrors: false,
          showErrorMessage: false,
          color: {
            [Level.COMPLETED]: painted('good'),
            [Level.FAILED]: painted('bad'),
            [Level.PENDING]: painted('warn'),
            [Level.WAITING]: dim,
            [Level.OUTPUT]: dim,
            [Level.SKIPPED_WITH_COLLAPSE]: dim,
          },
        },
      },
    );
    rows = endings.map((one, i) => ({
      ...one,
      show(title, detail = '') {
        const task = list.tasks[i];
        if (task === undefined) return;
        task.title$ = title;
        if (detail !== '') task.output$ = detail;
      },
    }));
    run = list.run();
  }

  function draw(): void {
    if (current === undefined) return;
    const { row, title, detail } = current;
    row.show(title, [detail, said].filter((text) => text !== '').join('\n'));
  }

  return {
    tell(event) {
      const { step } = event;
      if (event.type === 'step') {
        const { done, after } = event;
        if (run === undefined) begin([...done, step, ...after]);
        for (const [i, { title }] of done.entries())
          if (current === undefined) finish(rows[i], `${name(title)} ${dim('done before')}`);
        for (const [i, { title }] of after.entries()) rows[done.length + 1 + i]?.show(name(title));
        const row = rows[done.length];
        if (row === undefined) throw new Error('a step more than the list has');
        current = { row, title: `${name(step.title)} ${dim(step.why)}`, detail: '', began: io.now() };
      }
      if (current === undefined) return;
      if (event.type === 'waiting')
        current.detail = event.shut.map(([gate, evidence]) => name(`waiting, ${gate}: ${evidence}`)).join('\n');
      else if (event.type === 'acted') current.detail = name(event.evidence);
      if (event.type !== 'done') return draw();
      const took = shortDuration(io.now() - current.began);
      finish(current.row, `${name(step.title)} ${dim(`${took}, proven by ${step.after.length} gates`)}`);
    },
    say(text) {
      said = name(text);
      draw();
    },
    async done() {
      current?.row.end('stopped');
      for (const row of rows) row.end('not begun');
      await run;
    },
  };
}

function finish(row: Row | undefined, title: string): void {
  row?.show(title);
  row?.end('done');
}

function ending(): Pick<Row, 'ended' | 'end'> {
  let end: Row['end'] = () => {};
  const ended = new Promise<End>((resolve) => {
    end = resolve;
  });
  return { ended, end };
}
