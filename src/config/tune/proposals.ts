import {
  globalOutstandingLimit,
  heap,
  juteMaxbuffer,
  maxClientCnxns,
  preAllocSize,
  purgeInterval,
  snapCount,
  snapRetainCount,
} from './load.ts';
import type { Proposal, TuneInput } from './proposal.ts';
import { initLimit, maxSessionTimeout, syncLimit, tickTime } from './timing.ts';

const PROPOSERS: readonly ((input: TuneInput, tick: number) => Proposal)[] = [
  initLimit,
  syncLimit,
  maxSessionTimeout,
  maxClientCnxns,
  globalOutstandingLimit,
  snapCount,
  preAllocSize,
  purgeInterval,
  snapRetainCount,
  juteMaxbuffer,
  heap,
];

/** Every proposal: what to change first, then what is fine, then what cannot be told. Limits count in the tick proposed. */
export function proposals(input: TuneInput): Proposal[] {
  const first = tickTime(input);
  const tick = Number(first.proposed ?? input.now('tickTime')?.number ?? 2000);
  const all = [first, ...PROPOSERS.map((propose) => propose(input, tick))];
  const order = ['change', 'keep', 'unknown'];
  return [...all].sort((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));
}
