import type { ListFile } from '../../../../src/change/membership/static/member-lists.ts';
import type { Acks } from '../../../../src/change/membership/static/releases.ts';
import { type StaticChange, staticChange } from '../../../../src/change/membership/static/static-change.ts';
import { DEFAULT_CHANGE_LIMITS } from '../../../../src/change/plan.ts';
import { parseDynamicConfig } from '../../../../src/ensemble/dynamic-config.ts';
import { type Said, viewOf } from '../../../support/health-views.ts';

/** A zoo.cfg with these lines. */
export function listFileOf(text: string): ListFile {
  return { path: '/etc/zoo.cfg', text, mode: 0o644, dynamic: false };
}

/** An ensemble without reconfiguration whose members have the same list in their zoo.cfg; ids count from 1. */
export function staticEnsemble({
  voters,
  observers = 0,
  leader = 1,
  acks = 'known',
  down = [],
}: {
  voters: number;
  observers?: number;
  leader?: number;
  acks?: Acks;
  down?: readonly number[];
}): StaticChange {
  const ids = Array.from({ length: voters + observers }, (_, i) => i + 1);
  const text = ids.map((id) => `server.${id}=zk${id}:2888:3888${id > voters ? ':observer' : ''}\n`).join('');
  const config = { ...parseDynamicConfig(text), version: 0n };
  const roleOf = (id: number): NonNullable<Said['role']> => {
    if (down.includes(id)) return 'unreachable';
    return id === leader ? 'leader' : id > voters ? 'observer' : 'follower';
  };
  const { status } = viewOf(
    ids.map((id) => ({ role: roleOf(id) })),
    { config },
  );
  const files = new Map(ids.filter((id) => !down.includes(id)).map((id) => [BigInt(id), listFileOf(text)]));
  const change = { ensemble: 'x', status, limits: DEFAULT_CHANGE_LIMITS, made: 0, random: Math.random };
  const why = acks === 'all' ? '3.4.14 has no reconfiguration' : 'reconfiguration is off';
  return staticChange(change, { lists: { config, files }, acks, why });
}
