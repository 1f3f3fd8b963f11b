import type { ComparedZxid, DigestComparison } from '../ensemble/digest-comparison.ts';
import type { MemberDigests } from '../ensemble/digest-log.ts';
import { shortName } from '../ensemble/member.ts';
import { plainText } from '../output/plain-text.ts';
import type { Style } from '../output/style.ts';
import { layTable } from '../output/table.ts';
import type { Column, View } from '../output/view.ts';
import { hex64 } from '../protocol/zxid.ts';

const ZXIDS: readonly Column<ComparedZxid>[] = [
  { header: 'zxid', value: ({ zxid }) => zxid, kind: 'hex' },
  {
    header: 'data',
    value: ({ same }) => (same ? 'same' : 'different'),
    role: ({ same }) => (same ? 'good' : 'bad'),
  },
  {
    header: 'digests',
    value: ({ digests }) => digests.map(({ member, digest }) => `${shortName(member)}=${hex64(digest)}`).join(' '),
  },
];

const MEMBERS: readonly Column<MemberDigests>[] = [
  { header: 'id', value: ({ id }) => id, kind: 'number' },
  { header: 'host', value: ({ host }) => host, role: () => 'name' },
  { header: 'role', value: ({ role }) => role, role: ({ role }) => (/^un|^not/.test(role) ? 'bad' : 'good') },
  { header: 'digests', value: ({ digests }) => digests.length, kind: 'number' },
  { header: 'oldest zxid', value: ({ digests }) => digests[0]?.zxid, kind: 'hex' },
  { header: 'newest zxid', value: ({ digests }) => digests.at(-1)?.zxid, kind: 'hex' },
];

/** Differences shown to a person; all of them are in every other format. */
const SHOWN = 5;

/** Members that were not compared, and why, in a sentence each. */
export function notCompared({ members }: DigestComparison): string[] {
  return members.flatMap(({ reason, ...member }) =>
    reason === undefined ? [] : [`${shortName(member)} was not compared: ${reason}`],
  );
}

/** How `hash` looks: the zxids compared are its rows; a terminal shows the members, and what it amounts to. */
export const hashView: View<DigestComparison, ComparedZxid> = {
  text: (result, style) => {
    if (!style.tty) return plainText(result, { columns: ZXIDS, rows: ({ compared }) => compared }, style);
    const table = layTable(MEMBERS as Column<never>[], result.members, style);
    const silent = notCompared(result).map((line) => style.paint('warn', style.name(line)));
    return [...table, '', ...verdict(result, style), ...silent, ...mismatched(result, style)].join('\n');
  },
  columns: ZXIDS,
  rows: ({ compared }) => compared,
  json: hashJson,
};

function verdict(result: DigestComparison, style: Style): string[] {
  const { compared, newest, verdict: outcome } = result;
  const last = compared.at(-1);
  if (last === undefined) return [style.paint('warn', 'nothing could be compared: no zxid is known to two members')];
  const different = compared.filter(({ same }) => !same);
  if (outcome === 'different') return differences(compared, different, style);
  const who = last.digests.map(({ member }) => shortName(member));
  const at = compared.length === 1 ? 'at zxid' : `at ${compared.length} zxids, the newest`;
  const line = `${sentence(who, style)} have the same data ${at} ${style.hex(newest ?? last.zxid)}`;
  if (outcome === 'same') return [style.paint('good', line)];
  return [line, style.paint('warn', 'that is not all members:')];
}

function differences(compared: readonly ComparedZxid[], different: readonly ComparedZxid[], style: Style): string[] {
  const last = different.at(-1);
  const mended = compared.find(({ zxid }) => last !== undefined && zxid > last.zxid);
  const shown = different.length > SHOWN ? [...different.slice(0, 1), ...different.slice(1 - SHOWN)] : different;
  return [
    style.paint('bad', `the data differ at ${different.length} of the ${compared.length} zxids compared`),
    ...shown.map(({ zxid, digests }) => `${style.hex(zxid)}  ${groups(digests, style)}`),
    ...(mended === undefined ? [] : [`from zxid ${style.hex(mended.zxid)} on they are the same`]),
  ];
}

/** `1 and 2: 0x…, 3: 0x…`. */
function groups(digests: ComparedZxid['digests'], style: Style): string {
  const holders = new Map<bigint, string[]>();
  for (const { member, digest } of digests) holders.set(digest, [...(holders.get(digest) ?? []), shortName(member)]);
  return [...holders].map(([digest, who]) => `${sentence(who, style)}: ${style.hex(digest)}`).join(', ');
}

function mismatched({ members }: DigestComparison, style: Style): string[] {
  return members.flatMap(({ mismatches = 0, ...member }) =>
    mismatches === 0
      ? []
      : [
          style.paint(
            'warn',
            `${style.name(shortName(member))} has itself found its data other than the leader's, ${mismatches} times since it was started`,
          ),
        ],
  );
}

function sentence(names: readonly string[], style: Style): string {
  const shown = names.map((name) => style.name(name));
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

function hashJson({ verdict: outcome, newest, compared, members, took }: DigestComparison): object {
  return {
    verdict: outcome,
    newest,
    compared: compared.map(({ zxid, same, digests }) => ({
      zxid,
      same,
      digests: digests.map(({ member, digest }) => ({ id: member.id, host: member.host, digest })),
    })),
    members: members.map(({ id, host, role, digests, reason, mismatches }) => ({
      id,
      host,
      role,
      digests: digests.length,
      oldest: digests[0]?.zxid,
      newest: digests.at(-1)?.zxid,
      mismatches,
      reason,
    })),
    took: Math.round(took),
  };
}
