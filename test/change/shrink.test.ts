import { expect, it } from 'vitest';
import { applyPlan } from '../../src/change/apply.ts';
import { planRemoval } from '../../src/change/membership/remove-member.ts';
import { ephemeralEnsemble } from '../support/ensembles.ts';
import { changing } from './changing.ts';
import { changeOf, LIMITS, writing } from './members-changing.ts';

it('shrinks from seven voters to one, step by step under load, and loses no acknowledged write', {
  timeout: 180_000,
}, async () => {
  const ensemble = await ephemeralEnsemble({ servers: 7 });
  const applying = await changing(ensemble, { canary: undefined });
  const load = await writing(ensemble);
  const seen: number[] = [];
  for (let voters = 7; voters > 1; voters -= 1) {
    const change = await changeOf(applying, { ...LIMITS, stability: 300 });
    const leader = change.status.leader?.id ?? 0n;
    // In turn one that follows, and the leader.
    const victim = voters % 2 === 1 ? change.status.quorum?.voters.find((id) => id !== leader) : leader;
    await applyPlan(planRemoval(change, victim ?? 0n, false), applying);
    const { quorum } = await applying.context.observe();
    expect(quorum).toMatchObject({ quorum: true, live: quorum?.voters });
    seen.push(quorum?.voters.length ?? 0);
  }
  expect(seen).toEqual([6, 5, 4, 3, 2, 1]);
  await load.proven();
});
