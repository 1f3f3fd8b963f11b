import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareDigests, sampleDigests } from '../../src/ensemble/digest-comparison.ts';
import { type Digest, type MemberDigests, memberDigests, parseDigests } from '../../src/ensemble/digest-log.ts';
import { factsOf } from '../../src/ensemble/facts.ts';
import type { MemberObservation } from '../../src/ensemble/observe-member.ts';
import { parseServerStatus } from '../../src/ensemble/server-status.ts';
import { observation } from '../support/observation.ts';
import { adminFields, recordedAnswers } from '../support/recorded-answers.ts';

function member(id: bigint, digests: readonly (readonly [number, number] | Digest)[], reason?: string): MemberDigests {
  const read = digests.map((one) =>
    'zxid' in one ? one : { zxid: BigInt(one[0]), version: 2n, digest: BigInt(one[1]) },
  );
  return { id, host: `h${id}:2181`, role: 'follower', digests: read, reason, mismatches: undefined };
}

const zxidsOf = (found: ReturnType<typeof compareDigests>) => found.compared.map(({ zxid, same }) => [zxid, same]);

describe('the digests of members', () => {
  it('are the same where each zxid in common has one digest', () => {
    const found = compareDigests([
      member(1n, [
        [128, 7],
        [256, 8],
      ]),
      member(2n, [
        [256, 8],
        [384, 9],
      ]),
      member(3n, [[256, 8]]),
    ]);
    expect(found).toMatchObject({ verdict: 'same', newest: 256n });
    expect(zxidsOf(found)).toEqual([[256n, true]]);
  });

  it('differ where one zxid has two digests, also when newer ones are the same', () => {
    const found = compareDigests([
      member(1n, [
        [128, 7],
        [256, 8],
      ]),
      member(2n, [
        [128, 6],
        [256, 8],
      ]),
    ]);
    expect(found).toMatchObject({ verdict: 'different', newest: 256n });
    expect(zxidsOf(found)).toEqual([
      [128n, false],
      [256n, true],
    ]);
  });

  it('are incomplete where a member can not tell, or has no zxid in common with all others', () => {
    const [one, two] = [member(1n, [[128, 7]]), member(2n, [[128, 7]])];
    expect(compareDigests([one, two, member(3n, [], 'unreachable')]).verdict).toBe('incomplete');
    const apart = compareDigests([one, two, member(3n, [[256, 9]])]);
    expect(apart).toMatchObject({ verdict: 'incomplete', newest: undefined });
    expect(apart.members.map(({ reason }) => reason)).toEqual([
      undefined,
      undefined,
      'it has no zxid in common with another member',
    ]);
  });

  it('are not compared where they were worked out in different ways', () => {
    const found = compareDigests([member(1n, [[128, 7]]), member(2n, [{ zxid: 128n, version: 3n, digest: 5n }])]);
    expect(found.verdict).toBe('nothing compared');
    expect(found.members.map(({ reason }) => reason)).toEqual([
      "its digests are of version 2, and no other member's are",
      "its digests are of version 3, and no other member's are",
    ]);
    expect(compareDigests([member(1n, [[128, 7]])]).members[0]?.reason).toBe('no other member tells its digests');
    expect(compareDigests([])).toMatchObject({ verdict: 'nothing compared', compared: [] });
  });

  it('are the same for whatever logs are cut out of one history, and differ when one of them is changed', () => {
    const history = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 });
    const cuts = fc.array(fc.nat(40), { minLength: 2, maxLength: 7 });
    fc.assert(
      fc.property(history, cuts, (zxids, from) => {
        const entries = [...zxids].sort((a, b) => a - b).map((zxid) => [zxid * 128, zxid * 31] as const);
        const logs = from.map((cut, i) =>
          member(
            BigInt(i),
            entries.filter(([zxid]) => zxid > cut * 128),
          ),
        );
        const found = compareDigests(logs);
        expect(found.compared.every(({ same }) => same)).toBe(true);
        const all = logs.every(({ digests }) => digests.length > 0);
        expect(found.verdict === 'same').toBe(all);
        const last = found.compared.at(-1);
        if (last === undefined) return;
        const wrong = logs.map((log, i) =>
          i === Number(last.digests[0]!.member.id)
            ? { ...log, digests: log.digests.map((one) => (one.zxid === last.zxid ? { ...one, digest: -1n } : one)) }
            : log,
        );
        expect(compareDigests(wrong).verdict).toBe('different');
      }),
    );
  });
});

