/** How long something on a host may take, and who may end it earlier. */
export interface Limits {
  /** Milliseconds. */
  timeout?: number | undefined;
  /** Ends the wait, not what runs on the host: its reason is thrown. */
  signal?: AbortSignal | undefined;
}

export interface RunOptions extends Limits {
  stdin?: string | Uint8Array | undefined;
  /** Output over this many bytes ends the command: 1 MiB by default. */
  maxOutput?: number | undefined;
  /** Done twice is done once: when the connection breaks meanwhile, nothing needs to be looked at. */
  idempotent?: boolean | undefined;
  /** Texts that no message may show. */
  secrets?: readonly string[] | undefined;
}

/** A command that ran to its end, whatever its exit code. */
export interface Ran {
  code: number;
  stdout: Buffer;
  /** As text, bytes that are none replaced. */
  stderr: string;
}

export interface FileStat {
  /** A symbolic link is followed. */
  kind: 'file' | 'directory' | 'other';
  /** Bytes. */
  size: number;
  /** Permission bits, such as 0o640. */
  mode: number;
  /** Names, or numbers where they have none. */
  owner: string;
  group: string;
}

/** What a file or directory shall be like. */
export interface Ownership {
  mode: number;
  /** `user` or `user:group`; left out, a file that is replaced keeps its owner. */
  owner?: string | undefined;
}

/** The file system a path is on. */
export interface Space {
  /** Equal for two paths of one file system. */
  device: string;
  mount: string;
  /** Bytes a user may still write. */
  free: number;
  /** Bytes. */
  size: number;
}

/** The clock of a host, seen from here. */
export interface HostClock {
  /** Milliseconds since the epoch. */
  time: number;
  /** Milliseconds it is ahead of the clock here. */
  offset: number;
  /** The offset is right within as many milliseconds, more or less. */
  uncertainty: number;
}

/** What came of connecting to a port from a host. */
export interface PortAnswer {
  /** `silent`: no answer within the limit, or no way there, as behind a firewall; `unknown`: the host has nothing to try it with. */
  state: 'open' | 'closed' | 'silent' | 'unresolved' | 'unknown';
  detail: string;
}

export interface ServiceStatus {
  /** `failed` ended otherwise than by a stop; `unknown` is neither running nor stopped for sure, `detail` says why. */
  state: 'running' | 'stopped' | 'failed' | 'unknown';
  pid?: number | undefined;
  /** Since when it is in that state, milliseconds since the epoch. */
  since?: number | undefined;
  /** In the words of what controls it. */
  detail: string;
}

/**
 * The server of a member as its host runs it. Each returns when the deed is done, which is not yet that the server
 * serves. @throws HostError
 */
export interface Service {
  /** What controls it, for a person: `systemd unit zookeeper.service`. */
  readonly what: string;
  start(limits?: Limits): Promise<void>;
  /** Returns when its process is gone. */
  stop(limits?: Limits): Promise<void>;
  restart(limits?: Limits): Promise<void>;
  status(limits?: Limits): Promise<ServiceStatus>;
}

/**
 * The machine of a member. Paths are absolute. Whatever can't be had or done throws a HostError, which tells whether
 * the deed may have happened; an aborted signal throws its reason.
 */
export interface HostDriver {
  /** For messages: `zk1.example.com`. */
  readonly name: string;
  readonly kind: 'local' | 'ssh' | 'docker' | 'kubernetes' | 'commands';
  readonly service: Service;
  /** Runs a program with exactly these arguments; no shell looks at them. It failing is a result, not an error. */
  run(argv: readonly string[], options?: RunOptions): Promise<Ran>;
  /** @throws HostError `NO_FILE`; `FILE_TOO_LARGE` when it has more than `maxBytes`, unless its end is what is wanted */
  readFile(path: string, options: Limits & { maxBytes: number; end?: boolean }): Promise<Buffer>;
  /**
   * A reader sees the old content or the new, never half of it, also after a power cut; mode and owner are right from
   * the first moment. Through a symbolic link its target is replaced. Needs the directory to be there.
   */
  writeFile(path: string, content: string | Uint8Array, options: Limits & Ownership): Promise<void>;
  /** Undefined when nothing is there. */
  stat(path: string, limits?: Limits): Promise<FileStat | undefined>;
  /** Names in a directory, sorted; those that begin with a dot too. */
  list(path: string, limits?: Limits): Promise<string[]>;
  /** Makes it, and those above it; one that is there stays as it is. Returns whether it was made. */
  makeDirectory(path: string, options: Limits & Ownership): Promise<boolean>;
  /** Removes a file, or a link; returns whether it was there. */
  removeFile(path: string, limits?: Limits): Promise<boolean>;
  space(path: string, limits?: Limits): Promise<Space>;
  /** Bytes that a new process could take without swapping; undefined where the host does not tell. */
  freeMemory(limits?: Limits): Promise<number | undefined>;
  clock(limits?: Limits): Promise<HostClock>;
  /** Connects from there, and sends nothing. */
  portOpen(host: string, port: number, limits?: Limits): Promise<PortAnswer>;
  /** Ends what is kept open to the host; a later call opens it again. */
  close(): Promise<void>;
}
