import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { memberAnswerFlags } from '../src/cli/member-answers.ts';
import { OBSERVING } from '../src/cli/observing-command.ts';
import { SessionsCommand } from '../src/cli/sessions-command.ts';
import { type Who as Answer, whoView } from '../src/cli/who-view.ts';
import { type Held, watchesHeld } from '../src/ensemble/sessions/held.ts';
import { askAll, CONNECTIONS } from '../src/ensemble/sessions/lists.ts';
import { connectToMembers } from '../src/ensemble/sessions/member-client.ts';
import { missingOf, placesOf } from '../src/ensemble/sessions/places.ts';
import { ExitCode } from '../src/protocol/errors.ts';
import { joinPath } from '../src/protocol/paths.ts';
import { kindOf } from '../src/znodes/node-kind.ts';

export default class Who extends SessionsCommand<Answer, typeof Who> {
  static override summary = 'tell which session owns a znode, and which sessions watch it';
  static override description =
    `The owner of an ephemeral is in its Stat, which any member tells; its client and member are in the members' connections
(connections, or cons). The watchers are in watches_by_path of the AdminServer, or wchp: each member with any watches lists
all of them for this, which stalls a server with very many. --no-watches leaves them out.

Servers list watches on data and existence, and persistent ones, without their kind; a recursive one at its own path, not at
those below. Watches on children alone (ls -w) they don't list. A path that is not there may be watched all the same; the exit
code is 3 then.

${OBSERVING}

JSON: {path, exists, kind, owner, watchers, sources, missing}; path is that from the root of the tree, kind ephemeral or
persistent (in its Stat, a container or a znode with a time to live looks persistent; a few releases show container and
persistent_with_ttl), owner and each of watchers {id, idHex, client, member, timeout}, member {id, host}; sources, a list of {member, source}, has the members whose watches are known; missing is a list of {member, source,
reason}. What is not known is absent, watchers with --no-watches.`;
  static override examples = [
    '<%= config.bin %> who /app/leader',
    '<%= config.bin %> who /app/leader --no-watches',
    "<%= config.bin %> who /app/config -o json | jq -r '.watchers[].client'",
  ];
  static override args = { path: Args.string({ required: true, description: 'znode' }) };
  static override flags = {
    ...memberAnswerFlags,
    'no-watches': Flags.boolean({
      env: 'ZKSH_WHO_NO_WATCHES',
      description: 'tell the owner alone, and ask no member for its watches',
    }),
  };

  protected readonly view = whoView;

  protected async execute(): Promise<Answer> {
    const path = await this.#fromRoot(this.args.path);
    const { observation, asking, members } = await this.look();
    const wanted = !this.flags['no-watches'];
    const [kind, held] = await Promise.all([
      this.#kindOf(path, observation.members, asking),
      wanted ? watchesHeld(members, asking, { by: 'path', path }) : undefined,
    ]);
    if (kind === undefined) this.exitCode = ExitCode.notFound;
    const owner = kind?.mode === 'ephemeral' ? BigInt.asIntN(64, kind.owner) : undefined;
    const known = owner === undefined ? undefined : held?.places.get(owner)?.[0];
    const unknown = owner !== undefined && known === undefined;
    const connections = unknown ? await askAll(CONNECTIONS, observation.members, asking) : [];
    const place = known ?? (owner === undefined ? undefined : placesOf(connections).get(owner)?.[0]);
    const missing = [...(place === undefined ? missingOf(connections) : []), ...(held?.missing ?? [])];
    this.noteMissing(missing);
    return {
      path,
      kind,
      owner: owner === undefined ? undefined : { sessionId: owner, place },
      watchers: held?.items.filter(({ sessionId }, at, all: readonly Held[]) => all[at - 1]?.sessionId !== sessionId),
      sources: held?.sources === 'client' ? [] : (held?.sources ?? []),
      missing,
    };
  }

  /** Members list paths from the root of the tree; a person below a chroot writes them from there. */
  async #fromRoot(typed: string): Promise<string> {
    const { parseConnectString } = await import('../src/client/connect-string.ts');
    const { chroot } = parseConnectString((await this.context()).context.servers);
    const path = this.resolvePath(typed);
    if (chroot === '') return path;
    return path === '/' ? chroot : joinPath(chroot, path.slice(1));
  }

  async #kindOf(
    path: string,
    members: Parameters<typeof connectToMembers>[0],
    asking: Parameters<typeof connectToMembers>[1],
  ): Promise<Answer['kind']> {
    const client = await connectToMembers(members, asking);
    try {
      const stat = await client.exists(path, { signal: this.signal });
      return stat && kindOf(stat);
    } finally {
      await client.close({ timeout: Math.min(asking.limit, 1000) }).catch(() => undefined);
    }
  }
}
