import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { type ChosenContext, chooseContext, connectOptions } from '../src/cli/connecting.ts';
import type { Io } from '../src/cli/io.ts';
import { createPrompts } from '../src/cli/prompts.ts';
import type { ExitCode } from '../src/protocol/errors.ts';
import type { ShellTarget } from '../src/shell/session.ts';
import { startShell } from '../src/shell/shell.ts';

/** Milliseconds a script waits for its first connection where `--timeout` does not say. */
const CONNECT_TIMEOUT = 15_000;

export default class Shell extends ZkshCommand<void, typeof Shell> {
  static override summary = 'start the interactive shell, or run a script of its lines';
  static override description =
    `On a terminal it shows a prompt, on the current context or the ensemble that the flags name; "help shell" there explains
its language. With piped input, or --file, it runs a script of the same language, which stops at the first line that
fails and exits with that line's code; --keep-going makes it go on, and exit with the first failure's code in the end.
A script waits 15 s for its connection, or as long as --timeout says.`;
  static override examples = [
    '<%= config.bin %> --context prod',
    '<%= config.bin %> --server zk1:2181,zk2:2181 --file setup.zksh',
    "echo 'ls / ; get /app' | <%= config.bin %> --context prod",
  ];
  static override flags = {
    file: Flags.string({
      char: 'f',
      env: 'ZKSH_FILE',
      helpValue: '<file>',
      description: 'run the lines of this file; - is the standard input',
    }),
    'keep-going': Flags.boolean({ env: 'ZKSH_KEEP_GOING', description: 'in a script, go on after a line that fails' }),
  };

  protected readonly view = {};
  #target: ShellTarget | undefined;

  /** Only finds out which ensemble: the shell itself must outlive a command's deadline and Ctrl-C. */
  protected async execute(): Promise<void> {
    this.#target = await targetOf(await this.context(), this.io);
  }

  override async runInProcess(): Promise<ExitCode> {
    const failure = await this.perform();
    if (this.#target === undefined) return failure;
    const { io, config, flags } = this;
    const code = await startShell({
      config,
      io,
      target: this.#target,
      resolveTarget: async ({ servers, context }) => {
        // How to reach a server (TLS, timeouts) goes on to one that is only named; who we are is the other's business.
        const { auth, sasl, ...reach } = flags;
        return targetOf(
          await chooseContext({ ...(context === undefined && reach), server: servers, context }, io.env),
          io,
        );
      },
      defaults: {
        output: flags.output,
        noColor: flags['no-color'],
        quiet: flags.quiet,
        debug: flags.debug,
        yes: flags.yes,
        iKnow: flags['i-know'],
      },
      file: flags.file,
      keepGoing: flags['keep-going'],
      connectTimeout: flags.timeout ?? CONNECT_TIMEOUT,
    });
    // What a system command in a script exits with is its own business, and any of 256 codes.
    return code as ExitCode;
  }
}

async function targetOf(chosen: ChosenContext, io: Io): Promise<ShellTarget> {
  const warn = (message: string) => io.stderr.write(`warning: ${message}\n`);
  return { chosen, options: await connectOptions(chosen.context, { env: io.env, prompts: createPrompts(io), warn }) };
}
