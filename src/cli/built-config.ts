import type { Command, Interfaces } from '@oclif/core';
import { Config, Plugin } from '@oclif/core/config';

/** What the build knows of the commands, so that starting one of them reads nothing of the others. */
export interface BuiltCommands {
  /** The part of package.json that oclif reads. */
  readonly pjson: Interfaces.PJSON;
  /** The module of each command, by its id. */
  readonly modules: Readonly<Record<string, () => Promise<{ default: Command.Class }>>>;
  /** The ids that aliases stand for. */
  readonly aliases: Readonly<Record<string, string>>;
  /** oclif's manifest: a file of its own, which only help, completion and the shell open. */
  manifest(): Interfaces.Manifest;
}

/** Enough of a command to start it. */
export interface Startable {
  readonly id: string;
  load(): Promise<Command.Class | undefined>;
}

/** What oclif's own methods read, once they have been filled from the manifest. */
const TABLES = ['_commands', '_topics', 'commandPermutations', 'topicPermutations'] as const;

/**
 * oclif's Config of a build. What `Config.load` would find out by looking at files is known, and the tables of commands
 * and topics, by oclif's own code, come into being when somebody first asks for one.
 */
export class BuiltConfig extends Config {
  readonly #built: BuiltCommands;
  readonly #plugin: Plugin;
  /** Ids of the commands whose modules were loaded. */
  readonly started: string[] = [];
  #filled = false;

  constructor(built: BuiltCommands, root: string) {
    const { pjson } = built;
    super({ root, pjson });
    this.#built = built;
    const { name, version, oclif } = pjson;
    const known = { root, pjson, name, version, valid: true };
    this.#plugin = Object.assign(new Plugin({ root, pjson, type: 'core', isRoot: true }), known, {
      alias: name,
      type: 'core',
      isRoot: true,
      hooks: {},
      hasManifest: true,
    });
    Object.assign(this, known, {
      channel: 'stable',
      bin: oclif.bin,
      dirname: oclif.dirname,
      topicSeparator: oclif.topicSeparator,
      flexibleTaxonomy: false,
      arch: process.arch,
      platform: process.platform,
      windows: process.platform === 'win32',
      userAgent: `${name}/${version} ${process.platform}-${process.arch} node-${process.version}`,
      rootPlugin: this.#plugin,
      plugins: new Map([[name, this.#plugin]]),
    });
    for (const table of TABLES) this.#fillBeforeUse(table);
  }

  /** The command of exactly this id or alias, found without the manifest. */
  startable(id: string): Startable | undefined {
    const { modules, aliases } = this.#built;
    const named = Object.hasOwn(aliases, id) ? (aliases[id] ?? id) : id;
    return Object.hasOwn(modules, named) ? { id, load: () => this.#load(named) } : undefined;
  }

  async #load(id: string): Promise<Command.Class | undefined> {
    this.started.push(id);
    const module = await this.#built.modules[id]?.();
    return module && Object.assign(module.default, { id, plugin: this.#plugin });
  }

  /** They are fields of Config, which a subclass's getters could not stand in for. */
  #fillBeforeUse(table: (typeof TABLES)[number]): void {
    const value: unknown = Reflect.get(this, table);
    const get = (): unknown => {
      this.#fill();
      return value;
    };
    Object.defineProperty(this, table, { get });
  }

  #fill(): void {
    if (this.#filled) return;
    this.#filled = true;
    const manifest = this.#built.manifest();
    const commands = Object.entries(manifest.commands)
      .map(([id, command]) => {
        const load = () => this.#load(id);
        return { ...command, load, pluginAlias: this.#plugin.name, pluginType: 'core' } as unknown as Command.Loadable;
      })
      .sort((a, b) => a.id.localeCompare(b.id));
    Object.assign(this.#plugin, { manifest, commands, commandIDs: Object.keys(manifest.commands) });
    // oclif's own way to fill the tables, which its types keep to themselves.
    const oclif = this as unknown as Record<'loadCommands' | 'loadTopics', (plugin: Plugin) => void>;
    oclif.loadCommands(this.#plugin);
    oclif.loadTopics(this.#plugin);
  }
}
