import type { ConnectionOptions } from 'node:tls';
import type { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import type { TlsSettings } from '../auth/tls.ts';
import { formatHostPort, type HostPort, parseConnectString } from '../client/connect-string.ts';
import type { Wishes } from '../ensemble/further.ts';
import { parseAdminChoice, parseMemberList } from '../ensemble/members.ts';
import type { Wanted } from '../ensemble/observe.ts';
import type { Asking } from '../ensemble/observe-member.ts';
import { UsageError } from '../protocol/errors.ts';
import { ZkshCommand } from './base-command.ts';
import { connectOptions } from './connecting.ts';
import { parseDuration } from './duration.ts';

/** How long a member may take when nothing is said, in milliseconds. */
const DEFAULT_WAIT = 5000;
/** In less than this a good server may not answer, and would be called dead: who writes 5 means seconds. Milliseconds. */
const LEAST_WAIT = 100;
/** The share of --timeout that members get: what they said must still be printed. */
const SHARE = 0.9;

/** Flags of every command that looks at the members one by one. */
export const observingFlags = {
  members: Flags.string({
    env: 'ZKSH_MEMBERS',
    helpValue: '<id=host:port,…>',
    description: 'look at these alone, ids optional; else at the servers given and all of the committed configuration',
  }),
  admin: Flags.string({
    multiple: true,
    multipleNonGreedy: true,
    env: 'ZKSH_ADMIN',
    helpValue: '<place>',
    description:
      'where AdminServers are: a port or a URL with {host}, for one member as 3=9090, or "off"; else as the context says, or 8080; may be repeated',
  }),
  wait: Flags.custom<number>({ parse: async (text) => parseWait(text), helpValue: '<duration>' })({
    env: 'ZKSH_WAIT',
    description: 'how long a member may take to answer; 5s when not given, less with a shorter --timeout',
  }),
};

/** Said in the help of every such command. */
export const OBSERVING = `Each member is asked by every way there is, all of them at once: its AdminServer, the four-letter words srvr, mntr and conf
through the client port (or the secure one, with TLS), and a session where these bring nothing. A member that does not
answer costs --wait once. AdminServers are looked for at port 8080 of each host unless --admin or the context says
otherwise; an answer counts only when it is of the member asked.`;

/** The base of the commands that look at an ensemble from outside. */
export abstract class ObservingCommand<T, C extends typeof Command> extends ZkshCommand<T, C> {
  /** Which members, and how they are to be asked; the wishes are asked of each in the same instant. */
  protected async observing(wishes?: Wishes): Promise<{ wanted: Wanted; asking: Asking }> {
    const flags = this.flags as unknown as {
      members?: string;
      admin?: string[];
      wait?: number;
      timeout?: number;
    };
    const { context, byDefault } = await this.context();
    if (byDefault === true) this.noteDefault(context.servers);
    const options = await connectOptions(context, this.secrets);
    const listed = flags.members === undefined ? serversOf(context.servers) : parseMemberList(flags.members);
    const connect = this.host.connect ?? (await import('../client/connect.ts')).connect;
    return {
      wanted: {
        listed,
        only: flags.members !== undefined,
        tls: options.tls !== undefined,
        admin: parseAdminChoice(flags.admin ?? context.admin ?? []),
      },
      asking: {
        limit: Math.min(flags.wait ?? DEFAULT_WAIT, SHARE * (flags.timeout ?? Number.POSITIVE_INFINITY)),
        signal: this.signal,
        connect,
        options,
        secure: options.tls && (await secureTo(options.tls)),
        wishes,
      },
    };
  }

  /** Rows in a pipe have no room for members that did not answer: stderr has it. A terminal shows it under the rows. */
  protected tellSilent(
    silent: readonly { readonly id: bigint | undefined; readonly host: string; readonly reason: string }[],
  ): void {
    if (this.io.stdout.isTTY === true) return;
    for (const { id, host, reason } of silent) this.note(`note: ${id ?? host} is unreachable: ${reason}`);
  }
}

/** @throws UsageError `BAD_DURATION` */
function parseWait(text: string): number {
  const wait = parseDuration(text);
  if (wait >= LEAST_WAIT) return wait;
  throw new UsageError(`${wait} ms are too short for a server to answer`, {
    code: 'BAD_DURATION',
    hint: 'Give 100ms at least; a bare number is milliseconds: write 5s for five seconds.',
  });
}

/** A server named twice is one. */
function serversOf(text: string): { server: HostPort }[] {
  const { hosts } = parseConnectString(text);
  return [...new Map(hosts.map((server) => [formatHostPort(server), { server }])).values()];
}

async function secureTo(settings: TlsSettings): Promise<(server: HostPort) => ConnectionOptions> {
  const { loadTls, tlsConnectOptions } = await import('../auth/tls.ts');
  const context = await loadTls(settings);
  return ({ host, port }) => tlsConnectOptions(host, port, context, settings);
}
