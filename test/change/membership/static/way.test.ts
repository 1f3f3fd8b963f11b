import { describe, expect, it } from 'vitest';
import { unsafeBecause } from '../../../../src/change/membership/static/releases.ts';
import { membershipWay } from '../../../../src/change/membership/static/way.ts';
import type { Client } from '../../../../src/client/client.ts';
import { parseRelease } from '../../../../src/config/parameters/release.ts';
import { ServerError } from '../../../../src/protocol/server-errors.ts';
import { type Said, viewOf, voters } from '../../../support/health-views.ts';

const BAD_VERSION = -103;
const RECONFIG_DISABLED = -123;

/** The way members of these releases are changed, where the leader answers a reconfiguration with that error. */
function wayOf(releases: readonly string[], errno = RECONFIG_DISABLED, leads: Said['role'] & string = 'leader') {
  const roles = releases.map((_, i): Said => ({ role: i === 0 ? leads : 'follower' }));
  const config = releases.some((release) => release.startsWith('3.4')) ? undefined : voters(releases.length);
  const { status } = viewOf(roles, { config });
  const members = status.members.map((member, i) => ({
    ...member,
    facts: { ...member.facts, version: { value: releases[i] ?? '', source: '4lw:srvr' as const } },
  }));
  const leader = status.leader && members[0];
  const reconfig = async () => {
    throw new ServerError(errno, 'reconfig');
  };
  return membershipWay(
    { ...status, members, leader },
    { client: async () => ({ reconfig }) as unknown as Client, signal: new AbortController().signal },
  );
}

describe('how members are changed', () => {
  it('is by reconfiguration where the leader takes it, whatever the release', async () => {
    expect(await wayOf(['3.9.4', '3.9.4', '3.9.4'], BAD_VERSION)).toEqual({ way: 'reconfig' });
    expect(await wayOf(['3.5.8', '3.5.8', '3.5.8'], BAD_VERSION)).toEqual({ way: 'reconfig' });
  });

  it('is by lists where it says that this is off, and on 3.4', async () => {
    expect(await wayOf(['3.9.4', '3.9.4', '3.8.0'])).toMatchObject({ way: 'static', acks: 'known' });
    expect(await wayOf(['3.4.14', '3.4.14', '3.4.14'])).toMatchObject({
      way: 'static',
      acks: 'all',
      why: '3.4.14 has no reconfiguration',
    });
  });

  it.each(['3.5.5', '3.5.8', '3.6.0', '3.6.1'])(
    'is refused on %s, where a leader may commit nothing',
    async (release) => {
      await expect(wayOf(['3.9.4', release, '3.9.4'])).rejects.toMatchObject({
        code: 'RELEASE_UNSAFE',
        message: expect.stringContaining('ZOOKEEPER-3829'),
      });
    },
  );

  it('is refused for releases that are mixed or not told, and for a standalone server', async () => {
    await expect(wayOf(['3.4.14', '3.5.9', '3.5.9'])).rejects.toMatchObject({ code: 'RELEASES_MIXED' });
    await expect(wayOf(['3.9.4'], BAD_VERSION, 'standalone')).rejects.toMatchObject({ code: 'STANDALONE' });
  });
});

it('names the releases that are unsafe, and no others', () => {
  const unsafe = ['3.4.14', '3.5.0', '3.5.8', '3.5.9', '3.6.0', '3.6.1', '3.6.2', '3.7.0', '3.9.4'].filter(
    (text) => unsafeBecause(parseRelease(text)!) !== undefined,
  );
  expect(unsafe).toEqual(['3.5.0', '3.5.8', '3.6.0', '3.6.1']);
});
