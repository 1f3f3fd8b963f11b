import { describe, expect, it } from 'vitest';
import { parseAdminJson } from '../../../src/ensemble/admin-server.ts';
import type { Missing } from '../../../src/ensemble/missing.ts';
import type { MemberObservation } from '../../../src/ensemble/observe-member.ts';
import { byHost, type Connections, connectionsOf } from '../../../src/ensemble/sampling/connections.ts';
import { RELEASES, recordedAnswers } from '../../support/recorded-answers.ts';
import { observed, silent, statusOf } from './members.ts';

function cons(address: string, sid: number, figures: Record<string, number | string> = {}): string {
  const all = {
    queued: 0,
    recved: 10,
    sent: 10,
    sid: `0x${sid.toString(16)}`,
    lop: 'PING',
    est: 1000,
    avglat: 1,
    maxlat: 9,
    ...figures,
  };
  return ` /${address}[1](${Object.entries(all)
    .map(([key, value]) => `${key}=${value}`)
    .join(',')})`;
}

/** A member that was asked for its connections. */
function telling(
  id: number,
  answer: { cons?: string; admin?: Record<string, unknown>; missing?: Missing[] },
): MemberObservation {
  return {
    ...observed(id, { release: '3.4.14', by: 'srvr' }),
    further: {
      words: new Map(answer.cons === undefined ? [] : [['cons', answer.cons]]),
      admin: new Map(answer.admin === undefined ? [] : [['connections', answer.admin]]),
      missing: answer.missing ?? [],
    },
  };
}

function look(seconds: number, before: Connections | undefined, ...members: MemberObservation[]): Connections {
  return connectionsOf({ at: seconds * 1000, status: statusOf(...members) }, before);
}

describe('connections', () => {
  it.each(RELEASES)('are those that a server of %s tells', (release) => {
    const { leader } = recordedAnswers(release);
    const admin = parseAdminJson(leader.admin.connections?.body ?? '');
    const words = look(0, undefined, telling(1, { cons: leader.words.cons ?? '' }));
    expect(words.told).toMatchObject([
      { client: { host: '127.0.0.1' }, received: 5, lastOperation: 'EXIS', member: '1' },
    ]);
    expect(words.wantsWord).toBe(true);
    if (admin === undefined) return;
    const byAdmin = look(0, undefined, telling(1, { admin }));
    expect(byAdmin.told).toMatchObject([{ client: { host: '127.0.0.1' }, received: 5, lastOperation: 'EXIS' }]);
    expect(byAdmin.wantsWord).toBe(false);
  });

  it('have rates from the second look on, each against its own past', () => {
    const first = look(0, undefined, telling(1, { cons: [cons('10.0.0.1:5', 7), cons('10.0.0.2:6', 8)].join('\n') }));
    expect(first.told?.map(({ receivedRate }) => receivedRate)).toEqual([undefined, undefined]);
    const text = [cons('10.0.0.2:6', 8, { recved: 50, sent: 20 }), cons('10.0.0.1:9', 7, { recved: 1000 })].join('\n');
    const second = look(2, first, telling(1, { cons: text }));
    // The session of the first moved to a new connection, which has no past.
    expect(second.told?.map(({ receivedRate, sentRate }) => [receivedRate, sentRate])).toEqual([
      [20, 5],
      [undefined, undefined],
    ]);
  });

  it('have no negative rate after crst', () => {
    const first = look(0, undefined, telling(1, { cons: cons('10.0.0.1:5', 7, { recved: 90 }) }));
    const second = look(1, first, telling(1, { cons: cons('10.0.0.1:5', 7, { recved: 3, sent: 12 }) }));
    expect(second.told).toMatchObject([{ receivedRate: undefined, sentRate: 2 }]);
  });

  it('name who told none, and why; not the dead', () => {
    const missing = [{ source: '4lw:cons', reason: 'not in 4lw.commands.whitelist' }];
    const seen = look(0, undefined, telling(1, { missing }), telling(2, { cons: '' }), silent(3));
    expect(seen.told).toEqual([]);
    expect(seen.silent).toEqual([{ member: '1', reason: 'cons: not in 4lw.commands.whitelist' }]);
  });

  it('are unknown where nobody was asked', () => {
    expect(look(0, undefined, telling(1, {})).told).toBeUndefined();
  });

  it('are added up by host, over members', () => {
    const one = [cons('10.0.0.1:5', 7, { recved: 30, avglat: 2, maxlat: 50 }), cons('[0:0:0:0:0:0:0:1]:6', 8)].join(
      '\n',
    );
    const seen = look(
      0,
      undefined,
      telling(1, { cons: one }),
      telling(2, { cons: cons('10.0.0.1:7', 9, { queued: 3 }) }),
    );
    expect(byHost(seen.told ?? [])).toMatchObject([
      { host: '10.0.0.1', members: ['1', '2'], connections: 2, queued: 3, latencyAvg: 1.75, latencyMax: 50 },
      { host: '::1', members: ['1'], connections: 1 },
    ]);
  });
});
