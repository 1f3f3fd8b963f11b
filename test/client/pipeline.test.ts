import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Outlet, Pipeline } from '../../src/client/pipeline.ts';
import { PendingRequest } from '../../src/client/request.ts';
import { JuteReader } from '../../src/jute/reader.ts';
import { operations } from '../../src/protocol/operations.ts';

const NOTHING = new JuteReader(Buffer.alloc(0));

/** Notes the xids of what is sent, and the socket writes it took. */
class Wire implements Outlet {
  writable = true;
  readonly unanswered: number[] = [];
  readonly paths: string[] = [];
  writes = 0;

  write(bytes: Buffer): void {
    this.writes++;
    for (let at = 0; at < bytes.length; at += 4 + bytes.readInt32BE(at)) {
      const length = bytes.readInt32BE(at + 12);
      this.unanswered.push(bytes.readInt32BE(at + 4));
      this.paths.push(bytes.toString('utf8', at + 16, at + 16 + length));
    }
  }

  answer(pipeline: Pipeline): void {
    const xid = this.unanswered.shift();
    if (xid !== undefined) pipeline.reply({ xid, zxid: 1n, err: 0 }, NOTHING, () => {});
  }
}

function deletion(path: string, settled: string[]): PendingRequest {
  const record = { path, version: -1 };
  const ask = { name: 'delete', operation: operations.delete, record, path } as never;
  return new PendingRequest(
    ask,
    () => settled.push(path),
    () => settled.push(`${path} failed`),
  );
}

/** What is flushed soon is flushed by then. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('requests on the wire', () => {
  it('are never more than the window, keep their order and are all answered, whatever comes when', async () => {
    const step = fc.oneof(
      fc.record({ ask: fc.integer({ min: 1, max: 12 }) }),
      fc.record({ answer: fc.integer({ min: 1, max: 12 }) }),
      fc.constantFrom('turn' as const, 'full' as const, 'drained' as const),
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.array(step, { maxLength: 40 }), async (window, steps) => {
        const pipeline = new Pipeline({ window, queueLimit: 10_000 });
        const wire = new Wire();
        const settled: string[] = [];
        let asked = 0;
        pipeline.attach(wire);
        for (const next of steps) {
          if (next === 'turn') await turn();
          else if (next === 'full') wire.writable = false;
          else if (next === 'drained') {
            wire.writable = true;
            pipeline.flush();
          } else if ('ask' in next) {
            for (let i = 0; i < next.ask; i++) pipeline.submit(deletion(`/${asked++}`, settled));
          } else for (let i = 0; i < next.answer; i++) wire.answer(pipeline);
          expect(wire.unanswered.length).toBeLessThanOrEqual(window);
        }
        wire.writable = true;
        pipeline.flush();
        for (let i = 0; settled.length < asked && i <= asked; i++) {
          wire.answer(pipeline);
          await turn();
        }
        const all = Array.from({ length: asked }, (_, i) => `/${i}`);
        expect(settled).toEqual(all);
        expect(wire.paths).toEqual(all);
      }),
    );
  });

  it('go out at once while the window has room', async () => {
    const pipeline = new Pipeline({ window: 8, queueLimit: 100 });
    const wire = new Wire();
    pipeline.attach(wire);
    for (let i = 1; i <= 8; i++) {
      pipeline.submit(deletion(`/${i}`, []));
      await turn();
      expect(wire.unanswered.length).toBe(i);
    }
  });

  it('go out many a write behind a full window, when half of it is answered', async () => {
    const pipeline = new Pipeline({ window: 8, queueLimit: 100 });
    const wire = new Wire();
    pipeline.attach(wire);
    for (let i = 0; i < 20; i++) pipeline.submit(deletion(`/${i}`, []));
    await turn();
    const waiting: number[] = [];
    for (let i = 0; i < 8; i++) {
      wire.answer(pipeline);
      await turn();
      waiting.push(wire.unanswered.length);
    }
    expect(waiting).toEqual([7, 6, 5, 8, 7, 6, 5, 8]);
    expect(wire.writes).toBe(3);
  });
});
