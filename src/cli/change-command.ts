import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import type { Applying, applyPlan, resumePlan } from '../change/apply.ts';
import type { ChangeContext } from '../change/context.ts';
import { LOCK_PATH } from '../change/lock.ts';
import { type ChangeLimits, DEFAULT_CHANGE_LIMITS, type Plan } from '../change/plan.ts';
import { ChangeSession } from '../change/session.ts';
import { parseConnectString } from '../client/connect-string.ts';
import { clientConnectString } from '../ensemble/committed-config.ts';
import { ensembleStatus } from '../ensemble/ensemble-status.ts';
import { observeEnsemble, type Wanted, withOutsiders } from '../ensemble/observe.ts';
import { parseServerLine } from '../ensemble/server-line.ts';
import type { HostDriver } from '../hosts/host.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { ExitCode, ZkshError } from '../protocol/errors.ts';
import { type ChangeProgress, changeLines } from './change-progress.ts';
import type { ChangeResult } from './change-view.ts';
import { followMembers } from './context-servers.ts';
import { InterruptedError } from './deadline.ts';
import { parseDuration } from './duration.ts';
import { InventoryCommand, inventoryFlags } from './inventory-command.ts';

const duration = Flags.custom<number>({ parse: async (text) => parseDuration(text), helpValue: '<duration>' });

/** Flags of every command that changes an ensemble by a plan. */
export const changeFlags = {
  ...inventoryFlags,
  'max-unavailable': duration({
    env: 'ZKSH_MAX_UNAVAILABLE',
    description: 'stop the change when writes were impossible for that long in all',
  }),
  stability: duration({
    env: 'ZKSH_STABILITY',
    description: 'how long all must be well before the next step; 3s when not given',
  }),
  recover: duration({ env: 'ZKSH_RECOVER', description: 'how long a member may take to come back; 2m when not given' }),
  lag: Flags.integer({
    env: 'ZKSH_LAG',
    min: 0,
    helpValue: '<number>',
    description: 'transactions behind the leader that count as caught up; 100 when not given',
  }),
  'no-canary': Flags.boolean({ env: 'ZKSH_NO_CANARY', description: 'open no sessions that watch what clients feel' }),
  'proof-path': Flags.string({
    env: 'ZKSH_PROOF_PATH',
    helpValue: '<path>',
    default: '/',
    description: 'znode below which proofs and the canary write; ephemeral, removed again',
  }),
  'lock-path': Flags.string({
    env: 'ZKSH_LOCK_PATH',
    helpValue: '<path>',
    default: LOCK_PATH,
    description: 'ephemeral znode that keeps others from changing the ensemble meanwhile',
  }),
  'journal-dir': Flags.string({
    env: 'ZKSH_JOURNAL_DIR',
    helpValue: '<directory>',
    description: 'where the journal of the change is kept',
  }),
};

/** Said in the help of every such command. */
export const CHANGING = `The plan is shown with its order, the reasons and the gates; then you are asked, and it is made step by step. Before each
step and after it every gate must be open (one leader, the others serve and are synced, the configuration is settled, what is
left is a quorum, its service is as it is seen; then the member serves, is synced, keeps up, and commits a write that is read back). When one stays shut,
the change stops, says where and why, and can be resumed or aborted. Every gate of every step that can be judged before the
change begins is judged then, and one that is shut refuses it; --dry-run shows the plan and those gates, and changes nothing.

A journal holds every step with its evidence. One change at a time is made: an ephemeral znode is the lock. A canary of one
session a member writes, reads and watches meanwhile; the result says what it felt. Ctrl-C stops after the step that is
under way, twice at once, with exit code 130. Exit code 8: a gate stayed shut, and nothing was begun or the change stopped;
6: somebody else is at it.`;

/** The flags of a change, as parsed. */
interface ChangeFlags {
  'max-unavailable'?: number;
  stability?: number;
  recover?: number;
  lag?: number;
  'no-canary': boolean;
  'proof-path': string;
  'lock-path': string;
  'journal-dir'?: string;
  'dry-run': boolean;
}

