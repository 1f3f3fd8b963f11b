/** What was wrong with the bytes. */
export type JuteFault = 'truncated' | 'length' | 'utf8' | 'boolean' | 'null' | 'trailing' | 'value';

/** Bytes that are not what the schema says, or a value the schema can't carry. */
export class JuteError extends Error {
  readonly fault: JuteFault;

  constructor(fault: JuteFault, message: string) {
    super(message);
    this.name = 'JuteError';
    this.fault = fault;
  }
}
