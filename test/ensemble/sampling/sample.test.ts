import { type AddressInfo, connect as connectTo, createServer } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect } from '../../../src/client/connect.ts';
import { parseConnectString } from '../../../src/client/connect-string.ts';
import type { Wanted } from '../../../src/ensemble/observe.ts';
import type { Asking } from '../../../src/ensemble/observe-member.ts';
import { type Sample, sampleEnsemble } from '../../../src/ensemble/sampling/sample.ts';
import { kill } from '../../../src/local/control.ts';
import { ephemeralEnsemble, sharedEnsemble, sharedRelease } from '../../support/ensembles.ts';

const ASKING: Asking = { limit: 5000, connect, options: {} };

function wantedOf(servers: string): Wanted {
  const listed = parseConnectString(servers).hosts.map((server) => ({ server }));
  return { listed, only: false, tls: false, admin: { off: true, everywhere: undefined, of: new Map() } };
}

/** A clock that goes on when somebody sleeps, and by what each look is said to take. */
function clock(...takes: number[]) {
  let time = 0;
  const pass = async (milliseconds: number): Promise<void> => {
    time += milliseconds;
    await turn();
  };
  return {
    now: () => time,
    spend: () => {
      time += takes.shift() ?? 0;
    },
    pass,
    sleep: pass,
  };
}

async function all(samples: AsyncIterable<Sample>, each = (_: Sample) => {}): Promise<Sample[]> {
  const found: Sample[] = [];
  for await (const sample of samples) {
    each(sample);
    found.push(sample);
  }
  return found;
}

/** A port that takes connections and never says a word. */
async function hanging(): Promise<number> {
  const server = createServer((socket) => void socket.on('error', () => undefined));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** A way to a server that can be closed. */
async function wayTo(port: number): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((socket) => {
    const onward = connectTo(port, '127.0.0.1').on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
    socket.pipe(onward).pipe(socket);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const close = () => new Promise<void>((done) => server.close(() => done()));
  onTestFinished(close);
  return { port: (server.address() as AddressInfo).port, close };
}

describe('samples of an ensemble', () => {
  it('come an interval apart, as many as asked for', async () => {
    const { connectString } = await sharedEnsemble('three');
    const time = clock();
    const samples = await all(sampleEnsemble(wantedOf(connectString), ASKING, { interval: 2000, count: 3, ...time }));
    expect(samples.map(({ at }) => at)).toEqual([0, 2000, 4000]);
    for (const { status } of samples) expect(status.members.map(({ id }) => id)).toEqual([1n, 2n, 3n]);
  });

  it('keep their cadence while looks take a part of it, and begin a new one after a look that took longer', async () => {
    const { connectString } = await sharedEnsemble('standalone');
    const time = clock(500, 300, 2600, 100);
    const samples = sampleEnsemble(wantedOf(connectString), ASKING, { interval: 2000, count: 5, ...time });
    const at = (await all(samples, time.spend)).map((sample) => sample.at);
    expect(at).toEqual([0, 2000, 4000, 6600, 8600]);
  });

  it('come at once when the sleep ends early, and an interval after that', async () => {
    const { connectString } = await sharedEnsemble('standalone');
    const time = clock();
    const sleep = async (milliseconds: number) => time.pass(Math.min(milliseconds, 700));
    const cadence = { interval: 2000, count: 3, now: time.now, sleep };
    expect((await all(sampleEnsemble(wantedOf(connectString), ASKING, cadence))).map(({ at }) => at)).toEqual([
      0, 700, 1400,
    ]);
  });

  it('are not held up by a member that hangs', async () => {
    const { connectString } = await sharedEnsemble('three');
    const wanted = wantedOf(`${connectString},127.0.0.1:${await hanging()}`);
    const patient = { ...ASKING, limit: 60_000 };
    const samples = await all(sampleEnsemble(wanted, patient, { interval: 50, count: 2 }));
    expect(samples).toHaveLength(2);
    expect(samples[1]!.status.members.at(-1)).toMatchObject({
      role: 'unreachable',
      observation: { missing: [{ reason: expect.stringContaining('did not answer within 1000 ms') }] },
    });
  });

  it('end with what the signal was aborted with', async () => {
    const { connectString } = await sharedEnsemble('standalone');
    const stop = new AbortController();
    const samples = sampleEnsemble(wantedOf(connectString), { ...ASKING, signal: stop.signal }, { interval: 60_000 });
    const reason = new Error('enough');
    await expect(all(samples, () => void setImmediate(() => stop.abort(reason)))).rejects.toBe(reason);
  });

  it('still have all members when the only one listed is dead', async () => {
    const ensemble = await ephemeralEnsemble({ servers: 3 });
    const { host, clientPort } = ensemble.members[0]!;
    let taken = 0;
    const sleep = async () => {
      taken += 1;
      if (taken === 1) await kill(ensemble, 1);
    };
    const cadence = { interval: 2000, count: 2, sleep };
    const [before, after] = await all(sampleEnsemble(wantedOf(`${host}:${clientPort}`), ASKING, cadence));
    expect(before!.status.quorum?.live).toEqual([1n, 2n, 3n]);
    expect(after!.status.members.map(({ id, role }) => ({ id, dead: role === 'unreachable' }))).toEqual([
      { id: 1n, dead: true },
      { id: 2n, dead: false },
      { id: 3n, dead: false },
    ]);
  });

  it('of 3.4, which tells no configuration, know the id of a member that is dead by now', async () => {
    const { members } = await sharedRelease('3.4.14');
    const way = await wayTo(members[0]!.clientPort);
    const sleep = () => way.close();
    const [before, after] = await all(
      sampleEnsemble(wantedOf(`127.0.0.1:${way.port}`), ASKING, { interval: 2000, count: 2, sleep }),
    );
    expect(before!.status.members).toMatchObject([{ id: 0n, role: 'standalone' }]);
    expect(after!.status.members).toMatchObject([{ id: 0n, role: 'unreachable' }]);
  });
});
