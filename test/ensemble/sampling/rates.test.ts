import { describe, expect, it } from 'vitest';
import { ratesBetween } from '../../../src/ensemble/sampling/rates.ts';
import { RELEASES } from '../../support/recorded-answers.ts';
import { type Hearing, memberOf, observed } from './members.ts';

const OLD: readonly string[] = ['3.4.14', '3.5.10'];
const MODERN = RELEASES.filter((release) => !OLD.includes(release));

/** Adds to numbers by the name they follow, in mntr, srvr and JSON alike. */
function plus(growth: Record<string, number>): (text: string) => string {
  return (text) =>
    Object.entries(growth).reduce(
      (edited, [name, more]) =>
        edited.replace(
          new RegExp(`(^(?:zk_)?${name}[\\t:] *|"${name}" : )(\\d+)`, 'm'),
          (_, head, value) => `${head}${Number(value) + more}`,
        ),
      text,
    );
}

/** Two looks at a recorded leader, two seconds apart. */
function between(first: Hearing, second: Hearing, milliseconds = 2000) {
  return ratesBetween(
    { at: 1000, member: memberOf(observed(1, first)) },
    { at: 1000 + milliseconds, member: memberOf(observed(1, second)) },
  );
}

describe.each(RELEASES)('the rates of a server of %s', (release) => {
  it('count packets and transactions by srvr alone', () => {
    const edit = (text: string) =>
      plus({ Received: 100, Sent: 60 })(text).replace(/^Zxid: 0x100000003$/m, 'Zxid: 0x10000000d');
    const rates = between({ release, by: 'srvr' }, { release, by: 'srvr', edit });
    expect(rates).toMatchObject({ received: 50, sent: 30, transactions: 5 });
    expect(rates?.reads).toBeUndefined();
    expect(rates?.bytesReceived).toBeUndefined();
  });

  it('are zero where nothing happened, and unknown where nothing was told', () => {
    const rates = between({ release, by: 'words' }, { release, by: 'words', edit: plus({ uptime: 2000 }) });
    expect(rates).toMatchObject({ received: 0, sent: 0, transactions: 0 });
    expect(rates?.reads).toBe(OLD.includes(release) ? undefined : 0);
    expect(rates?.readLatency).toBeUndefined();
  });

  it('are none, rather than negative, when the counters went back', () => {
    const edit = plus({ packets_received: -5, Received: -5, uptime: 2000 });
    expect(between({ release, by: 'words' }, { release, by: 'words', edit })).toBeUndefined();
    expect(between({ release, by: 'srvr' }, { release, by: 'srvr', edit })).toBeUndefined();
  });

  it('say nothing of transactions across an election', () => {
    const edit = (text: string) => text.replace(/^Zxid: 0x100000003$/m, 'Zxid: 0x200000005');
    expect(between({ release, by: 'srvr' }, { release, by: 'srvr', edit })).toMatchObject({
      received: 0,
      transactions: undefined,
    });
  });
});

describe.each(MODERN)('the rates of a server of %s', (release) => {
  const growth = {
    packets_received: 400,
    packets_sent: 300,
    cnt_readlatency: 200,
    sum_readlatency: 300,
    cnt_updatelatency: 20,
    sum_updatelatency: 160,
    bytes_received_count: 8000,
    connection_request_count: 4,
    connection_drop_count: 2,
    connection_rejected: 1,
  };

  it.each(['words', 'admin'] as const)('tell reads from updates, and how long each took, by %s', (by) => {
    const rates = between({ release, by }, { release, by, edit: plus({ ...growth, uptime: 2000 }) });
    expect(rates).toMatchObject({
      received: 200,
      sent: 150,
      reads: 100,
      updates: 10,
      bytesReceived: 4000,
      connects: 2,
      drops: 1,
      rejects: 0.5,
      readLatency: 1.5,
      updateLatency: 8,
    });
  });

  it("go by the server's own clock, however late its answer came", () => {
    const edit = plus({ ...growth, uptime: 4000 });
    expect(between({ release, by: 'words' }, { release, by: 'words', edit }, 2000)?.received).toBe(100);
  });

  it('are none after a restart that the counters alone would not show', () => {
    const edit = plus({ ...growth, uptime: -1 });
    expect(between({ release, by: 'words' }, { release, by: 'words', edit })).toBeUndefined();
  });
});

it('tells the bytes of replies from 3.9 on', () => {
  const edit = plus({ response_bytes: 5000, uptime: 2000 });
  const bytesSent = (release: string) => between({ release, by: 'admin' }, { release, by: 'admin', edit })?.bytesSent;
  expect(bytesSent('3.9.5')).toBe(2500);
  expect(bytesSent('3.4.14')).toBeUndefined();
});

it('says nothing of two looks at the same instant', () => {
  expect(between({ release: '3.4.14', by: 'srvr' }, { release: '3.4.14', by: 'srvr' }, 0)).toBeUndefined();
});
