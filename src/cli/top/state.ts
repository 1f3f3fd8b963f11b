import type { Connections } from '../../ensemble/sampling/connections.ts';
import { connectionsOf } from '../../ensemble/sampling/connections.ts';
import { type History, withSample } from '../../ensemble/sampling/history.ts';
import type { Sample } from '../../ensemble/sampling/sample.ts';

/** What rows are sorted by; a table without such a column keeps to its own order. */
export const SORTS = ['member', 'client', 'received', 'sent', 'connections', 'latency', 'queued', 'lag'] as const;

export type Sort = (typeof SORTS)[number];

/** Everything that decides what `top` shows. Times are milliseconds, moments since the epoch. */
export interface TopState {
  /** The context's name, or the servers. */
  readonly name: string;
  readonly now: number;
  readonly interval: number;
  readonly sample: Sample | undefined;
  readonly history: History;
  readonly connections: Connections | undefined;
  readonly paused: boolean;
  readonly show: 'both' | 'members' | 'connections';
  readonly sort: Sort;
  readonly reversed: boolean;
  /** Connections added up by the host they come from. */
  readonly byHost: boolean;
  /** What is drawn over time. */
  readonly trend: 'requests' | 'latency';
  /** A part of the address of the clients to show; empty for all. */
  readonly filter: string;
  /** Rows scrolled past. */
  readonly offset: number;
  readonly help: boolean;
  /** A value being typed. */
  readonly typing:
    | { readonly what: 'filter' | 'interval'; readonly text: string; readonly problem?: string }
    | undefined;
}

/** As many points as the widest sparkline has columns. */
const KEPT = 60;

/** What is shown before anything is known. */
export function newTop(given: Pick<TopState, 'name' | 'now' | 'interval' | 'sort'>): TopState {
  return {
    ...given,
    sample: undefined,
    history: [],
    connections: undefined,
    paused: false,
    show: 'both',
    reversed: false,
    byHost: true,
    trend: 'requests',
    filter: '',
    offset: 0,
    help: false,
    typing: undefined,
  };
}

/** The state with one more sample. */
export function sampled(state: TopState, sample: Sample): TopState {
  return {
    ...state,
    now: Math.max(state.now, sample.at),
    sample,
    history: withSample(state.history, sample, KEPT),
    connections: connectionsOf(sample, state.connections),
  };
}
