import type { Command } from '@oclif/core/command';
import { type EnsembleObservation, observeEnsemble } from '../ensemble/observe.ts';
import type { Asking, MemberObservation } from '../ensemble/observe-member.ts';
import { chosenMembers } from '../ensemble/observed-member.ts';
import type { MemberMissing } from '../ensemble/sessions/places.ts';
import type { FoundEphemerals } from '../ensemble/sessions/report.ts';
import { UsageError } from '../protocol/errors.ts';
import { ObservingCommand } from './observing-command.ts';

/** Said in the help of every command about sessions. */
export const ASKING_FOR_LISTS = `Each list is asked for once a member, of its AdminServer or else by the four-letter word; nobody is asked for a list that
is not needed. Heavy for a busy server are dump, wchc and wchp, and dump, watches and watches_by_path of the AdminServer:
the server gathers them under its locks. Where a member tells less, a line on stderr says what is missing and why.`;

/** What a look at the members brought, and how to ask them for more. */
interface Look {
  readonly observation: EnsembleObservation;
  readonly asking: Asking;
  /** Those named by `--member`; else all. */
  readonly members: readonly MemberObservation[];
  /** Reads the whole tree for its ephemerals. */
  readonly walk: () => Promise<FoundEphemerals>;
}

/** The base of the commands that tell who is connected and what they hold. */
export abstract class SessionsCommand<T, C extends typeof Command> extends ObservingCommand<T, C> {
  protected async look(): Promise<Look> {
    // From `conf`: whether a member has a second client port, of which `cons` tells nothing.
    const { wanted, asking } = await this.observing({ words: ['conf'] });
    const observation = await observeEnsemble(wanted, asking);
    const { member: named = [] } = this.flags as unknown as { member?: string[] };
    const walk = async () => {
      const { walkForEphemerals } = await import('./ephemeral-walk.ts');
      const bar = this.progress({ label: 'walking the tree', unit: 'znodes' });
      return walkForEphemerals(observation.members, asking, bar.update).finally(bar.done);
    };
    return { observation, asking, members: chosenMembers(observation.members, named), walk };
  }

  /** The id of the shell's own session, which is a session like any other. */
  protected async ownSession(): Promise<bigint | undefined> {
    const client = await this.host.session?.();
    return client === undefined ? undefined : BigInt.asIntN(64, client.sessionId);
  }

  /** Says what was not told, a line a member. */
  protected noteMissing(missing: readonly MemberMissing[], unreadable = 0): void {
    const byMember = new Map<string, string[]>();
    for (const { member, source, reason } of missing) {
      const name = `${member.id === undefined ? '' : `${member.id} `}${member.host}`;
      const told = source === 'all' ? reason : `${source} (${reason})`;
      byMember.set(name, [...new Set([...(byMember.get(name) ?? []), told])]);
    }
    for (const [name, told] of byMember) this.note(`note: not told by ${name}: ${told.join(', ')}`);
    if (unreadable > 0) this.note(`note: the ACLs of ${unreadable} znodes hide what is below them`);
  }
}

const HEX = /^0x[0-9a-f]{1,16}$/i;
const DECIMAL = /^-?\d{1,20}$/;

/** A session's id as people and logs write it: `0x30000d3f7820000`, or in decimal. @throws UsageError `BAD_SESSION_ID` */
export function parseSessionId(text: string): bigint {
  const typed = text.trim();
  const id = HEX.test(typed) || DECIMAL.test(typed) ? BigInt(typed) : 0n;
  const fits = id >= -(2n ** 63n) && id < 2n ** 64n;
  if (id !== 0n && fits) return BigInt.asIntN(64, id);
  const lacks = /^[0-9a-f]{1,16}$/i.test(typed) && !DECIMAL.test(typed);
  throw new UsageError(`"${text}" is no id of a session`, {
    code: 'BAD_SESSION_ID',
    hint: lacks ? `If it is hexadecimal, write it as 0x${typed}.` : 'Write it as 0x30000d3f7820000, or in decimal.',
  });
}
