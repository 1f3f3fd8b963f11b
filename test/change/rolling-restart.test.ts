import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { applyPlan } from '../../src/change/apply.ts';
import { DEFAULT_CHANGE_LIMITS } from '../../src/change/plan.ts';
import { planRollingRestart } from '../../src/change/rolling-restart.ts';
import { ephemeralEnsemble } from '../support/ensembles.ts';
import { changing } from './changing.ts';

const LIMITS = { ...DEFAULT_CHANGE_LIMITS, stability: 500 };

describe('a rolling restart of three', () => {
  it('goes through followers and then the leader, with one member down at most, and no client loses anything', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3 });
    const applying = await changing(ensemble);
    const status = await applying.context.observe();
    const plan = planRollingRestart({
      ensemble: 'x',
      status,
      only: [],
      limits: LIMITS,
      made: Date.now(),
      random: Math.random,
    });
    expect(plan.steps.at(-1)?.member).toBe(status.leader?.id);
    const report = await applyPlan(plan, applying);
    expect(report.state).toMatchObject({ state: 'running', remaining: [], current: undefined });
    expect(report.canary).toMatchObject({ sessions: 3, lost: 0, wrong: [], problem: undefined });
    const journal = (await readFile(report.journal, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(journal.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['plan', 'begin', 'gate', 'act', 'acted', 'done', 'end']),
    );
  });
});
