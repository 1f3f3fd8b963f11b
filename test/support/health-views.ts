import type { DynamicConfig } from '../../src/ensemble/dynamic-config.ts';
import { parseDynamicConfig } from '../../src/ensemble/dynamic-config.ts';
import { ensembleStatus } from '../../src/ensemble/ensemble-status.ts';
import { type Answers, factsOf } from '../../src/ensemble/facts.ts';
import type { HealthView } from '../../src/ensemble/health/check.ts';
import { type Health, judgeHealth } from '../../src/ensemble/health/judge.ts';
import { parseLimits } from '../../src/ensemble/health/limits.ts';
import { parseMntr } from '../../src/ensemble/metrics.ts';
import type { Missing } from '../../src/ensemble/missing.ts';
import type { MemberObservation } from '../../src/ensemble/observe-member.ts';
import { parseServerStatus } from '../../src/ensemble/server-status.ts';
import { type RecordedRole, recordedAnswers } from './recorded-answers.ts';

/** What a member of a made-up ensemble says; by default what one of 3.9.5 said when it was recorded. */
export interface Said {
  release?: string;
  role?: RecordedRole | 'unreachable' | 'read-only';
  /** Metrics without `zk_` that differ from those recorded; undefined takes one away. */
  mntr?: Record<string, string | number | undefined>;
  /** Nothing but `srvr`. */
  srvrOnly?: boolean;
  zxid?: bigint;
  conf?: Record<string, string | number>;
  words?: Record<string, string>;
  admin?: Record<string, Record<string, unknown>>;
  adminUrl?: string;
  missing?: Missing[];
  serverId?: bigint;
  config?: DynamicConfig;
  /** Milliseconds its clock is ahead of ours, known to half a second. */
  clock?: number;
  /** Not in the committed configuration. */
  stranger?: boolean;
}

/** A configuration of so many voters, their quorum ports told apart by `base`. */
export function voters(count: number, base = 2888): DynamicConfig {
  const lines = Array.from({ length: count }, (_, i) => `server.${i + 1}=zk${i + 1}:${base}:3888:participant;2181`);
  return parseDynamicConfig([...lines, 'version=100000000'].join('\n'));
}

/** An ensemble whose members say this, as the checks see it; ids count from 1. */
export function viewOf(
  members: readonly Said[],
  over: Partial<HealthView> & { config?: DynamicConfig | undefined } = {},
): HealthView {
  const config = 'config' in over ? over.config : voters(members.filter(({ stranger }) => stranger !== true).length);
  const seen = members.map((said, i) => observation(said, i, config));
  const status = ensembleStatus({ members: seen, config, took: 5 });
  return {
    status,
    limits: parseLimits([]),
    now: Date.UTC(2026, 0, 2),
    rootAcl: [],
    busiest: new Map(),
    certificates: { shown: [], silent: [], own: undefined },
    disks: new Map(),
    ...over,
  };
}

/** The judgement on members that say this. */
export function healthOf(members: readonly Said[], over?: Parameters<typeof viewOf>[1]): Health {
  return judgeHealth(viewOf(members, over));
}

/** Codes found, with their severity; `code` alone in the other lists. */
export function codesOf({ findings, notJudged, passed }: Health): {
  found: string[];
  notJudged: string[];
  passed: string[];
} {
  return {
    found: findings.map(({ severity, check }) => `${severity} ${check.code}`),
    notJudged: [...new Set(notJudged.map(({ check }) => check.code))],
    passed: passed.map(({ code }) => code),
  };
}

function observation(said: Said, index: number, config: DynamicConfig | undefined): MemberObservation {
  const id = BigInt(index + 1);
  const address = { host: `zk${id}`, port: 2181 };
  const answers = answersOf(said, id);
  const own = said.config ?? config;
  const member = {
    id: said.stranger === true ? said.serverId : id,
    name: `${address.host}:${address.port}`,
    targets: [{ ...address, tls: false }],
    admin: [],
    configured: said.stranger === true || config === undefined ? undefined : ('participant' as const),
  };
  return {
    member,
    address: said.role === 'unreachable' ? undefined : address,
    facts: factsOf(answers),
    adminUrl: said.adminUrl,
    metrics: answers.mntr,
    metricsFrom: answers.mntr && '4lw:mntr',
    settings: { conf: answers.conf },
    config: said.role === 'unreachable' || said.srvrOnly === true ? undefined : own,
    missing: said.missing ?? [],
    further: {
      words: new Map(Object.entries(said.words ?? {})),
      admin: new Map(Object.entries(said.admin ?? {})),
      missing: [],
    },
    clock: said.clock === undefined ? undefined : { at: 0, offset: said.clock, uncertainty: 500, source: 'admin:date' },
    took: 3,
    roundTrip: 1,
  };
}

function answersOf(said: Said, id: bigint): Answers {
  const { release = '3.9.5', role = 'follower' } = said;
  if (role === 'unreachable') return {};
  const recorded = recordedAnswers(release)[role === 'read-only' ? 'follower' : role];
  const srvr = parseServerStatus(recorded.words.srvr ?? '');
  if (role === 'notServing') return { notServing: '4lw:srvr' };
  const mode = role === 'read-only' ? 'read-only' : srvr.mode;
  const answers: Answers = { srvr: { ...srvr, mode, zxid: said.zxid ?? srvr.zxid } };
  if (said.srvrOnly === true) return answers;
  const mntr = new Map(parseMntr(recorded.words.mntr ?? ''));
  for (const [name, value] of Object.entries(said.mntr ?? {})) {
    if (value === undefined) mntr.delete(name);
    else mntr.set(name, `${value}`);
  }
  const conf = new Map(
    Object.entries({ serverId: said.serverId ?? id, maxClientCnxns: 60, ...said.conf }).map(([key, value]) => [
      key,
      `${value}`,
    ]),
  );
  return { ...answers, mntr, conf };
}
