import { type Gate, label, targetOf, verdict } from './gate.ts';

/** What a member runs. */
export const RELEASE = {
  'release-as-wanted': {
    name: 'release-as-wanted',
    reason: 'That a command ended well is no proof: the member itself must say that it runs the release.',
    judge: (view) => {
      const member = targetOf(view);
      const told = member?.facts.version;
      if (member === undefined || told === undefined)
        return verdict(false, `member ${view.target} does not tell its release`);
      const wanted = view.wanted?.version;
      const right = wanted === undefined || told.value === wanted;
      const evidence = `${label(member)} tells ${told.value} (${told.source})`;
      return right
        ? verdict(true, evidence)
        : { ...verdict(false, `${evidence}, not ${wanted}`), hopeless: 'otherwise' };
    },
  },
} as const satisfies Record<string, Gate>;
