import * as Flags from '@oclif/core/flags';
import { parseDuration } from '../src/cli/duration.ts';
import { hashView, notCompared } from '../src/cli/hash-view.ts';
import { memberAnswerFlags } from '../src/cli/member-answers.ts';
import { ObservingCommand } from '../src/cli/observing-command.ts';
import { type DigestComparison, sampleDigests } from '../src/ensemble/digest-comparison.ts';
import { observeEnsemble } from '../src/ensemble/observe.ts';
import { chosenMembers } from '../src/ensemble/observed-member.ts';
import { ExitCode } from '../src/protocol/errors.ts';

export default class Hash extends ObservingCommand<DigestComparison, typeof Hash> {
  static override summary = 'compare the data of the members by the digests they keep';
  static override description =
    `Servers from 3.6 on keep a digest of all their data, the znodes' paths, data and Stats, at every zxid that 128 divides:
the newest 1024 of them, in memory, while zookeeper.digest.enabled is true, as it is by default. Their AdminServers tell
them. Where two members have one of the same zxid, they had the same data then, or not. Nothing is written and nothing is
paused for that.

What it can't show: what was written since the newest zxid they have in common; ACLs; anything below /zookeeper, quotas and
the dynamic configuration among it; and how a reconfiguration went, which writes no digest. Whose data are right, digests do
not tell. On a quiet ensemble there may be no zxid in common yet, or none at all since the last leader was elected:
--wait-common asks again until there is one. A difference at old zxids that is gone at newer ones was mended, or never was:
a member started from a snapshot without a digest (one of 3.5, or taken while digests were off) may record wrong ones until
it is through the transactions that came while that snapshot was written.

The verdict is "same" when all members have the same data at a zxid known to all of them; "different" when two of them
differ at some zxid; "incomplete" when those compared are the same and some member was not compared, which says why; else
"nothing compared". The exit code is 0 for "same" and 8 for the others. --member leaves out who can't tell.

JSON: {verdict, newest, compared: [{zxid, same, digests: [{id, host, digest}]}], members: [{id, host, role, digests, oldest,
newest, mismatches, reason}], took}: zxids and digests are decimal strings, oldest first; newest is the newest zxid known to
all that can tell, of a member that of its own digests, of which it has so many; mismatches is how often a member itself
found its data other than the leader's since it was started; reason is why it was not compared. What is not known is
absent.`;
  static override examples = [
    '<%= config.bin %> hash',
    '<%= config.bin %> hash --wait-common 1m --admin 8080',
    '<%= config.bin %> hash --member 1 --member 3',
    "<%= config.bin %> hash -o json | jq '.compared[] | select(.same | not)'",
  ];
  static override flags = {
    ...memberAnswerFlags,
    'wait-common': Flags.custom<number>({ parse: async (text) => parseDuration(text), helpValue: '<duration>' })({
      env: 'ZKSH_HASH_WAIT_COMMON',
      description: 'ask again for that long until the members have a zxid in common; once when not given',
    }),
  };

  protected readonly view = hashView;

  protected async execute(): Promise<DigestComparison> {
    const { wanted, asking } = await this.observing({ admin: ['hash'] });
    const { member: named = [], 'wait-common': waitCommon = 0 } = this.flags;
    const observe = async () => chosenMembers((await observeEnsemble(wanted, asking)).members, named);
    const found = await sampleDigests(observe, { waitCommon, signal: this.signal });
    // The lines of a pipe are of what was compared.
    const lines = this.io.stdout.isTTY !== true && (this.flags.output ?? 'text') === 'text';
    if (lines) for (const line of notCompared(found)) this.note(line);
    this.exitCode = found.verdict === 'same' ? ExitCode.done : ExitCode.unhealthy;
    return found;
  }
}
