import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { ZkshCommand } from '../src/cli/base-command.ts';
import { DATA_ARGUMENT, readDataArgument } from '../src/cli/data-argument.ts';
import { EPHEMERAL_ENDS } from '../src/cli/znode-flags.ts';
import type { View } from '../src/output/view.ts';
import { parseAcl } from '../src/protocol/acl.ts';
import { type CreateMode, createModes } from '../src/protocol/create-mode.ts';
import { UsageError } from '../src/protocol/errors.ts';
import { create, parseTtl } from '../src/znodes/create.ts';

interface Result {
  path: string;
  mode: CreateMode;
  /** Parents that were missing and were created with it. */
  parents: readonly string[];
}

export default class Create extends ZkshCommand<Result, typeof Create> {
  static override summary = 'create a znode';
  static override description =
    `Without data the znode has none (get prints null); without an ACL it is open to everybody, world:anyone:cdrwa.

-s appends a counter of ten digits. -e makes the znode end with the session: in the shell with the shell, outside it
at once. -c makes a container, which the servers delete after its last child has gone. -t deletes the znode when it has
not been written for so many milliseconds and has no children; servers need extendedTypesEnabled=true for it.

--parents creates the parents that are missing too, with the same ACL, all in one transaction.

JSON: {path, mode, parents}; path is the one that was created, parents those that were created with it.`;
  static override examples = [
    '<%= config.bin %> create /app',
    '<%= config.bin %> create /app/config @config.json',
    "<%= config.bin %> create /app/secret 's3cret' auth::cdrwa --auth digest:ops:prompt",
    '<%= config.bin %> create -s -e /app/lock-',
    '<%= config.bin %> create --parents /app/eu/west/1',
    '<%= config.bin %> create -t 60000 /app/job',
  ];
  static override args = {
    path: Args.string({ required: true, description: 'znode to create' }),
    data: Args.string({ description: DATA_ARGUMENT }),
    acl: Args.string({ description: 'scheme:id:perms, with a comma between entries; perms are letters of cdrwa' }),
  };
  static override flags = {
    sequential: Flags.boolean({ char: 's', description: 'append a counter to the name' }),
    ephemeral: Flags.boolean({ char: 'e', description: 'the znode ends with the session' }),
    container: Flags.boolean({ char: 'c', description: 'the servers delete it when its last child has gone' }),
    ttl: Flags.string({
      char: 't',
      helpValue: '<ms>',
      description: 'milliseconds without a write until it is deleted',
    }),
    parents: Flags.boolean({ description: 'create missing parents too' }),
    base64: Flags.boolean({ char: 'b', description: 'the data is given as base64' }),
    literal: Flags.boolean({ description: 'take the data as it is: @ and - have no meaning' }),
  };

  protected readonly view: View<Result> = {
    text: ({ path }, style) => `Created ${style.name(path)}`,
  };

  protected async execute(): Promise<Result> {
    const mode = this.#mode();
    const { sequential, ephemeral } = createModes[mode];
    const path = this.resolvePath(this.args.path, { sequential });
    const ttl = this.flags.ttl === undefined ? undefined : parseTtl(this.flags.ttl);
    const acl = this.args.acl === undefined ? undefined : parseAcl(this.args.acl);
    const data = await this.#data();
    const client = await this.client();
    const made = await create(client, path, data, {
      mode,
      ttl,
      acl,
      parents: this.flags.parents,
      signal: this.signal,
    });
    if (ephemeral && this.host.session === undefined) this.note(EPHEMERAL_ENDS);
    return { path: made.path, mode, parents: made.parents };
  }

  #mode(): CreateMode {
    const { sequential, ephemeral, container, ttl } = this.flags;
    if (container && (sequential || ephemeral)) {
      throw new UsageError('-c goes with neither -s nor -e: a container is neither sequential nor ephemeral');
    }
    if (ttl !== undefined && ephemeral)
      throw new UsageError('-t does not go with -e: an ephemeral ends with its session');
    if (ttl !== undefined && container) throw new UsageError('-t does not go with -c: a container has its own end');
    if (container) return 'container';
    if (ttl !== undefined) return sequential ? 'persistent_sequential_with_ttl' : 'persistent_with_ttl';
    if (ephemeral) return sequential ? 'ephemeral_sequential' : 'ephemeral';
    return sequential ? 'persistent_sequential' : 'persistent';
  }

  async #data(): Promise<Uint8Array | null> {
    if (this.args.data === undefined) return null;
    return readDataArgument(this.args.data, {
      stdin: this.io.stdin,
      signal: this.signal,
      stdinTaken: this.host.session !== undefined,
      literal: this.flags.literal,
      base64: this.flags.base64,
    });
  }
}
