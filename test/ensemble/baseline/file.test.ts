import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { updateBaseline } from '../../../src/ensemble/baseline/file.ts';
import { countersOf, metricValues } from '../../../src/ensemble/baseline/metrics.ts';
import { type EnsembleStatus, ensembleStatus } from '../../../src/ensemble/ensemble-status.ts';
import { factsOf } from '../../../src/ensemble/facts.ts';
import { metricsOfMonitor, parseMntr } from '../../../src/ensemble/metrics.ts';
import { sharedEnsemble } from '../../support/ensembles.ts';
import { observation } from '../../support/observation.ts';
import { askingOf, observed } from '../../support/observed.ts';
import { adminFields, recordedAnswers } from '../../support/recorded-answers.ts';

const NOON = Date.UTC(2026, 0, 5, 12);
const MINUTE = 60_000;

async function place(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'zksh-baseline-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return join(directory, 'baseline.json');
}

/** Members as `monitor` tells of them, by id. */
function statusOf(...members: Record<string, number | string>[]): EnsembleStatus {
  const seen = members.map((fields, i) => {
    const metrics = metricsOfMonitor({ server_state: 'follower', ...fields });
    return observation({
      member: { id: BigInt(i + 1), name: `zk${i + 1}`, targets: [], admin: [], configured: undefined },
      facts: factsOf({ monitor: metrics }),
      metrics,
    });
  });
  return ensembleStatus({ members: seen, config: undefined, took: 1 });
}

/** What the metrics are after two looks so many seconds apart. */
function between(before: Record<string, number>, after: Record<string, number>, seconds: number) {
  const counters = countersOf(statusOf(before), NOON);
  const now = NOON + seconds * 1000;
  return metricValues(statusOf(after), counters, countersOf(statusOf(after), now)).get('1');
}

describe('the metrics', () => {
  it('are values as they stand, what counters gained a second, and means of what happened between two looks', () => {
    const before = { uptime: 100_000, packets_received: 1000, commit_count: 10, sum_fsynctime: 100, cnt_fsynctime: 10 };
    const after = { uptime: 160_000, packets_received: 1600, commit_count: 40, sum_fsynctime: 400, cnt_fsynctime: 20 };
    expect(between(before, { ...after, num_alive_connections: 7 }, 60)).toEqual({
      connections: 7,
      packetsReceived: 10,
      commits: 0.5,
      fsyncTime: 30,
    });
  });

  it('have no rate over a restart, a reset, no time at all, or hours', () => {
    const before = { uptime: 100_000, packets_received: 1000 };
    expect(between(before, { uptime: 5000, packets_received: 9000 }, 60)).toEqual({});
    expect(between(before, { uptime: 160_000, packets_received: 3 }, 60)).toEqual({});
    expect(between(before, { uptime: 100_000, packets_received: 1000 }, 0)).toEqual({});
    expect(between(before, { uptime: 90_000_000, packets_received: 2000 }, 80_000)).toEqual({});
    expect(between({}, before, 60)).toEqual({});
    // Nothing was synced, so there is no time it took.
    const idle = { uptime: 900_000, sum_fsynctime: 5, cnt_fsynctime: 1 };
    expect(between(idle, { ...idle, uptime: 960_000 }, 60)).toEqual({});
  });

  it.each(['3.4.14', '3.5.10', '3.6.4', '3.7.2', '3.8.4', '3.9.5'])(
    'are found in what servers of %s tell',
    (release) => {
      const { leader } = recordedAnswers(release);
      const metrics = metricsOfMonitor(adminFields(leader, 'monitor') ?? {}) ?? parseMntr(leader.words.mntr ?? '');
      const status = statusOf(Object.fromEntries(metrics ?? []));
      const now = countersOf(status, NOON);
      const before = new Map([
        ['1', { at: NOON - MINUTE, uptime: undefined, values: zeros(now.get('1')?.values ?? {}) }],
      ]);
      const later = new Map([...now].map(([key, counters]) => [key, { ...counters, uptime: undefined }]));
      const names = Object.keys(metricValues(status, before, later).get('1') ?? {});
      const always = [
        'latencyAvg',
        'outstanding',
        'connections',
        'watches',
        'znodes',
        'dataSize',
        'openFiles',
        'packetsSent',
      ];
      expect(names).toEqual(expect.arrayContaining(always));
      if (!/^3\.[45]/.test(release)) {
        expect(names).toEqual(
          expect.arrayContaining(['latencyP99', 'commits', 'updates', 'updateTime', 'electionTime']),
        );
      }
    },
  );
});

function zeros(values: Readonly<Record<string, number>>): Record<string, number> {
  return Object.fromEntries(Object.keys(values).map((name) => [name, 0]));
}

