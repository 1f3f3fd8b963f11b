import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { askAdminServer } from '../../src/ensemble/admin-server.ts';
import { askClock, establishedOf } from '../../src/ensemble/ask-clock.ts';
import { apart, type ClockReading, clockOfDate, clockReading, together } from '../../src/ensemble/clock.ts';
import { proveCommits } from '../../src/ensemble/commit-proof.ts';
import { kill, start } from '../../src/local/control.ts';
import { ephemeralEnsemble, sharedEnsemble, sharedRelease } from '../support/ensembles.ts';
import { askingOf, observed } from '../support/observed.ts';
import { recordedAnswers } from '../support/recorded-answers.ts';
import { until } from '../support/until.ts';

const noon = Date.UTC(2026, 0, 31, 12);

/** Whether a reading allows that the clock is so far ahead. */
function allows({ offset, uncertainty }: ClockReading, ahead: number): boolean {
  return Math.abs(offset - ahead) <= uncertainty;
}

const reading = (offset: number, uncertainty: number): ClockReading => ({
  at: noon,
  offset,
  uncertainty,
  source: 'admin:date',
});

describe('a clock', () => {
  it('is known to half the second that a Date is cut to, and half the time of the exchange', () => {
    const read = clockOfDate('Sat, 31 Jan 2026 12:00:05 GMT', { from: noon, to: noon + 40 });
    expect(read).toEqual({ at: noon + 40, offset: 5479.5, uncertainty: 519.5, source: 'admin:date' });
  });

  it('may be anywhere from the first to the last moment of the exchange', () => {
    const read = clockReading('transaction', { from: noon - 3000, to: noon - 2999 }, { from: noon, to: noon + 100 });
    for (const ahead of [-3100, -3050, -2999]) expect(allows(read, ahead)).toBe(true);
    for (const ahead of [-3102, -2998]) expect(allows(read, ahead)).toBe(false);
  });

  it.each([undefined, '', 'yesterday', '1769860805', 'Sat, 99 Jan 2026 12:00:05 GMT', '2026-01-31T12:00:05Z'])(
    'is not read from %j',
    (header) => expect(clockOfDate(header, { from: noon, to: noon })).toBeUndefined(),
  );

  it('read several times is known as well as all readings together allow', () => {
    expect(together([reading(0, 500), reading(800, 500)])).toMatchObject({ offset: 400, uncertainty: 100 });
    expect(together([reading(7, 3)])).toEqual(reading(7, 3));
    expect(together([])).toBeUndefined();
  });

  it('that was set between two readings is what the better one says', () => {
    expect(together([reading(0, 500), reading(90_000, 20)])).toEqual(reading(90_000, 20));
  });

  it('is apart from another one by what no uncertainty can explain', () => {
    expect(apart(reading(2000, 500), reading(0, 510))).toEqual({ least: 990, most: 3010 });
    expect(apart(reading(-100, 500), reading(100, 500))).toEqual({ least: 0, most: 1200 });
  });

  it.each(['3.4.14', '3.5.10', '3.6.4', '3.7.2', '3.8.4', '3.9.5'])(
    'is in the cons of %s, when the connection of a session was made',
    (release) => {
      const cons = recordedAnswers(release).leader.words.cons ?? '';
      const [, sid = '', est] = /sid=(0x[0-9a-f]+),.*est=(\d+)/.exec(cons) ?? [];
      expect(establishedOf(cons, BigInt(sid))).toBe(Number(est));
      expect(establishedOf(cons, BigInt(sid) >> 4n)).toBeUndefined();
    },
  );
});

