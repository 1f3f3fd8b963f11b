import { factsOf } from '../../src/ensemble/facts.ts';
import type { MemberObservation } from '../../src/ensemble/observe-member.ts';

/** A member, 1 at zk1:2181, that answered nothing, but for what is given. */
export function observation(given: Partial<MemberObservation> = {}): MemberObservation {
  return {
    member: { id: 1n, name: 'zk1:2181', targets: [], admin: [], configured: 'participant' },
    address: undefined,
    facts: factsOf({}),
    adminUrl: undefined,
    metrics: undefined,
    metricsFrom: undefined,
    settings: {},
    config: undefined,
    missing: [],
    further: { words: new Map(), admin: new Map(), missing: [] },
    took: 1,
    roundTrip: undefined,
    ...given,
  };
}
