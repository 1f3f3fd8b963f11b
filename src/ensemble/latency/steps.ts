import type { Client } from '../../client/client.ts';
import type { ConnectOptions } from '../../client/connect.ts';
import { joinPath } from '../../protocol/paths.ts';
import type { Connect } from '../client-probe.ts';
import { countOf, type LatencyPlan, OperationRecord, READS, WRITES } from './operations.ts';

/** What a step needs of the member it is measured at. */
export interface Place {
  client: Client;
  /** `host:port`, with the chroot. */
  servers: string;
  connect: Connect;
  options: ConnectOptions;
  signal: AbortSignal;
}

/** A thing to do again and again: one operation, or the three writes that belong together. */
interface Step {
  records: readonly OperationRecord[];
  /** How often in all; with a duration, its share beside the others. */
  count: number;
  done: number;
  run(place: Place): Promise<void>;
}

/** Shows what a write of such a znode is, to who finds it in a log. */
const NAME = 'zksh-latency-';
const DATA = Buffer.alloc(100, 'x');
/** How long the end of a session is waited for that is not measured. Milliseconds. */
const FAREWELL = 500;

/** The steps of a plan, for one member. */
export function stepsOf(plan: LatencyPlan): Step[] {
  const steps = plan.operations.flatMap((operation): Step[] => {
    const read = READS[operation];
    // A session that can't be had costs as long as a member may take: once is enough.
    const record = new OperationRecord(operation, operation === 'connect' ? 1 : undefined);
    const step = { records: [record], count: countOf(operation, plan), done: 0 };
    if (operation === 'connect') return [{ ...step, run: (place) => openAndClose(place, record) }];
    if (read === undefined) return [];
    const run = async ({ client, signal }: Place) => {
      await record.time(() => read(client, plan.path, signal));
    };
    return [{ ...step, run }];
  });
  const writes = plan.operations.filter((operation) => WRITES.includes(operation));
  return writes.length === 0 ? steps : [...steps, writeStep(plan, writes)];
}

/** The step that lags most behind its share; undefined when all is done. */
export function nextStep(steps: readonly Step[], endless: boolean): Step | undefined {
  const open = steps.filter(
    ({ records, count, done }) => (endless || done < count) && records.some((record) => !record.givenUp),
  );
  return open.reduce<Step | undefined>(
    (least, step) => (least === undefined || step.done / step.count < least.done / least.count ? step : least),
    undefined,
  );
}

async function openAndClose({ servers, connect, options, signal }: Place, record: OperationRecord): Promise<void> {
  // A session that can't be had says nothing of the one that is open, whose end is told by itself.
  const tolerable = () => !signal.aborted;
  const client = await record.time(() => connect(servers, { ...options, signal }), tolerable);
  await client?.close({ timeout: FAREWELL }).catch(() => undefined);
}

/** The znode is ephemeral: it can't outlive the session, however the measuring ends. */
function writeStep(plan: LatencyPlan, writes: LatencyPlan['operations']): Step {
  const [create, setData, remove] = WRITES.map((operation) => new OperationRecord(operation));
  if (create === undefined || setData === undefined || remove === undefined) throw new Error('three writes');
  const base = joinPath(plan.path, NAME);
  return {
    records: [create, setData, remove].filter(({ operation }) => writes.includes(operation)),
    count: Math.max(...writes.map((operation) => countOf(operation, plan))),
    done: 0,
    run: async ({ client, signal }) => {
      const made = await create.time(() => client.create(base, DATA, { mode: 'ephemeral_sequential', signal }));
      if (made === undefined) return;
      if (writes.includes('setData')) await setData.time(() => client.setData(made.path, DATA, { signal }));
      await remove.time(() => client.delete(made.path, { signal }));
    },
  };
}
