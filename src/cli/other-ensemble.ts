import * as Flags from '@oclif/core/flags';
import type { Client } from '../client/client.ts';
import { UsageError } from '../protocol/errors.ts';
import { type ChosenContext, chooseContext, connectOptions } from './connecting.ts';
import type { CommandHost } from './host.ts';
import type { SecretSources } from './secrets.ts';

/** Flags of a command that works on two ensembles: the second one, where the global flags name the first. */
export const otherEnsembleFlags = {
  to: Flags.string({
    helpValue: '<context>',
    description: 'saved context that the second path is in; the same ensemble when not given',
  }),
  'to-server': Flags.string({
    helpValue: '<host:port,…/chroot>',
    description: 'servers that the second path is on, instead of a context',
  }),
  'to-auth': Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    helpValue: '<scheme:secret>',
    description: 'credentials for the second ensemble, as --auth; may be repeated',
  }),
};

/** The second ensemble as flags name it. */
export interface OtherFlags {
  readonly to?: string | undefined;
  readonly 'to-server'?: string | undefined;
  readonly 'to-auth'?: readonly string[] | undefined;
  readonly timeout?: number | undefined;
}

/** A connection beside the command's own; whoever opened it closes it. */
export interface OtherEnsemble {
  readonly client: Client;
  readonly chosen: ChosenContext;
}

/**
 * Connects to the second ensemble; undefined when the flags name none. It takes nothing from the first one's settings:
 * they are another ensemble's credentials.
 */
export async function openOther(
  flags: OtherFlags,
  { host, secrets, signal }: { host: CommandHost; secrets: SecretSources; signal: AbortSignal },
): Promise<OtherEnsemble | undefined> {
  const { to, 'to-server': server, 'to-auth': auth } = flags;
  if (to === undefined && server === undefined) {
    if (auth === undefined || auth.length === 0) return undefined;
    throw new UsageError('--to-auth is for a second ensemble', { hint: 'Name it with --to or --to-server.' });
  }
  if (to !== undefined && server !== undefined) {
    throw new UsageError('--to and --to-server both name the second ensemble', { hint: 'Give one of them.' });
  }
  const chosen = await chooseContext({ context: to, server, auth }, host.io.env);
  const options = await connectOptions(chosen.context, secrets);
  if (flags.timeout !== undefined) options.connectTimeout = flags.timeout;
  const connect = host.connect ?? (await import('../client/connect.ts')).connect;
  return { client: await connect(chosen.context.servers, { ...options, signal }), chosen };
}
