import * as Args from '@oclif/core/args';
import { ZkshCommand } from '../../src/cli/base-command.ts';
import { chooseContext, connectOptions } from '../../src/cli/connecting.ts';
import { type ServerTest, testServers } from '../../src/cli/context-test.ts';
import type { View } from '../../src/output/view.ts';
import { ExitCode } from '../../src/protocol/errors.ts';

/** How long one server may take when `--timeout` says nothing, in milliseconds. */
const PATIENCE = 5000;

export default class ContextTest extends ZkshCommand<ServerTest[], typeof ContextTest> {
  static override summary = 'try each server of a context';
  static override description =
    `Opens a session with each server by itself, with the context's TLS and credentials, and reads the root in it. Each
server has --timeout for itself, at most 5 s.
Exit code: 0 when all answer, 8 when some do not, 5 when none does.

JSON: a list of {server, ok, state, elapsed, sessionTimeout, code, problem}; times in milliseconds.`;
  static override examples = ['<%= config.bin %> context test', '<%= config.bin %> context test prod --timeout 2s'];
  static override args = { name: Args.string({ description: 'name of the context; the one in force if not given' }) };

  protected readonly view: View<ServerTest[]> = {
    columns: [
      { header: 'server', value: ({ server }) => server, role: () => 'name' },
      { header: 'result', value: ({ ok }) => (ok ? 'ok' : 'failed'), role: ({ ok }) => (ok ? 'good' : 'bad') },
      {
        header: 'state',
        value: ({ state }) => state,
        role: ({ state }) => (state === 'READ_ONLY' ? 'warn' : undefined),
      },
      { header: 'elapsed', value: ({ elapsed }) => elapsed, kind: 'duration' },
      { header: 'session timeout', value: ({ sessionTimeout }) => sessionTimeout, kind: 'duration' },
      { header: 'problem', value: ({ problem }) => problem },
    ],
  };

  protected async execute(): Promise<ServerTest[]> {
    const { name } = this.args;
    const { context } = name === undefined ? await this.context() : await chooseContext({ context: name }, this.io.env);
    const options = await connectOptions(context, this.secrets);
    const connect = this.host.connect ?? (await import('../../src/client/connect.ts')).connect;
    const limit = Math.min(this.flags.timeout ?? PATIENCE, PATIENCE);
    // Not this.signal: the deadline is each server's own, and one that misses it is a row of the table.
    const signal = this.host.signal ?? new AbortController().signal;
    const tools = { connect, signal, limit, now: this.io.now };
    const tests = await testServers(context.servers, options, tools);
    const failed = tests.filter(({ ok }) => !ok).length;
    if (failed > 0) this.exitCode = failed === tests.length ? ExitCode.connection : ExitCode.unhealthy;
    return tests;
  }
}
