import type { TlsSettings } from '../auth/tls.ts';

/** A user and the reference of a secret (`env:NAME`, `file:PATH`, `cmd:…`, `prompt`). */
export interface SaslSetting {
  mechanism: 'DIGEST-MD5' | 'GSSAPI';
  user?: string | undefined;
  secret?: string | undefined;
}

/** One ensemble and how to reach it; passwords inside are references to secrets. */
export interface Context {
  servers: string;
  /** Milliseconds. */
  sessionTimeout?: number | undefined;
  tls?: TlsSettings | undefined;
  /** Each `scheme:secret`, such as `digest:env:ZK_AUTH`. */
  auth?: readonly string[] | undefined;
  sasl?: SaslSetting | undefined;
  readOnly?: boolean | undefined;
  /** Where the AdminServers are, as `--admin` says it. */
  admin?: readonly string[] | undefined;
  /**
   * How the machines of its members are reached: the path of an ensemble file, absolute or with `~/` before it, or what
   * stands in one.
   */
  ensemble?: string | Readonly<Record<string, unknown>> | undefined;
  /** Destruction asks to type the context's name. */
  protected?: boolean | undefined;
  note?: string | undefined;
}

/** The file of contexts. */
export interface Contexts {
  /** The context used when none is named. */
  current?: string | undefined;
  contexts: Record<string, Context>;
}
