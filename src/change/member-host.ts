/** What a service manager says of a server's process. */
export interface ServiceState {
  state: 'running' | 'stopped' | 'failed' | 'unknown';
  pid?: number | undefined;
}

/** The machine of a member, as far as changes need it. */
export interface MemberHost {
  /** As the inventory names it, for messages. */
  readonly name: string;
  readonly service: {
    status(): Promise<ServiceState>;
    start(): Promise<void>;
    stop(): Promise<void>;
    restart(): Promise<void>;
  };
}