/** Where journals are: as named, else in the XDG state directory. */
export function journalDirectory(named: string | undefined, env: Readonly<Record<string, string | undefined>>): string {
  return named ?? join(env.XDG_STATE_HOME ?? join(env.HOME ?? '.', '.local', 'state'), 'zksh', 'changes');
}

/** The base of the commands that make a change, go on with one or end one. */
export abstract class ChangeCommand<T, C extends typeof Command> extends InventoryCommand<T, C> {
  readonly #hosts = new Map<bigint, HostDriver>();
  #stopBecause: InterruptedError | undefined;
  #making: ChangeProgress | undefined;

  protected get change(): ChangeFlags {
    return this.flags as unknown as ChangeFlags;
  }

  protected get limits(): ChangeLimits {
    return this.limitsOver(DEFAULT_CHANGE_LIMITS);
  }

  /** Limits with those that flags say otherwise. */
  protected limitsOver(limits: ChangeLimits): ChangeLimits {
    const { recover, stability, lag, 'max-unavailable': maxUnavailable } = this.change;
    return {
      ...limits,
      ...(recover === undefined ? {} : { recover }),
      ...(stability === undefined ? {} : { stability }),
      ...(lag === undefined ? {} : { lag }),
      ...(maxUnavailable === undefined ? {} : { maxUnavailable }),
    };
  }

  protected get journals(): string {
    return journalDirectory(this.change['journal-dir'], this.io.env);
  }

  /** The first Ctrl-C during a change stops it between two steps; the second ends it where it is. */
  override async runInProcess(): Promise<ExitCode> {
    const ending = new AbortController();
    const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
    const onSignal = (): void => {
      if (this.#making === undefined || this.#stopBecause !== undefined) {
        ending.abort(new InterruptedError());
        return;
      }
      this.#stopBecause = new InterruptedError();
      this.#making.say('stopping when this step is done; once more to stop at once');
    };
    for (const name of names) process.on(name, onSignal);
    this.host = { ...this.host, signal: ending.signal };
    return this.perform().finally(() => {
      for (const name of names) process.removeListener(name, onSignal);
    });
  }

  /** Gives the work what changes are made with, and puts it away again. */
  protected async withContext<R>(inventory: Inventory, work: (context: ChangeContext) => Promise<R>): Promise<R> {
    const { context, close } = await this.#working(inventory);
    try {
      return await work(context);
    } finally {
      await close();
    }
  }

  /** Where changes leave their marks, and whose they are. */
  protected get underLock(): Pick<Applying, 'directory' | 'lockPath' | 'owner' | 'isDead'> {
    return {
      directory: this.journals,
      lockPath: this.change['lock-path'],
      owner: { who: whoIsHere(), pid: process.pid },
      isDead: ({ pid }) => !isAlive(pid),
    };
  }

  /** Makes a change, or goes on with one, and lets the context follow it. */
  protected async carryOut(
    context: ChangeContext,
    plan: Plan,
    run: typeof applyPlan | typeof resumePlan,
    inventory: Inventory,
  ): Promise<ChangeResult> {
    const report = await this.make(context, (applying) => run(plan, applying));
    try {
      await this.#follow(plan, inventory);
    } catch (error) {
      // The ensemble is changed: that must not be lost in what a file of ours refused.
      this.warn(`the change is made, and could not be noted here: ${error instanceof Error ? error.message : error}`);
    }
    return { kind: 'made', plan, report };
  }