describe('the clock of a member', () => {
  it('comes with every answer of its AdminServer', async () => {
    const ensemble = await sharedEnsemble('three');
    for (const { clock } of await observed(ensemble.connectString, askingOf({ limit: 20_000 }), ensemble)) {
      expect(clock?.source).toBe('admin:date');
      expect(allows(clock!, 0)).toBe(true);
    }
  });

  it('is told by a session and cons where there is no AdminServer', async () => {
    for (const { connectString } of [await sharedEnsemble('three'), await sharedRelease('3.4.14')]) {
      const asking = askingOf();
      for (const seen of await observed(connectString, asking)) {
        const answer = await askClock(seen, asking);
        if (!('clock' in answer)) throw new Error(answer.reason);
        expect(answer.clock.source).toBe('4lw:cons');
        expect(allows(answer.clock, 0)).toBe(true);
      }
    }
  });

  it('is not known where nobody tells it, and it is said why', async () => {
    const { connectString } = await ephemeralEnsemble({ servers: 1, bare: true });
    const [seen] = await observed(connectString, askingOf());
    expect(await askClock(seen!, askingOf())).toEqual({ reason: 'not in 4lw.commands.whitelist' });
    expect(await askClock({ ...seen!, address: undefined }, askingOf())).toEqual({
      reason: expect.stringContaining('neither'),
    });
  });

  it('is not read from an AdminServer that has no Date, or a wrong one', async () => {
    for (const date of [undefined, 'soon']) {
      const server = createServer((_, response) => {
        response.sendDate = false;
        if (date !== undefined) response.setHeader('date', date);
        response.end('{"command":"monitor","error":null}');
      });
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      onTestFinished(() => void server.close());
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/commands`;
      expect((await askAdminServer({ url, command: 'monitor' })).clock).toBeUndefined();
    }
  });
});

const faketime = readdirSync('/usr/lib')
  .map((directory) => `/usr/lib/${directory}/faketime/libfaketime.so.1`)
  .find((file) => existsSync(file));

describe.runIf(faketime !== undefined)('a clock that is wrong', () => {
  /** Servers started meanwhile have clocks that are so many seconds ahead. */
  async function withClocks<T>(ahead: number, run: () => Promise<T>): Promise<T> {
    const faked: NodeJS.ProcessEnv = {
      LD_PRELOAD: faketime,
      FAKETIME: `${ahead < 0 ? '' : '+'}${ahead}s`,
      // The time of day alone: a JVM whose timed waits are off crawls.
      DONT_FAKE_MONOTONIC: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      FAKETIME_FORCE_MONOTONIC_FIX: '0',
      FAKETIME_DISABLE_SHM: '1',
      NO_FAKE_STAT: '1',
    };
    const before = { ...process.env };
    Object.assign(process.env, faked);
    try {
      return await run();
    } finally {
      for (const name of Object.keys(faked)) {
        if (before[name] === undefined) delete process.env[name];
        else process.env[name] = before[name];
      }
    }
  }

  it('is found by every source, and who leads is known by its transactions', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3 });
    const asking = askingOf({ limit: 20_000 });
    const leads = (all: Awaited<ReturnType<typeof observed>>) =>
      all.find(({ facts }) => facts.role?.value === 'leader')?.member.id;
    const leader = Number(leads(await observed(ensemble.connectString, asking)));
    const wrong = [1, 2, 3].find((id) => id !== leader)!;
    await kill(ensemble, wrong);
    await withClocks(-90, () => start(ensemble, wrong));
    const aheadOf = (id: bigint | undefined) => (Number(id) === wrong ? -90_000 : 0);

    // An AdminServer takes its time for the first answers, all the more under faketime.
    const seen = await until('all AdminServers answer', async () => {
      const members = await observed(ensemble.connectString, asking, ensemble);
      return members.every(({ clock }) => clock !== undefined) && members;
    });
    for (const { member, clock } of seen) expect(allows(clock!, aheadOf(member.id))).toBe(true);
    const [a, b] = [wrong, leader].map((id) => seen.find(({ member }) => Number(member.id) === id)?.clock);
    expect(apart(a!, b!).least).toBeGreaterThan(0);
    expect(apart(a!, b!).most).toBeGreaterThan(90_000);

    for (const { member, ...one } of seen) {
      const answer = await askClock({ member, ...one, clock: undefined }, asking);
      if (!('clock' in answer)) throw new Error(answer.reason);
      expect(allows(answer.clock, aheadOf(member.id))).toBe(true);
    }
    const { leaderClock } = await proveCommits(seen, asking, { random: Math.random });
    expect(allows(leaderClock!, 0)).toBe(true);
  });

  it('of a server that stands alone is seen in its transactions', async () => {
    const { connectString } = await withClocks(7200, () => ephemeralEnsemble({ servers: 1 }));
    const { leaderClock } = await proveCommits(await observed(connectString, askingOf()), askingOf(), {
      random: Math.random,
    });
    expect(leaderClock?.source).toBe('transaction');
    expect(allows(leaderClock!, 7_200_000)).toBe(true);
  });
});
