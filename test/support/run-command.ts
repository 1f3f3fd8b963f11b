import { PassThrough, Readable } from 'node:stream';
import type { Config } from '@oclif/core/config';
import type { ZkshCommand } from '../../src/cli/base-command.ts';
import type { CommandHost } from '../../src/cli/host.ts';
import type { InputStream, Io, OutputStream } from '../../src/cli/io.ts';

/** The place a command runs in; what is left out is a pipe, an empty environment, no session and a fixed clock. */
export interface Place extends Omit<Partial<CommandHost>, 'io'> {
  /** Both outputs and stdin are a terminal. */
  tty?: boolean;
  columns?: number;
  stdin?: string;
  env?: Record<string, string>;
  now?: number;
  config?: Partial<Config>;
}

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

type CommandClass = new (argv: string[], config: Config) => ZkshCommand<never>;

/** 2026-01-02T03:04:05Z, the time it always is in tests. */
const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

/** Runs a command class in this process with everything around it injected. */
export async function runCommand(Class: unknown, argv: readonly string[], place: Place = {}): Promise<Ran> {
  const { io, stdout, stderr } = testIo(place);
  const { tty: _tty, columns: _columns, stdin: _stdin, env: _env, now: _now, config, ...host } = place;
  const command = new (Class as CommandClass)([...argv], { ...plainConfig, ...config } as Config);
  command.host = { ...host, io };
  const code = await command.perform();
  return { code, stdout: stdout(), stderr: stderr() };
}

/** Streams that collect, an environment and a clock that stand still. */
export function testIo(place: Place = {}): { io: Io; stdout(): string; stderr(): string } {
  const tty = place.tty === true;
  const out = collector(tty, place.columns);
  const err = collector(tty, place.columns);
  const stdin = Object.assign(Readable.from(place.stdin === undefined ? [] : [place.stdin]), { isTTY: tty });
  const env = { NO_COLOR: '1', ...place.env };
  const io: Io = {
    stdin: stdin as InputStream,
    stdout: out.stream,
    stderr: err.stream,
    env,
    now: () => place.now ?? NOW,
  };
  return { io, stdout: out.text, stderr: err.text };
}

function collector(isTTY: boolean, columns = 80): { stream: OutputStream; text(): string } {
  const chunks: Buffer[] = [];
  const stream = new PassThrough();
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const typed = Object.assign(stream, { isTTY, columns });
  return { stream: typed, text: () => Buffer.concat(chunks).toString('utf8') };
}

const plainConfig = {
  bin: 'zksh',
  name: 'zksh',
  version: '0.0.0-test',
  runHook: async () => ({ successes: [], failures: [] }),
  scopedEnvVar: () => undefined,
};