describe('the answer to hash', () => {
  it('is read with numbers of any size, oldest first, and what makes no sense is left out', () => {
    const entry = (zxid: unknown, digest: unknown = 5) => ({ zxid, digest_version: 2, digest });
    expect(
      parseDigests([entry(256), entry(2n ** 60n), entry('x'), null, 7, entry(128, 2n ** 62n), entry(1.5)]),
    ).toEqual([
      { zxid: 128n, version: 2n, digest: 2n ** 62n },
      { zxid: 256n, version: 2n, digest: 5n },
      { zxid: 2n ** 60n, version: 2n, digest: 5n },
    ]);
    for (const odd of [undefined, null, {}, 'digests']) expect(parseDigests(odd)).toBeUndefined();
  });
});

/** A member that answered as that release did. */
function observed(release: string, role: 'leader' | 'notServing', digests?: unknown): MemberObservation {
  const recorded = recordedAnswers(release)[role];
  const fields = digests === undefined ? adminFields(recorded, 'hash') : { digests };
  const error = recorded.admin.hash && (JSON.parse(recorded.admin.hash.body) as { error: string | null }).error;
  const target = { host: 'zk1', port: 2181, tls: false };
  return observation({
    member: {
      id: 1n,
      name: 'zk1:2181',
      targets: [target],
      admin: [{ url: 'http://zk1:8080/commands', certain: false }],
      configured: 'participant',
    },
    address: target,
    facts: factsOf({ srvr: parseServerStatus(recorded.words.srvr ?? '') }),
    adminUrl: recorded.admin.hash === undefined ? undefined : 'http://zk1:8080/commands',
    missing: [{ source: 'admin', reason: 'connection refused' }],
    further: {
      words: new Map(),
      admin: new Map(fields === undefined ? [] : [['hash', fields]]),
      missing: fields === undefined && error ? [{ source: 'admin:hash', reason: error }] : [],
    },
    roundTrip: 1,
  });
}

describe('a member that can not tell its digests says why', () => {
  it.each([
    ['3.4.14', 'leader', /^ZooKeeper 3\.4\.14 keeps no digests/],
    ['3.5.10', 'leader', /^ZooKeeper 3\.5\.10 keeps no digests/],
    ['3.5.10', 'notServing', /^it keeps no digests, they came with ZooKeeper 3\.6\.0$/],
    ['3.9.5', 'notServing', /^it does not serve$/],
    ['3.6.4', 'leader', /^it has kept no digest yet/],
  ] as const)('%s, %s', (release, role, reason) => {
    expect(memberDigests(observed(release, role))).toMatchObject({
      digests: [],
      reason: expect.stringMatching(reason),
    });
  });

  it('where its AdminServer is off, and where digests are', () => {
    const seen = observed('3.9.5', 'leader', [{ zxid: 128, digest_version: 2, digest: 0 }]);
    expect(memberDigests(seen)).toMatchObject({ digests: [], reason: expect.stringContaining('digest.enabled') });
    const without = { ...seen, adminUrl: undefined, further: { words: new Map(), admin: new Map(), missing: [] } };
    expect(memberDigests(without).reason).toBe('its AdminServer was not found: connection refused');
    expect(memberDigests({ ...without, member: { ...without.member, admin: [] } }).reason).toMatch('--admin off');
    const gone = { ...without, address: undefined, facts: factsOf({}) };
    expect(memberDigests(gone)).toMatchObject({ role: 'unreachable', reason: 'it is unreachable: connection refused' });
  });
});

describe('members without a zxid in common', () => {
  const digest = (zxid: number) => ({ zxid, digest_version: 2, digest: zxid });
  const pair = (...zxids: [number, number]) => {
    return zxids.map((zxid, i) => {
      const one = observed('3.9.5', 'leader', [digest(zxid)]);
      return { ...one, member: { ...one.member, id: BigInt(i + 1) } };
    });
  };

  it('are asked again until they have one, and no longer than is waited for', async () => {
    const { signal } = new AbortController();
    const answers = [pair(128, 256), pair(256, 256)];
    let asked = 0;
    const observe = async () => answers[asked++] ?? [];
    expect(await sampleDigests(observe, { waitCommon: 60_000, signal })).toMatchObject({
      verdict: 'same',
      newest: 256n,
    });
    expect(asked).toBe(2);
    asked = 0;
    expect(await sampleDigests(observe, { waitCommon: 0, signal })).toMatchObject({ verdict: 'nothing compared' });
    expect(asked).toBe(1);
  });

  it('are waited for no more when it is interrupted', async () => {
    const stop = new AbortController();
    const waiting = sampleDigests(async () => pair(128, 256), { waitCommon: 60_000, signal: stop.signal });
    stop.abort();
    await expect(waiting).rejects.toThrow();
  });
});
