import * as Flags from '@oclif/core/flags';
import { parseDuration } from '../src/cli/duration.ts';
import { OBSERVING, ObservingCommand, observingFlags } from '../src/cli/observing-command.ts';
import { reportPage } from '../src/cli/report/page.ts';
import { lengthOf, looksIn, type Report, takeReport } from '../src/cli/report/report.ts';
import { refuseExisting, requireWritable, writeWhole } from '../src/cli/whole-file.ts';
import { judgeHealth } from '../src/ensemble/health/judge.ts';
import { DEFAULT_LIMITS } from '../src/ensemble/health/limits.ts';
import { lookForHealth } from '../src/ensemble/health/look.ts';
import { byteSize, shortDuration } from '../src/output/times.ts';
import type { View } from '../src/output/view.ts';
import { UsageError } from '../src/protocol/errors.ts';

interface Result extends Pick<Report, 'begun' | 'ended' | 'samples' | 'status'> {
  file: string;
  page: string;
}

const DEFAULT_WINDOW = 30_000;
const DEFAULT_INTERVAL = 2000;
/** Looks are kept until the end: more would be more than a chart can show. */
const MOST_LOOKS = 5000;

export default class ReportCommand extends ObservingCommand<Result, typeof ReportCommand> {
  static override summary = 'look at an ensemble for a while and write a page for a ticket';
  static override description = `${OBSERVING} A look allows a member one interval at most.

The page is one HTML file that needs nothing else: no network, no script. It has the members as status shows them, what health finds at the end, charts
over the window (requests, transactions, latency, outstanding requests, connections, lag, znodes, data, ephemerals,
watches), what happened meanwhile, the committed membership, who told what, and what was missing. It reads well in light
and dark and on paper. The file appears when it is whole, readable by you only; one that is there stays, unless --force.
With --html - the page goes to stdout.

JSON: {file, bytes, begun, ended, samples, serving, members, page}; members is how many there are, begun and ended are RFC
3339 times; page is there when file is "-".`;
  static override examples = [
    '<%= config.bin %> report --html incident-42.html',
    '<%= config.bin %> report --html - --window 5m --interval 5s > prod.html',
  ];
  static override flags = {
    ...observingFlags,
    html: Flags.string({
      env: 'ZKSH_REPORT_HTML',
      required: true,
      helpValue: '<file>',
      description: 'file to write the page to; - is stdout',
    }),
    window: Flags.custom<number>({ parse: async (text) => parseDuration(text), helpValue: '<duration>' })({
      env: 'ZKSH_REPORT_WINDOW',
      description: 'how long to look; 30s when not given',
    }),
    interval: Flags.custom<number>({ parse: async (text) => parseDuration(text), helpValue: '<duration>' })({
      env: 'ZKSH_REPORT_INTERVAL',
      description: 'from one look to the next; 2s when not given',
    }),
    force: Flags.boolean({ env: 'ZKSH_REPORT_FORCE', description: 'overwrite a file that is there' }),
  };

  protected readonly view: View<Result> = {
    text: ({ file, page, samples, begun, ended }, style) =>
      file === '-'
        ? page.trimEnd()
        : `wrote ${style.name(file)} (${byteSize(Buffer.byteLength(page))}) of ${samples} looks over ${lengthOf(ended - begun)}`,
    raw: ({ page }) => page,
    json: ({ file, page, begun, ended, samples, status }) => ({
      file,
      bytes: Buffer.byteLength(page),
      begun: new Date(begun),
      ended: new Date(ended),
      samples,
      serving: status.serving,
      members: status.members.length,
      page: file === '-' ? page : undefined,
    }),
  };

  protected async execute(): Promise<Result> {
    const { html: file, force } = this.flags;
    if (file !== '-' && !force) await refuseExisting(file);
    if (file !== '-') await requireWritable(file);
    const report = await this.#take();
    const page = reportPage(report);
    if (file !== '-') await writeWhole(file, page, { force });
    const { begun, ended, samples, status } = report;
    return { file, page, begun, ended, samples, status };
  }

  async #take(): Promise<Report> {
    const { window = DEFAULT_WINDOW, interval = DEFAULT_INTERVAL } = this.flags;
    const looks = looksIn(window, interval);
    if (looks > MOST_LOOKS) throw tooMany(looks);
    const { wanted, asking } = await this.observing();
    const { name, context } = await this.context();
    const progress = this.progress({ label: 'looking at the ensemble', total: looks, unit: 'looks' });
    try {
      return await takeReport(wanted, asking, {
        name: name ?? context.servers,
        command: `zksh report --window ${shortDuration(window)} --interval ${shortDuration(interval)}`,
        version: this.config.version,
        window,
        interval,
        judge: async () =>
          judgeHealth(
            await lookForHealth(wanted, asking, {
              limits: DEFAULT_LIMITS,
              now: this.io.now,
              quorumTls: false,
            }),
          ),
        onSample: (taken) => progress.update(taken),
      });
    } finally {
      progress.done();
    }
  }
}

function tooMany(looks: number): UsageError {
  return new UsageError(`that would be ${looks} looks, and ${MOST_LOOKS} is the most`, {
    hint: 'Take a shorter --window or a longer --interval.',
  });
}
