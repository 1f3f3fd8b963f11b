import type { Acl } from '../protocol/acl.ts';
import type { CreateMode } from '../protocol/create-mode.ts';
import type { WatchEvent } from '../protocol/events.ts';
import type { CallOptions } from './request.ts';
import type { StateChange } from './session-state.ts';

/** Everything a session tells of by itself. */
export type ClientEvent = WatchEvent | StateChange;

/** A read that may leave a one-shot watch; its event comes through {@link Client.events}. */
export interface ReadOptions extends CallOptions {
  watch?: boolean | undefined;
}

/** A change that may be meant for one version only. */
export interface VersionOptions extends CallOptions {
  /** The version the znode must have; −1, the default, means any. */
  version?: number | undefined;
}

/** How a znode is to be created. */
export interface CreateOptions extends CallOptions {
  /** `persistent` by default. */
  mode?: CreateMode | undefined;
  /** `world:anyone:cdrwa` by default. */
  acl?: readonly Acl[] | undefined;
  /** Time to live in milliseconds, for the modes that end in `_with_ttl`. */
  ttl?: number | bigint | undefined;
  /** Ask for the new znode's Stat as well; needs a server from 3.5. */
  stat?: boolean | undefined;
}

/** A change of membership: either whole (`members`) or by what joins and leaves. */
export interface Reconfiguration extends CallOptions {
  /** Server lines, comma-separated: `server.4=h4:2888:3888:participant;2181`. */
  joining?: string | undefined;
  /** Server ids, comma-separated. */
  leaving?: string | undefined;
  /** The complete new membership, as server lines. */
  members?: string | undefined;
  /** The config version this change is meant for; the server refuses when it is another. −1 means any: avoid it. */
  fromVersion: bigint;
}
