import type { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { ensembleStatus } from '../ensemble/ensemble-status.ts';
import { type Balancing, balancingOf } from '../ensemble/load-balancer/balancing.ts';
import { CHECK_WORDS } from '../ensemble/load-balancer/check.ts';
import { observeEnsemble } from '../ensemble/observe.ts';
import type { View } from '../output/view.ts';
import { ExitCode, UsageError, ZkshError } from '../protocol/errors.ts';
import { OBSERVING, ObservingCommand, observingFlags } from './observing-command.ts';

/** A load balancer's configuration, and what it was made from. */
export interface LoadBalancerConfig {
  readonly balancing: Balancing;
  readonly text: string;
}

/** Flags of every load balancer's command. */
export const loadBalancerFlags = {
  ...observingFlags,
  listen: Flags.string({
    env: 'ZKSH_LB_LISTEN',
    helpValue: '<[host:]port>',
    default: '2181',
    description: 'where the balancer takes clients',
  }),
  observers: Flags.option({ options: ['include', 'exclude', 'only'] as const, default: 'include' as const })({
    env: 'ZKSH_LB_OBSERVERS',
    description: 'whether observers take clients, too, or alone',
  }),
  'read-only': Flags.boolean({
    env: 'ZKSH_LB_READ_ONLY',
    description: 'let a member that is cut off from the quorum serve reads to clients that allow it',
  }),
};

/** Said in the help of every load balancer's command. */
export const LOAD_BALANCING = `Every member of the committed configuration gets clients at its own client port, those that are down now as well: the checks
find them. They are asked which check they answer: srvr first (no whitelist keeps that off), then isro, then, as with TLS, the
AdminServer, else the port alone is checked, and a comment says so. ruok is no check: a server without a quorum says imok.

Read the comments at its top: a balancer hides the members from clients, which find another member by themselves when they
know them all. Nothing is changed.

${OBSERVING}

JSON: {listen, check, expect, idleTimeout, members, left, notes, config}; a member is {id, host, port, role, admin}, one that is
left out {id, host, why}; idleTimeout is in milliseconds, config the text.`;

/** The base of the commands that print a load balancer's configuration for the members there are. */
export abstract class LoadBalancerCommand<C extends typeof Command> extends ObservingCommand<LoadBalancerConfig, C> {
  /** Prints it for one kind of load balancer. */
  protected abstract print(balancing: Balancing): string;

  protected readonly view: View<LoadBalancerConfig> = {
    text: ({ text }) => text.trimEnd(),
    raw: ({ text }) => text,
    json: ({ balancing: { listen, check, idleTimeout, backends, left, notes }, text }) => ({
      listen,
      check: check.kind,
      expect: check.expect ?? null,
      idleTimeout,
      members: backends.map((backend) => ({ ...backend, admin: backend.admin ?? null })),
      left,
      notes,
      config: text,
    }),
  };

  protected async execute(): Promise<LoadBalancerConfig> {
    const flags = this.flags as unknown as {
      listen: string;
      observers: Balancing['observers'];
      'read-only'?: boolean;
    };
    const listen = parseListen(flags.listen);
    const { wanted, asking } = await this.observing({ words: CHECK_WORDS });
    const status = ensembleStatus(await observeEnsemble(wanted, asking));
    const readOnly = flags['read-only'] === true;
    const balancing = balancingOf(status, { listen, observers: flags.observers, readOnly, tls: wanted.tls });
    if (balancing.backends.length === 0) throw nobody(balancing);
    if (status.members.every(({ role }) => role === 'unreachable')) {
      this.exitCode = ExitCode.unhealthy;
      this.note(
        'note: no member answers: the configuration has the servers that were named, and nothing is known of them',
      );
    }
    return { balancing, text: this.print(balancing) };
  }
}

function parseListen(text: string): Balancing['listen'] {
  const [, bracketed, plain, port] = /^(?:(?:\[([^\]\s]+)\]|([^:\s]+)):)?(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const number = Number(port ?? 0);
  if (number < 1 || number > 65535) {
    throw new UsageError(`"${text}" is no place to listen at`, {
      hint: 'Give a port, or an address of this machine and a port: 10.0.0.5:2181.',
    });
  }
  return host === undefined || host === '*' ? { port: number } : { host, port: number };
}

function nobody({ left }: Balancing): ZkshError {
  const why = left.map(({ id, host, why: one }) => `${id ?? host}: ${one}`).join('; ');
  return new ZkshError(`no member is left to send clients to${why === '' ? '' : ` (${why})`}`, {
    code: 'NO_MEMBER',
    exitCode: ExitCode.notFound,
    hint: 'Look at --observers and --members.',
  });
}
