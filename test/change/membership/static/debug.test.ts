import { appendFileSync } from 'node:fs';
import { it } from 'vitest';
import { applyPlan } from '../../../../src/change/apply.ts';
import { planStaticAddition } from '../../../../src/change/membership/static/static-addition.ts';
import { ephemeralEnsemble } from '../../../support/ensembles.ts';
import { byLists, changingByLists, newcomer } from './static-local.ts';

const say = (what: unknown) => appendFileSync('/tmp/static-debug.log', `${new Date().toISOString().slice(11, 23)} ${typeof what === 'string' ? what : JSON.stringify(what, (_k, v) => typeof v === 'bigint' ? `${v}` : v)}\n`);
it('debug', { timeout: 110_000 }, async () => {
  const version = process.env.ZV;
  const ensemble = await ephemeralEnsemble({ servers: 3, ...(version ? { version } : { config: { reconfigEnabled: 'false' } }) });
  say('up');
  const hooks = { tell: (e: any) => say([e.type, e.step?.id, e.when, e.shut, e.evidence]), stopBecause: () => undefined };
  const applying = await changingByLists(ensemble, { canary: undefined, hooks });
  const change = await byLists(ensemble, applying);
  say('change');
  const joiner = await newcomer(ensemble, change);
  say(joiner.files);
  const plan = planStaticAddition(change, joiner);
  say(plan.steps.map((s) => s.id));
  await applyPlan(plan, applying);
});
