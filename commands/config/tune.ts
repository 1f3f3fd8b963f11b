import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { parseByteCount } from '../../src/cli/byte-count.ts';
import { configTuneView, type Tuned } from '../../src/cli/config-tune-view.ts';
import { parseDuration } from '../../src/cli/duration.ts';
import { memberAnswerFlags } from '../../src/cli/member-answers.ts';
import { OBSERVING, ObservingCommand } from '../../src/cli/observing-command.ts';
import { loadMemberConfig } from '../../src/config/load-config.ts';
import type { MemberConfig } from '../../src/config/member.ts';
import { type Measured, measureEnsemble } from '../../src/config/tune/measure.ts';
import type { Proposal } from '../../src/config/tune/proposal.ts';
import { propose, tunedFile, writeTuned } from '../../src/config/tune/tune.ts';
import type { View } from '../../src/output/view.ts';
import { ExitCode, UsageError } from '../../src/protocol/errors.ts';

/** Milliseconds. */
const DEFAULT_WINDOW = 10_000;

export default class ConfigTune extends ObservingCommand<Tuned, typeof ConfigTune> {
  static override summary = 'propose values from measured load, with the arithmetic, and a patch of zoo.cfg';
  static override description =
    `Looks at the members twice, --window apart, reads / a few times on a session with each, and works out from the
size of the data, rates, delays and connections what tickTime, initLimit, syncLimit, maxSessionTimeout, maxClientCnxns,
globalOutstandingLimit, snapCount, preAllocSize, autopurge, jute.maxbuffer and the heap should be. Each proposal shows
its numbers; a value that is fine is left alone, and what cannot be told is said. Rates are those of the window: measure
when it is busy. Delays and sizes are the worst since the servers started.

With FILE, its values are the present ones, and --patch prints a unified diff that patch -p0 applies: only the lines of
changed values differ, comments, order, line ends and encoding stay. jute.maxbuffer and the heap are flags of the JVM and
in no zoo.cfg. Nothing is ever changed in place, and no server is.

${OBSERVING}
Exit code: 0, or 5 when a member did not answer.

JSON: {window, writes, members: [{id, host, heap, requests, bytesIn, roundTrip: {median, max, count}, clients: {sessions,
busiest, longest, withLongest}, load}], proposals: [{parameter, verdict, now, proposed, place, formula, why, confidence,
missing, reference}], patch, silent: [{id, host, reason}]}; verdict is change, keep or unknown, confidence measured or
partly, writes, requests and bytesIn are a second, patch is there with FILE. Times are milliseconds, sizes bytes.`;
  static override examples = [
    '<%= config.bin %> config tune',
    '<%= config.bin %> config tune zoo.cfg --window 1m',
    '<%= config.bin %> config tune zoo.cfg --patch | patch -p0',
    '<%= config.bin %> config tune zoo.cfg --write zoo.cfg.tuned',
  ];
  static override args = { file: Args.string({ description: 'zoo.cfg whose values are the present ones' }) };
  static override flags = {
    ...memberAnswerFlags,
    window: Flags.custom<number>({ parse: async (text) => parseDuration(text), helpValue: '<duration>' })({
      env: 'ZKSH_CONFIG_TUNE_WINDOW',
      description: 'from the first look to the second; 10s when not given',
    }),
    heap: Flags.custom<number>({ parse: async (text) => parseByteCount(text), helpValue: '<size>' })({
      env: 'ZKSH_CONFIG_TUNE_HEAP',
      description: 'heap of the servers, such as 4G, where no member tells it',
    }),
    patch: Flags.boolean({
      env: 'ZKSH_CONFIG_TUNE_PATCH',
      description: 'print the change of FILE as a unified diff alone; -o raw does so, too',
    }),
    write: Flags.string({
      env: 'ZKSH_CONFIG_TUNE_WRITE',
      helpValue: '<path>',
      description: 'write the changed FILE to another path, where nothing may be yet',
    }),
  };

  protected get view(): View<Tuned, Proposal> {
    return configTuneView(this.flags.patch);
  }

  protected async execute(): Promise<Tuned> {
    const { patch, write, heap } = this.flags;
    const { file: path } = this.args;
    if (path === undefined && (patch || write !== undefined)) {
      throw new UsageError('there is no file to change', {
        hint: 'Name the zoo.cfg: zksh config tune zoo.cfg --patch',
      });
    }
    const file = path === undefined ? undefined : await loadMemberConfig(path);
    const measured = await this.#measure();
    const proposals = propose(measured, { file, heap });
    if (measured.silent.length > 0) this.exitCode = ExitCode.connection;
    this.tellSilent(measured.silent);
    return { measured, proposals, patch: await this.#change(file, proposals) };
  }

  async #measure(): Promise<Measured> {
    const { window = DEFAULT_WINDOW, member: named = [] } = this.flags;
    const { wanted, asking } = await this.observing();
    const bar = this.progress({ label: 'measuring', total: Math.ceil(window / 1000), unit: 's' });
    const tick = (done: number): void => bar.update(Math.floor(done / 1000));
    return measureEnsemble(wanted, asking, { named, window, tick }).finally(() => bar.done());
  }

  async #change(file: MemberConfig | undefined, proposals: readonly Proposal[]): Promise<string | undefined> {
    if (file === undefined) return undefined;
    const { text, patch } = tunedFile(file, proposals);
    const { write } = this.flags;
    if (write !== undefined) {
      await writeTuned(file.file.path, write, text);
      this.note(`written: ${write}`);
    }
    return patch;
  }
}