  /** Lets the record of a local ensemble, and the context, have the members as they are now. */
  async #follow(plan: Plan, inventory: Inventory): Promise<void> {
    if (plan.kind === 'member move' && plan.joined !== undefined)
      await inventory.keepMove?.(parseServerLine(plan.joined));
    const { name } = await this.context();
    const servers = await followMembers(plan, name, this.io);
    if (servers !== undefined) this.note(`note: the context ${name} connects to ${servers} from now on`);
  }

  /** Makes something of a change with progress on the screen; the canary as the flags say. */
  protected async make<R>(context: ChangeContext, run: (applying: Applying) => Promise<R>): Promise<R> {
    const { context: chosen } = await this.context();
    const progress = await this.#progress();
    const { hosts: servers } = parseConnectString(chosen.servers);
    const { asking, now, random, proofPath } = context;
    const canary = {
      connect: asking.connect,
      options: asking.options,
      servers,
      parent: proofPath,
      interval: 50,
      beside: 2000,
      now,
      random,
    };
    this.#making = progress;
    try {
      return await run({
        context,
        ...this.underLock,
        hooks: { tell: progress.tell, stopBecause: () => this.#stopBecause },
        canary: this.change['no-canary'] ? undefined : canary,
      });
    } finally {
      this.#making = undefined;
      await progress.done();
    }
  }

  async #progress(): Promise<ChangeProgress> {
    const { stderr, env } = this.io;
    if (this.quiet || stderr.isTTY !== true || env.TERM === 'dumb')
      return changeLines((line) => this.note(line), this.io);
    const { changeList } = await import('./change-list.ts');
    return changeList(this.io, this.noColor);
  }

  async #working(inventory: Inventory): Promise<{ context: ChangeContext; close(): Promise<void> }> {
    const { wanted: named, asking } = await this.observing();
    const wanted = named.only ? named : { ...named, listed: withInventory(named.listed, inventory) };
    const { context: chosen } = await this.context();
    const { signal } = this;
    const session = new ChangeSession(chosen.servers, { connect: asking.connect, options: asking.options, signal });
    const context: ChangeContext = {
      observe: async (also = []) =>
        ensembleStatus(await observeEnsemble({ ...wanted, listed: withOutsiders(wanted, also) }, asking)),
      client: session.client,
      asking,
      host: (id) => this.hostOf(inventory, id),
      proofPath: this.change['proof-path'],
      random: Math.random,
      now: this.io.now,
      sleep: (ms) => sleep(ms, undefined, { signal }),
      signal,
    };
    const close = async (): Promise<void> => {
      await session.close();
      await Promise.all([...this.#hosts.values()].map((host) => host.close()));
    };
    return { context, close };
  }

  /** The machine of a member. @throws ZkshError `NO_MEMBER` */
  protected hostOf(inventory: Inventory, id: bigint): HostDriver {
    const known = this.#hosts.get(id);
    if (known !== undefined) return known;
    const member = inventory.members.find((one) => one.id === id);
    if (member === undefined) {
      throw new ZkshError(`the inventory has no member ${id}: how its machine is reached is not known`, {
        code: 'NO_MEMBER',
        exitCode: ExitCode.notFound,
        hint:
          inventory.source.kind === 'local'
            ? 'A local ensemble grows by: zksh local add.'
            : `Add it to ${inventory.source.path}. zksh member inventory shows what differs from the committed configuration.`,
      });
    }
    const host = member.openHost();
    this.#hosts.set(id, host);
    return host;
  }
}

/** The inventory knows ids, which a server before 3.5, or one that tells nothing but srvr, does not tell. */
function withInventory(listed: Wanted['listed'], { members }: Inventory): Wanted['listed'] {
  const known = members.flatMap(({ id, line }) => {
    const servers = clientConnectString({ servers: [line], groups: new Map(), weights: new Map() });
    const [server] = servers === '' ? [] : parseConnectString(servers).hosts;
    return server === undefined ? [] : [{ id, server, unsure: true }];
  });
  return known.length === members.length && known.length > 0 ? known : listed;
}

/** `user@host`, as locks and journals name who makes a change. */
export function whoIsHere(): string {
  return `${userInfo().username}@${hostname()}`;
}

/** Whether a process of this machine lives. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of somebody else lives too.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
