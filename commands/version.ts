import { ZkshCommand } from '../src/cli/base-command.ts';
import { CONNECTION_FLAGS } from '../src/cli/global-flags.ts';
import type { View } from '../src/output/view.ts';

interface Result {
  zksh: string;
  node: string;
  platform: string;
  /** The connected server and its release; undefined where there is no connection, or it does not tell. */
  server: { address: string; version: string | undefined } | undefined;
}

export default class Version extends ZkshCommand<Result, typeof Version> {
  static override summary = 'print the versions of zksh, Node and the connected server';
  static override description =
    `A connection is made only when the line asks for one with -S, -C or another connection flag; in the shell its session is
used. The server's release comes from the four-letter word srvr.

JSON: {zksh, node, platform, server: {address, version}}.`;
  static override examples = ['<%= config.bin %> version', '<%= config.bin %> version -S localhost:2181'];

  protected readonly view: View<Result> = {
    text: ({ zksh, node, platform, server }) =>
      [
        `zksh ${zksh}`,
        `node ${node} on ${platform}`,
        ...(server === undefined ? [] : [`server ${server.version ?? 'of an unknown version'} at ${server.address}`]),
      ].join('\n'),
  };

  protected async execute(): Promise<Result> {
    const connected = this.host.session !== undefined || CONNECTION_FLAGS.some((flag) => this.typed(flag));
    return {
      zksh: this.config.version,
      node: process.versions.node,
      platform: `${process.platform}-${process.arch}`,
      server: connected ? await this.#server() : undefined,
    };
  }

  async #server(): Promise<Result['server']> {
    const { server } = await this.client();
    if (server === undefined) return undefined;
    const { host, port } = server;
    const { tls } = (await this.context()).context;
    // A TLS port speaks no four-letter words in clear, and this is not worth loading certificates again for.
    const version = tls === undefined ? await this.#release(host, port) : undefined;
    return { address: `${host}:${port}`, version };
  }

  async #release(host: string, port: number): Promise<string | undefined> {
    const { fourLetterWord } = await import('../src/ensemble/four-letter-word.ts');
    const { parseServerStatus } = await import('../src/ensemble/server-status.ts');
    try {
      return parseServerStatus(await fourLetterWord({ host, port, word: 'srvr', signal: this.signal })).version;
    } catch {
      return undefined;
    }
  }
}
