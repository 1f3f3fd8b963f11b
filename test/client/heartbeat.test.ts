import { beforeEach, describe, expect, it } from 'vitest';
import type { Connection } from '../../src/client/connection.ts';
import { Heartbeat } from '../../src/client/heartbeat.ts';
import type { ZkshError } from '../../src/protocol/errors.ts';
import { ManualEnvironment } from '../support/manual-environment.ts';

class QuietConnection {
  lastHeard = 0;
  lastSent = 0;
  readonly pings: number[] = [];
  ended: ZkshError | undefined;
  answers = true;
  readonly #clock: ManualEnvironment;

  constructor(clock: ManualEnvironment) {
    this.#clock = clock;
  }

  write(bytes: Buffer): void {
    // length 8, xid −2, operation 11
    expect(bytes.toString('hex')).toBe('00000008fffffffe0000000b');
    this.lastSent = this.#clock.now();
    this.pings.push(this.lastSent);
    if (this.answers) this.lastHeard = this.#clock.now();
  }

  destroy(reason: ZkshError): void {
    this.ended = reason;
  }
}

describe('an idle session of 9 seconds', () => {
  let clock: ManualEnvironment;
  let connection: QuietConnection;
  let heartbeat: Heartbeat;

  beforeEach(() => {
    clock = new ManualEnvironment();
    connection = new QuietConnection(clock);
    heartbeat = new Heartbeat(connection as unknown as Connection, 9000, clock);
  });

  it('is pinged each third of its timeout', () => {
    clock.advance(10_000);
    expect(connection.pings).toEqual([3000, 6000, 9000]);
    expect(connection.ended).toBeUndefined();
  });

  it('is not pinged while there is other traffic', () => {
    for (let second = 1; second <= 20; second++) {
      clock.advance(1000);
      connection.lastSent = connection.lastHeard = clock.now();
    }
    expect(connection.pings).toEqual([]);
  });

  it('gives a silent server up at two thirds, though it keeps sending to it', () => {
    connection.answers = false;
    clock.advance(5990);
    expect(connection.ended).toBeUndefined();
    clock.advance(20);
    expect(connection.ended).toMatchObject({ code: 'SERVER_SILENT', exitCode: 5 });
  });

  it('is left alone once stopped', () => {
    heartbeat.stop();
    clock.advance(60_000);
    expect(connection.pings).toEqual([]);
    expect(connection.ended).toBeUndefined();
  });
});
