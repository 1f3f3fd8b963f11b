import type { Command } from '@oclif/core/command';
import * as Flags from '@oclif/core/flags';
import { clientConnectString } from '../ensemble/committed-config.ts';
import { loadEnsembleFile, parseEnsembleFile } from '../inventory/ensemble-file.ts';
import { type Inventory, inventoryOf } from '../inventory/inventory.ts';
import { ExitCode, UsageError, ZkshError } from '../protocol/errors.ts';
import { type ChosenContext, chooseContext } from './connecting.ts';
import { contextsFile } from './contexts.ts';
import { ObservingCommand, observingFlags } from './observing-command.ts';
import { nearest } from './suggest.ts';

/** Flags of every command that reaches the machines of members. */
export const inventoryFlags = {
  ...observingFlags,
  ensemble: Flags.string({
    env: 'ZKSH_ENSEMBLE',
    helpValue: '<file>',
    description: 'ensemble file: how the machines of the members are reached; else the one that the context names',
  }),
};

/** Said in the help of every such command. */
export const INVENTORY = `How the machines are reached is said by an ensemble file: --ensemble, else the one that the context names or holds. It may name a
context, which is connected to when no other is given. An ensemble of "local up" needs none.`;

/** The inventory of a local ensemble that a context was made for, or undefined. */
export type FindLocal = (
  context: { name: string | undefined; note: string | undefined },
  env: Readonly<Record<string, string | undefined>>,
) => Promise<Inventory | undefined>;

/** The base of the commands that act on the machines of members. */
export abstract class InventoryCommand<T, C extends typeof Command> extends ObservingCommand<T, C> {
  /** Local ensembles are above this floor, so the commands bring them along. */
  protected abstract readonly findLocal: FindLocal;
  #inventory: Promise<Inventory> | undefined;

  /** How the machines are reached. @throws ZkshError `NO_ENSEMBLE_FILE`; UsageError `BAD_ENSEMBLE_FILE`, `OTHER_CONTEXT` */
  protected inventory(): Promise<Inventory> {
    this.#inventory ??= this.#resolve();
    return this.#inventory;
  }

  /** What the ensemble file says, when nothing was typed that says where to connect. */
  protected override async context(): Promise<ChosenContext> {
    const file = this.#file();
    if (file === undefined || this.typed('server') || this.typed('context')) return super.context();
    const { context, members } = await this.inventory();
    const flags = this.flags as unknown as Parameters<typeof chooseContext>[0];
    if (context !== undefined) return chooseContext({ ...flags, server: undefined, context }, this.io.env);
    const servers = clientConnectString({
      servers: members.map(({ line }) => line),
      groups: new Map(),
      weights: new Map(),
    });
    if (servers === '') return super.context();
    return chooseContext({ ...flags, server: servers, context: undefined }, this.io.env);
  }

  async #resolve(): Promise<Inventory> {
    const file = this.#file();
    if (file !== undefined) return this.#checked(inventoryOf(await loadEnsembleFile(file, nearest), file));
    const { name, context } = await super.context();
    if (typeof context.ensemble === 'string') {
      const path = context.ensemble.replace(/^~(?=\/)/, this.io.env.HOME ?? '~');
      return this.#checked(inventoryOf(await loadEnsembleFile(path, nearest), path), name);
    }
    if (context.ensemble !== undefined) {
      const path = contextsFile(this.io.env);
      // JSON is YAML, and the reader names the field that is wrong; the line would be of no file.
      const text = JSON.stringify(context.ensemble);
      const setting = await parseEnsembleFile(text, `the ensemble of the context ${name}, ${path}`, nearest);
      return this.#checked(inventoryOf(setting, path), name);
    }
    const local = await this.findLocal({ name, note: context.note }, this.io.env);
    if (local !== undefined) return local;
    throw new ZkshError('it is not known how the machines of the members are reached', {
      code: 'NO_ENSEMBLE_FILE',
      exitCode: ExitCode.notFound,
      hint: 'Write an ensemble file with "zksh member inventory --init FILE", and name it with --ensemble or in the context.',
    });
  }

  /** A file of another ensemble than the one connected to would let a change hit the wrong machines. */
  #checked(inventory: Inventory, chosen?: string): Inventory {
    const flags = this.flags as unknown as { context?: string };
    const name = chosen ?? (this.typed('context') ? flags.context : undefined);
    if (inventory.context === undefined || name === undefined || name === inventory.context) return inventory;
    throw new UsageError(`${inventory.source.path} is of the context ${inventory.context}, not of ${name}`, {
      code: 'OTHER_CONTEXT',
      hint: 'Name the ensemble file of that context with --ensemble, or correct its field context.',
    });
  }

  /** From the environment only while the line does not choose an ensemble of its own. */
  #file(): string | undefined {
    const { ensemble } = this.flags as unknown as { ensemble?: string };
    const own = this.typed('ensemble') || !(this.typed('context') || this.typed('server'));
    return own ? ensemble : undefined;
  }
}
