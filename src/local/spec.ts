import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { UsageError } from '../protocol/errors.ts';

/** What a throw-away ensemble shall be. */
export interface LocalSpec {
  /** Letters, digits, `.`, `_` and `-`; also the name of its directory. */
  name: string;
  /** Voting members, 3 by default; 1 without observers is a true standalone server. */
  servers?: number | undefined;
  observers?: number | undefined;
  /** A release such as `3.9.4`; fetched by Maven when it is not installed. */
  version?: string | undefined;
  zookeeperHome?: string | undefined;
  /** A secure client port with mutual TLS (a client certificate is made too) beside the plain one. */
  tls?: boolean | undefined;
  /** With `tls`: whether the secure port demands a client certificate; `need` is ZooKeeper's own default. */
  tlsClientAuth?: 'need' | 'want' | 'none' | undefined;
  /** TLS between the members too; needs `tls`. */
  quorumTls?: boolean | undefined;
  /** SASL DIGEST-MD5 for clients; the user is `zksh`, its secret in a 0600 file. */
  sasl?: boolean | undefined;
  /** Production defaults: only `srvr`, no reconfig, no TTL nodes, fsync on, 64 MiB log files. */
  bare?: boolean | undefined;
  /** Ensembles live in `stateDir/NAME`; the XDG state directory by default. */
  stateDir?: string | undefined;
  /** Where fetched releases are kept; the XDG cache directory by default. */
  cacheDir?: string | undefined;
  /** What each member binds and is known by, in the order of ids; 127.0.0.1 by default. Names must resolve here. */
  hosts?: readonly string[] | undefined;
  /** Extra lines of zoo.cfg; they win over ours. */
  config?: Readonly<Record<string, string>> | undefined;
  /** Text of a JAAS file for the servers, instead of the one `sasl` makes. */
  jaas?: string | undefined;
  /** `-Dname=value` of every server; on its command line, so nothing secret. */
  systemProperties?: Readonly<Record<string, string>> | undefined;
  /** Further flags of the JVM; they come last and win. */
  jvmFlags?: readonly string[] | undefined;
  /** Milliseconds `up` waits until all serve and agree on a leader, 90000 by default. */
  timeout?: number | undefined;
}

/** Names an ensemble that stands already. */
export interface EnsembleRef {
  name: string;
  stateDir?: string | undefined;
}

/** Where ensembles live: `$XDG_STATE_HOME/zksh/local`. */
export function defaultStateDir(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return join(env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state'), 'zksh', 'local');
}

/** The directory of an ensemble; throws `UsageError` for a name that could leave it. */
export function ensembleDirectory(ref: EnsembleRef): string {
  if (!/^[A-Za-z0-9][\w.-]{0,63}$/.test(ref.name)) {
    throw new UsageError(`"${ref.name}" can't be the name of a local ensemble`, {
      hint: 'Use up to 64 letters, digits, dots, dashes and underscores, a letter or digit first.',
    });
  }
  return resolve(ref.stateDir ?? defaultStateDir(), ref.name);
}

/** The lock that one zksh holds while it changes that ensemble; beside the directory, since `down` removes that. */
export function lockFile(ref: EnsembleRef): string {
  return join(ref.stateDir ?? defaultStateDir(), '.locks', ref.name);
}

/** Checks the numbers of a spec; throws `UsageError`. */
export function validateSpec(spec: LocalSpec): void {
  ensembleDirectory(spec);
  const { servers = 3, observers = 0 } = spec;
  if (spec.quorumTls === true && spec.tls !== true) throw new UsageError('TLS between members needs tls too');
  if (!Number.isInteger(servers) || servers < 1 || servers > 15) {
    throw new UsageError(`a local ensemble can't have ${servers} servers`, { hint: 'Choose 1 to 15.' });
  }
  if (!Number.isInteger(observers) || observers < 0 || observers > 15) {
    throw new UsageError(`a local ensemble can't have ${observers} observers`, { hint: 'Choose 0 to 15.' });
  }
}