describe('the file of a baseline', () => {
  it('is made, learnt from look to look, and what departs is told', async () => {
    const file = await place();
    const first = await updateBaseline(file, statusOf({ num_alive_connections: 50 }), NOON);
    expect(first).toEqual({
      departures: [],
      learning: [{ member: '1', metric: 'connections', samples: 1, needed: 24 }],
    });
    for (let i = 1; i < 40; i++) {
      await updateBaseline(file, statusOf({ num_alive_connections: 50 }), NOON + i * 9 * MINUTE);
    }
    const at = NOON + 400 * MINUTE;
    const { departures, learning } = await updateBaseline(file, statusOf({ num_alive_connections: 900 }), at);
    expect(departures).toMatchObject([{ member: '1', metric: 'connections', value: 900, median: 50, samples: 40 }]);
    expect(learning).toEqual([]);
    expect((await updateBaseline(file, statusOf({ num_alive_connections: 51 }), at + MINUTE)).departures).toEqual([]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).not.toContain('null');
  });

  it('keeps the counters, so that rates are known from look to look', async () => {
    const file = await place();
    for (let i = 0; i < 60; i++) {
      const counted = { uptime: 1_000_000 + i * 9 * MINUTE, packets_received: i * 54_000 };
      await updateBaseline(file, statusOf(counted), NOON + i * 9 * MINUTE);
    }
    const burst = { uptime: 1_000_000 + 540 * MINUTE, packets_received: 60 * 540_000 };
    const { departures } = await updateBaseline(file, statusOf(burst), NOON + 540 * MINUTE);
    expect(departures).toMatchObject([{ metric: 'packetsReceived', median: 100 }]);
  });

  it('is whole whoever writes at the same time, and no other file stays', async () => {
    const file = await place();
    await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        updateBaseline(file, statusOf({ num_alive_connections: i }), NOON + i * MINUTE),
      ),
    );
    expect((await updateBaseline(file, statusOf({ num_alive_connections: 1 }), NOON + 30 * MINUTE)).departures).toEqual(
      [],
    );
    expect(await readdir(join(file, '..'))).toEqual(['baseline.json']);
  });

  it('forgets what was learnt while the clock of this machine was wrong', async () => {
    const file = await place();
    const status = statusOf({ num_alive_connections: 1 });
    await updateBaseline(file, status, NOON + 1000 * 24 * 60 * MINUTE);
    const { learning } = await updateBaseline(file, status, NOON);
    expect(learning).toMatchObject([{ samples: 1 }]);
  });

  const sound = { kind: 'zksh baseline', version: 1, samples: {}, counters: {} };
  it.each<[string, unknown, string]>([
    ['text', 'hello', 'BAD_BASELINE'],
    ['half of one', '{"kind":"zksh baseline","vers', 'BAD_BASELINE'],
    ['another file', { name: 'zksh' }, 'BAD_BASELINE'],
    ['a list', [1], 'BAD_BASELINE'],
    ['one without parts', { kind: 'zksh baseline', version: 1 }, 'BAD_BASELINE'],
    ['samples that are none', { ...sound, samples: { 1: { connections: [[1, 'many']] } } }, 'BAD_BASELINE'],
    [
      'samples out of order',
      {
        ...sound,
        samples: {
          1: {
            connections: [
              [9, 1],
              [8, 1],
            ],
          },
        },
      },
      'BAD_BASELINE',
    ],
    ['a member that is none', { ...sound, samples: { 1: 7 } }, 'BAD_BASELINE'],
    ['counters that are none', { ...sound, counters: { 1: { at: 1, values: { packets_sent: 'x' } } } }, 'BAD_BASELINE'],
    ['that of a newer zksh', { ...sound, version: 2 }, 'NEWER_BASELINE'],
  ])('that is %s is refused, and stays as it is', async (_, content, code) => {
    const file = await place();
    await updateBaseline(file, statusOf({}), NOON);
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    await writeFile(file, text);
    const refused = updateBaseline(file, statusOf({ num_alive_connections: 1 }), NOON);
    await expect(refused).rejects.toMatchObject({ code, hint: expect.any(String) });
    await expect(refused).rejects.toThrow(file);
    expect(await readFile(file, 'utf8')).toBe(text);
  });

  it('that names metrics which this release does not know is read without them', async () => {
    const file = await place();
    await updateBaseline(file, statusOf({}), NOON);
    await writeFile(file, JSON.stringify({ ...sound, samples: { 1: { humidity: [[1, 1]] } } }));
    await expect(updateBaseline(file, statusOf({ num_alive_connections: 1 }), NOON)).resolves.toMatchObject({
      learning: [{ metric: 'connections', samples: 1 }],
    });
  });

  it('that can not be written is said', async () => {
    const file = await place();
    await updateBaseline(file, statusOf({}), NOON);
    await expect(updateBaseline(join(file, 'below'), statusOf({}), NOON)).rejects.toMatchObject({
      code: 'BASELINE_FILE',
    });
    await expect(updateBaseline(join(file, '..'), statusOf({}), NOON)).rejects.toMatchObject({ code: 'BASELINE_FILE' });
  });

  it('learns of a real ensemble', async () => {
    const ensemble = await sharedEnsemble('three');
    const file = await place();
    const status = async () =>
      ensembleStatus({ members: await observed(ensemble.connectString, askingOf()), config: undefined, took: 1 });
    await updateBaseline(file, await status(), NOON);
    const { departures, learning } = await updateBaseline(file, await status(), NOON + MINUTE);
    expect(departures).toEqual([]);
    for (const id of ['1', '2', '3']) {
      const metrics = learning.filter(({ member }) => member === id).map(({ metric }) => metric);
      expect(metrics).toEqual(expect.arrayContaining(['connections', 'znodes', 'latencyAvg', 'openFiles']));
    }
  });
});
