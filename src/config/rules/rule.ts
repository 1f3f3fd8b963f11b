import { type MemberConfig, type Setting, settingOf } from '../member.ts';
import type { Release } from '../parameters/release.ts';

export const SEVERITIES = ['error', 'warning', 'advice'] as const;

/** `error`: a server does not start, or the ensemble breaks; `warning`: it will hurt one day; `advice`: it could be better. */
export type Severity = (typeof SEVERITIES)[number];

/** What a rule looks at. */
export interface Subject {
  readonly member: MemberConfig;
  readonly release: Release;
  /** Whether somebody said which release it is for. */
  readonly releaseKnown: boolean;
  /** The names most like a misspelt one. */
  nearest(typed: string, names: readonly string[]): string[];
}

/** One place where a rule is broken. */
export interface Hit {
  /** The setting that breaks it; undefined for one that is missing. */
  readonly at?: Setting | undefined;
  readonly message: string;
  /** What to write instead, where that is known. */
  readonly fix?: string | undefined;
}

/** What there is to say of a rule. */
export interface RuleText {
  /** Stable: `--ignore` and scripts name it. */
  readonly id: string;
  readonly severity: Severity;
  /** What it finds: a fragment. */
  readonly summary: string;
  /** Why that matters: sentences. */
  readonly why: string;
  /** Where ZooKeeper's documentation says so. */
  readonly reference?: string | undefined;
  /** Whether a server with such a configuration does not start. */
  readonly refuses?: boolean | undefined;
  /**
   * What it judges of a running server that is seldom told: the `text` of its zoo.cfg, all `names` that were set beside
   * those of QuorumPeerConfig, the `values` of all, or its `machine`.
   */
  readonly needs?: 'text' | 'names' | 'values' | 'machine' | undefined;
}

/** A rule about the configuration of one member. */
export interface Rule extends RuleText {
  check(subject: Subject): readonly Hit[];
}

/** A rule about what the members of one ensemble have to share. */
export interface EnsembleRule extends RuleText {
  compare(members: readonly MemberConfig[], release: Release): readonly (Hit & { readonly file: string })[];
}

/** A hit at the setting of a key. */
export function hitAt({ member }: Subject, key: string, message: string, fix?: string): Hit {
  return { at: settingOf(member, key), message, fix };
}

/** One hit where a condition holds, none otherwise. */
export function when(condition: boolean, hit: () => Hit): Hit[] {
  return condition ? [hit()] : [];
}
